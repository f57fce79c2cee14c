"""Fifty takes reviewed by keys alone, a reload in between, and all of it undone: the library is as it was."""
from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
import soundfile

from core.config import DataRoot
from core.library import Library, Project
from core.library.transcripts import Draft
from core.steps import projects
from core.steps.record import save_take
from core.types import Word
from tests.made import RATE, tone
from tests.ui.driving import App, Visit, open_tab

pytestmark = [pytest.mark.browser, pytest.mark.slow]
N = 50
AT = "() => window.voicewright?.shown?.Review?.clip"


def fifty(lib: Library, folder: Path) -> Project:
    """Takes whose texts differ from their prompts in every third case, with timed words."""
    project = projects.create(lib, "Fifty to review").project
    lib.prompts.add(project.id, [(f"order two {number}", "") for number in range(N)])
    for number, prompt in enumerate(lib.prompts.of(project.id)):
        path = folder / f"{number}.wav"
        soundfile.write(path, tone(0.8, 200.0 + number), RATE, subtype="PCM_16")
        clip = save_take(lib, project, prompt.id, "ann", path, "maker").clip
        text = prompt.text if number % 3 else prompt.text.replace("two", "to")
        words = tuple(Word(word, 0.1 + 0.2 * n, 0.25 + 0.2 * n) for n, word in enumerate(text.split()))
        lib.transcripts.append(project.id, [Draft(clip.id, text, "model:m", None, words)], "maker")
    return project


def state(lib: Library, project: Project) -> list[object]:
    """All that a person sees of the takes."""
    return [(asdict(view.clip), view.text) for view in lib.clips.views(project.id)]


def test_fifty_takes_by_keys_and_back(visit: Visit, app: App, tmp_path: Path) -> None:
    page, lib = visit.page, Library(DataRoot(app.data))
    project = fifty(lib, tmp_path)
    before = state(lib, project)
    page.evaluate("(slug) => voicewright.remember('project', slug)", project.slug)
    page.reload()
    page.wait_for_selector(f".vw-open >> text={project.name}")
    open_tab(page, "Review")
    seen: list[str] = []
    for number in range(N):
        page.wait_for_function(f"(seen) => !seen.includes(({AT})() || '')", arg=[*seen, ""])
        clip = page.evaluate(AT)
        seen.append(clip)
        if number == 20:
            page.reload()
            page.wait_for_function(f"(clip) => ({AT})() === clip", arg=clip)
        if number % 3 == 0:
            page.keyboard.press("u")
            page.wait_for_function("() => voicewright.shown.Review.text.startsWith('order two')")
        if number % 10 == 5:
            page.keyboard.press("1")
            page.wait_for_function("() => voicewright.shown.Review.flags.length")
        if number % 10 == 7 and number % 3:  # the prompt's text has no times
            page.keyboard.press("k")
            page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Backspace" if number % 7 == 6 else "Enter")
    page.wait_for_selector("#review-empty >> text=every take has been decided")
    rows = lib.clips.briefs(project.id)
    assert [row.decision for row in rows].count("rejected") == N // 7
    assert all(row.text == row.prompt for row in rows if row.decision == "accepted")
    times = [lib.word_times.of(row.transcript_id) for row in rows]
    n_flagged, n_moved = sum(bool(row.flags) for row in rows), sum(
        found is not None and found.engine == "person" for found in times)
    assert (n_flagged, n_moved) == (5, 4)
    n_steps = N + len(range(0, N, 3)) + n_flagged + n_moved
    for left in range(n_steps, 0, -1):
        last = lib.changes.last_id(project.id)
        page.keyboard.press("Control+z")
        for _ in range(200):
            if lib.changes.last_id(project.id) != last:
                break
            page.wait_for_timeout(20)
        else:
            pytest.fail(f"{left} steps were not undone")
    assert state(lib, project) == before
    assert visit.strangers == [] and visit.bugs == []
