"""Recordings in a real browser: sound and text come in, the text is found, a click plays the right stretch, a
word is placed by hand and found there again."""
from __future__ import annotations

import io
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from playwright.sync_api import Browser, Page, expect

from core.config import DataRoot
from core.library import Library
from core.runs import listing
from core.steps import projects, recordings, timeline
from tests.long_made import TEXT, WHO, ran, recorded
from tests.noisy import RATE as MADE_RATE
from tests.noisy import noise, speech
from tests.ui.access import faults, open_all
from tests.ui.driving import App, Visit, open_tab
from tests.ui.test_narrow import look

pytestmark = [pytest.mark.browser, pytest.mark.slow]
RATE = 16_000
SAID = ("the bridge is blue and the tree is clean", "i do not understand the question",
        "one moment please", "please think about the loud breakfast yesterday",
        "the computer is good and the lunch is clean", "he must want the heavy morning last night",
        "it is sixteen past six tomorrow", "please write the clean shop yesterday")
UNSAID = "nobody has ever spoken about seven purple elephants in this room"
TIMES = """() => [...document.querySelector('.vw-line audio').src.matchAll(/(?:start|end)=([\\d.]+)/g)]
  .map((found) => Number(found[1]))"""


def meeting(folder: Path) -> tuple[Path, Path, list[float]]:
    """A recording of the sentences, one of them said twice, their text, and the second where each begins."""
    parts, begins, at = [np.zeros(RATE, np.float32)], list[float](), 1.0
    for line in [*SAID, SAID[3]]:
        said = soxr.resample(0.4 * speech(line, "en-us", 150), MADE_RATE, RATE)
        begins.append(at)
        parts += [said, np.zeros(round(1.2 * RATE), np.float32)]
        at += len(said) / RATE + 1.2
    sound = np.concatenate(parts)
    sound += 3e-4 * noise(len(sound), "room", np.random.default_rng(0))
    soundfile.write(folder / "meeting.wav", sound, RATE, subtype="PCM_16")
    (folder / "text.txt").write_text("\n".join(f"{line.capitalize()}." for line in [*SAID, UNSAID]))
    return folder / "meeting.wav", folder / "text.txt", begins


def come_back(page: Page, slug: str) -> None:
    """Open that project on the Recordings tab."""
    page.evaluate("(slug) => voicewright.remember('project', slug)", slug)
    page.reload()
    page.wait_for_selector(".vw-open:not(.vw-none)")
    open_tab(page, "Recordings")


def choose(page: Page, kind: str, files: Sequence[Path]) -> None:
    """Upload files, and wait until they are there."""
    page.set_input_files(f"#recordings-{kind} input[type=file]", files)
    expect(page.locator(f"#recordings-{kind} .file-preview, #recordings-{kind} table")).to_be_visible()


def heard_at(page: Page) -> tuple[float, float]:
    """From where to where the player has loaded."""
    start, end = page.evaluate(TIMES)
    return start, end


def place_of(page: Page, at: float, whole: float) -> dict[str, float]:
    """Where a second lies on the canvas, all of it shown."""
    page.locator("[data-line=view]").scroll_into_view_if_needed()
    return {"x": at / whole * page.locator("[data-line=view]").evaluate("(c) => c.clientWidth"), "y": 100}


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng makes the speech")
def test_a_text_is_found_heard_and_corrected_by_hand(visit: Visit, app: App, tmp_path: Path) -> None:
    page, lib = visit.page, Library(DataRoot(app.data))
    project = projects.create(lib, "Meeting by browser", "blank").project
    sound, text, begins = meeting(tmp_path)
    come_back(page, project.slug)
    expect(page.locator("#recordings-lists")).to_contain_text("Begin here")
    choose(page, "sounds", [sound])
    choose(page, "texts", [text])
    page.click("#recordings-add")
    expect(page.locator("#recordings-lists")).to_contain_text("meeting.wav")
    page.click("#recordings-find")
    expect(page.locator("#voicewright-job")).to_contain_text("Finding the text")
    page.wait_for_selector(".vw-line:visible canvas", timeout=240_000)
    expect(page.locator("#recordings-waiting")).to_contain_text("Review and Spot-check")
    recording, = lib.recordings.of(project.id)
    line = timeline.line(lib, project, recording.id)
    found = {piece.text: piece for piece in line.pieces if piece.clip}
    assert len(found) >= 3 and not any("elephants" in said for said in found)
    # a click plays what is said there, sample for sample
    shown = max(found.values(), key=lambda piece: piece.end - piece.start)
    page.click("[data-line=view]", position=place_of(page, (shown.start + shown.end) / 2, recording.seconds))
    expect(page.locator(".vw-line-piece")).to_contain_text(shown.text)
    page.wait_for_function("() => document.querySelector('.vw-line audio').currentTime > 0.2")
    assert heard_at(page) == pytest.approx((shown.start, shown.end), abs=0.002)
    served = page.request.get(page.evaluate("() => document.querySelector('.vw-line audio').src"))
    samples, _ = soundfile.read(io.BytesIO(served.body()), dtype="int16")
    whole, _ = soundfile.read(sound, dtype="int16")
    assert (samples == whole[round(shown.start * RATE):][:len(samples)]).all() and len(samples) > RATE
    # the keys go on to the next stretch
    page.keyboard.press("ArrowRight")
    expect(page.locator(".vw-line-piece")).not_to_contain_text(shown.text)
    # the sentence that is said twice: a person says that the second time is meant
    again = begins[-1]
    first = next(piece for piece in found.values() if "loud breakfast" in piece.text)
    assert abs(first.start - again) > 5
    page.keyboard.press("a")
    page.fill("[data-line=from]", f"{again:.2f}")
    page.keyboard.press("Tab")
    page.fill("[data-line=search]", "think about the loud")
    page.click("[data-line=hits] [data-do=set]")
    expect(page.locator("[data-line=anchors]")).to_contain_text("loud")
    before = len(listing.runs(lib.root, project.slug, "segment"))
    page.click(".vw-line-again")
    page.wait_for_function(f"() => !document.querySelector('#recordings-line [data-line*=\"{line.run}\"]')",
                           timeout=120_000)
    assert len(listing.runs(lib.root, project.slug, "segment")) == before + 1
    line = timeline.line(lib, project, recording.id)
    now = next(piece for piece in line.pieces if "loud breakfast" in piece.text)
    assert now.start == pytest.approx(again, abs=1.0)
    # only its stretch once more: all other clips stay the very same
    expect(page.locator("#recordings-find")).to_be_enabled(timeout=60_000)  # the search has come to its end
    page.fill("[data-line=from]", f"{now.start + 0.1:.2f}")
    page.fill("[data-line=to]", f"{now.end - 0.1:.2f}")
    page.keyboard.press("Tab")
    page.click(".vw-line [data-do=within]")
    page.wait_for_function(f"() => !document.querySelector('#recordings-line [data-line*=\"{line.run}\"]')",
                           timeout=120_000)
    later = timeline.line(lib, project, recording.id)
    before_it, after_it = ({piece.clip for piece in each.pieces if piece.clip} for each in (line, later))
    assert before_it - after_it == {now.clip} and any("loud breakfast" in p.text for p in later.pieces)
    assert visit.strangers == [] and visit.bugs == []


def test_the_line_is_walked_by_keys_and_leads_to_review(visit: Visit, app: App, tmp_path: Path) -> None:
    page, lib = visit.page, Library(DataRoot(app.data))
    project = projects.create(lib, "Line by keys", "blank").project
    recording = recorded(lib, project, tmp_path)
    ran(lib, project, recording)
    come_back(page, project.slug)
    page.wait_for_selector(".vw-line:visible canvas")
    piece = page.locator(".vw-line-piece")
    expect(page.locator(".vw-line-legend")).to_contain_text("speech without text16 s")
    page.keyboard.press("ArrowRight")  # over the silence
    expect(piece).to_contain_text("Fono i le aso.")
    page.keyboard.press("u")
    expect(piece).to_contain_text("The mountain is blue today.")
    expect(piece).to_contain_text("Many words for its length.")
    page.keyboard.press("l")
    expect(page.locator(".vw-line-told")).to_have_text("1 of 1")
    page.wait_for_function("() => document.querySelector('.vw-line audio').src.includes('start=14.000')")
    page.click("[data-kind=unreadable]")
    expect(piece).to_contain_text("The disk is full.")
    page.click("[data-span='60']")
    expect(page.locator(".vw-line-over")).to_be_visible()
    page.click("[data-kind=uncertain]")
    page.keyboard.press("Enter")
    page.wait_for_function("() => voicewright.shown?.Review?.text === 'The mountain is blue today.'")
    assert page.evaluate("voicewright.openTab()") == "Review"
    assert visit.strangers == [] and visit.bugs == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_all_of_the_tab_can_be_read_and_reached(
    browser: Browser, app: App, tmp_path: Path, scheme: str, width: int
) -> None:
    lib = Library(DataRoot(app.data))
    project = projects.create(lib, f"Meetings in {scheme}", "blank").project
    recording = recorded(lib, project, tmp_path)
    section = recordings.add_text(lib, project, [("the first section", TEXT, None)], WHO)[0]
    timeline.place(lib, project, recording.id, section.id, 1, 12.0, WHO)
    ran(lib, project, recording, similarity=0.7, sentences=["Nothing is missing."])
    context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce",
                                  color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(40_000)
    page.goto(app.url)
    page.wait_for_selector("#project-create")
    come_back(page, project.slug)
    page.wait_for_selector(".vw-line:visible canvas")
    open_all(page)
    page.click("[data-span='60']")
    page.click("[data-kind=uncertain]")
    page.fill("[data-line=search]", "mountain")
    page.wait_for_selector("[data-line=hits] [data-do=set]")
    ours = [f"{one.rule} at {one.where}: {one.why}" for one in faults(page) if not one.known]
    assert ours == []
    assert look(page, f"{width} px") == []
    context.close()
