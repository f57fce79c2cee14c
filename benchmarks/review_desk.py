"""Review with thousands of takes: the seconds of the page and the milliseconds of each step, beside the same
page with one take and the smallest page of Gradio in the same browser.

    python benchmarks/review_desk.py [--takes N] [--runs N] [--json]
"""
from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr
import numpy as np
import soundfile

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from core.config import DataRoot  # noqa: E402
from core.db import connect  # noqa: E402
from core.library import Clip, Library, Project  # noqa: E402
from core.library.clips import insert  # noqa: E402
from core.library.transcripts import Draft  # noqa: E402
from core.library.transcripts import insert as write_down  # noqa: E402
from core.quality.clip import measure  # noqa: E402
from core.types import Word  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

RATE, SECONDS = 16000, 2.0
NAMES = "zero one two three four five six seven eight nine".split()


def make(lib: Library, name: str, n_takes: int) -> Project:
    """A project of takes that all lie on one small WAV: prompts, timed words, one mismatch in three."""
    project = lib.projects.add(name, name.title(), "blank", "en")
    audio = lib.root.project(project.slug) / "takes" / "one.wav"
    audio.parent.mkdir(parents=True, exist_ok=True)
    tone = 0.2 * np.sin(np.arange(int(RATE * SECONDS)) * 0.1)
    soundfile.write(audio, tone.astype(np.float32), RATE, subtype="PCM_16")
    path, chance = str(audio.relative_to(lib.root.path)), random.Random(0)
    said = [" ".join(chance.choices(NAMES, k=7)) + f" {number}" for number in range(n_takes)]
    lib.prompts.add(project.id, [(text, "") for text in said])
    quality = asdict(measure(tone.astype(np.float32), RATE, 8))
    prompts = {prompt.text: prompt.id for prompt in lib.prompts.of(project.id)}
    speaker = lib.speakers.named(project.id, "Ann").id
    with connect(lib.root.database) as db:
        for number, text in enumerate(said):
            clip_id = f"{name}{number:06}"
            insert(db, Clip(clip_id, project.id, "take", f"take-{number:05}.wav", path, clip_id, RATE,
                            int(RATE * SECONDS), 0.0, SECONDS, speaker, prompts[text], "target", "todo", "",
                            "", 0, None, quality, float(number + 1)))
            heard = text if number % 3 else text.replace("two", "to", 1)
            words = tuple(Word(word, 0.2 * n, 0.2 * n + 0.15) for n, word in enumerate(heard.split()))
            made = write_down(db, Draft(clip_id, heard, "model:made", None, words), "maker")
            db.execute("UPDATE clips SET transcript_id = ? WHERE id = ?", (made, clip_id))
    return project


def median_ms(act: Callable[[int], object], runs: int) -> float:
    """Median milliseconds of a step, after one that is not counted."""
    act(0)
    found = []
    for run in range(runs):
        began = time.perf_counter()
        act(run + 1)
        found.append(1000 * (time.perf_counter() - began))
    return statistics.median(found)


def steps(lib: Library, project: Project, runs: int) -> dict[str, float]:
    """What the server needs for "next", "accept and next" and a list that is asked for anew."""
    from ui.review_page import paint
    from ui.review_steps import accept
    from ui.seat import NEW, picture

    seat = picture(lib, project, {**NEW, "project": project.slug}).seat

    def onward(run: int) -> None:
        seat.update(paint(picture(lib, project, seat, 1))[0])

    def decide(run: int) -> None:
        text = lib.clips.view(seat["clip"]).text or ""
        seat.update(paint(picture(lib, project, seat, accept(lib, project, seat, "page:bench", text)))[0])

    def listed(run: int) -> None:
        asked = {"project": project.slug, "which": "mismatch", "query": NAMES[run % 10], "sort": "longest"}
        paint(picture(lib, project, {**NEW, **asked}))

    return {"next_ms": median_ms(onward, runs), "accept_ms": median_ms(decide, runs),
            "list_ms": median_ms(listed, runs)}


SHOWN = "() => window.voicewright?.shown?.Review?.clip"
GREETED = "() => document.querySelector('#greeting textarea, #greeting input')?.value === 'hello'"


def pages(data: Path, projects: Sequence[Project], runs: int) -> list[float]:
    """Median seconds until the first take stands on the Review tab of a real browser that was there before,
    for each project; and until the smallest page of Gradio shows what its server says. By turns, one page
    at a time."""
    from playwright.sync_api import sync_playwright

    from tests.conftest import BROWSERS
    from tests.ui.driving import QUIET_CHROMIUM, end_app, start_app

    app, hello = start_app(data, "--port", "0"), smallest()
    try:
        with sync_playwright() as playwright:
            chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
            browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET_CHROMIUM))
            desks = [desk(browser, app.url, project) for project in projects]
            every = [*((one, app.url, SHOWN) for one in desks),
                     (browser.new_context().new_page(), hello.local_url, GREETED)]
            found = [[opened(page, url, ready) for page, url, ready in every] for _ in range(runs + 1)]
            browser.close()
    finally:
        hello.close()
        end_app(app)
    return [statistics.median(times) for times in zip(*found[1:], strict=True)]


def smallest() -> gr.Blocks:
    """A page with a text that its server fills, as it is answered on loopback."""
    with gr.Blocks(analytics_enabled=False) as blocks:
        greeting = gr.Textbox(elem_id="greeting")
        blocks.load(lambda: "hello", None, greeting)
    blocks.launch(prevent_thread_lock=True, quiet=True)
    return blocks


def desk(browser: Browser, url: str, project: Project) -> Page:
    """A page in a profile of its own that stands on the Review tab of a project."""
    from tests.ui.driving import open_tab

    page = browser.new_context().new_page()
    page.set_default_timeout(120_000)
    page.goto(url)
    page.wait_for_selector("#project-create")
    page.evaluate("(slug) => voicewright.remember('project', slug)", project.slug)
    page.reload()
    page.wait_for_selector(f".vw-open >> text={project.name}")
    open_tab(page, "Review")
    page.wait_for_function(SHOWN)
    page.goto("about:blank")
    return page


def opened(page: Page, url: str, ready: str) -> float:
    """Seconds until `url` is `ready`; what comes behind that is waited for, and the page is left."""
    began = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_function(ready)
    seconds = time.perf_counter() - began
    page.wait_for_timeout(1500)
    page.goto("about:blank")
    page.wait_for_timeout(500)
    return seconds


def main() -> None:
    """Measure both projects in the same run; medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--takes", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        lib = Library(DataRoot(Path(place)))
        many, single = make(lib, "many", args.takes), make(lib, "single", 1)
        figures: dict[str, float] = {"takes": args.takes, "runs": args.runs, **steps(lib, many, args.runs)}
        names = ("page_s", "page_of_one_s", "smallest_page_s")
        figures |= zip(names, pages(Path(place), (many, single), args.runs), strict=True)
        figures["page_ratio"] = figures["page_s"] / figures["smallest_page_s"]
    print(
        json.dumps(figures)
        if args.json
        else f"{args.takes} takes: next {figures['next_ms']:.0f} ms, accept and next "
        f"{figures['accept_ms']:.0f} ms, search {figures['list_ms']:.0f} ms, page {figures['page_s']:.2f} s "
        f"({figures['page_of_one_s']:.2f} s with one take; {figures['page_ratio']:.1f} times the smallest "
        f"page of Gradio, {figures['smallest_page_s']:.2f} s), median of {args.runs}"
    )


if __name__ == "__main__":
    main()
