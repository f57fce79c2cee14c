"""The desk in a real browser: words on the waveform, own keys, flags, cuts, search and bulk changes."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from core.config import DataRoot
from core.library import Clip, Library, Project
from core.library.transcripts import Draft
from core.steps import importing, projects
from core.types import Word
from tests.ui.driving import App, Visit, open_tab

pytestmark = [pytest.mark.browser, pytest.mark.budget(60)]
FIELD = "#review-edit textarea, #review-edit input"
TEXTS = ("one to three", "four five", "six to")


@dataclass
class Desk:
    """A project of three takes with timed words, opened on the Review tab."""

    page: Page
    library: Library
    project: Project
    ids: list[str]

    def clip(self, index: int) -> Clip:
        """A take as it is in the library."""
        return self.library.clips.get(self.ids[index])

    def words(self, index: int) -> list[Word]:
        """The words of a take's current transcript."""
        found = self.library.word_times.of(self.clip(index).transcript_id)
        return list(found.words) if found else []

    def shows(self, clip: str) -> None:
        """Wait until the page is at a clip."""
        self.page.wait_for_function("(id) => window.voicewright?.shown?.Review?.clip === id", arg=clip)

    def saved(self, script: str) -> None:
        """Wait until what the page shows has come back from the library like that."""
        shown = "const shown = window.voicewright?.shown?.Review"
        self.page.wait_for_function(f"() => {{ {shown}; return shown && ({script}); }}")

    def until(self, text: str) -> None:
        """Wait for a message."""
        self.page.wait_for_selector(f".toast-body >> text={text}")


@pytest.fixture
def desk(visit: Visit, app: App, tmp_path: Path, request: pytest.FixtureRequest) -> Desk:
    """Three takes of two seconds, each with its words in even places."""
    library = Library(DataRoot(app.data))
    project = projects.create(library, request.node.name[:50]).project
    named = {f"take-{n}.wav": text for n, text in enumerate(TEXTS)}
    for n, name in enumerate(named):
        tone = 0.2 * np.sin(np.arange(32000) * (0.1 + 0.03 * n)).astype(np.float32)
        soundfile.write(tmp_path / name, tone, 16000, subtype="PCM_16")
    importing.import_files(library, project, [tmp_path / name for name in named], texts=named)
    views = sorted(library.clips.views(project.id), key=lambda view: view.clip.name)
    for view, text in zip(views, TEXTS, strict=True):
        words = tuple(Word(word, 0.2 + 0.5 * n, 0.6 + 0.5 * n) for n, word in enumerate(text.split()))
        draft = Draft(view.clip.id, text, "model:m", view.clip.transcript_id, words)
        library.transcripts.append(project.id, [draft], "run:m")
    visit.page.evaluate("(slug) => voicewright.remember('project', slug)", project.slug)
    visit.page.reload()
    visit.page.wait_for_selector(f".vw-open >> text={project.name}")
    open_tab(visit.page, "Review")
    found = Desk(visit.page, library, project, [view.clip.id for view in views])
    found.shows(found.ids[0])
    yield found
    assert visit.strangers == [] and visit.bugs == []


def playing(page: Page, low: float, high: float) -> None:
    """Wait until the sound has been heard up to a place and stands still there."""
    page.wait_for_function(
        """([low, high]) => {
             const { paused, currentTime: at } = document.querySelector('#review-player audio');
             return paused && at >= low && at < high; }""", arg=[low, high])


def test_words_are_heard_looped_and_moved(desk: Desk) -> None:
    page = desk.page
    expect(page.locator(".vw-word-list button")).to_have_text(["one", "to", "three"])
    expect(page.locator(".vw-timed").first).to_have_text("Word times: heard by m itself")
    page.click(".vw-word-list button >> text=to")
    playing(page, 1.09, 1.25)
    page.keyboard.press("e")
    page.keyboard.type(" more")
    page.keyboard.press("Escape")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    desk.saved("shown.words[1][1] === 0.73 && shown.words[1][2] === 1.09")
    assert [(word.start, word.end) for word in desk.words(0)] == [(0.2, 0.6), (0.73, 1.09), (1.2, 1.6)]
    expect(page.locator(".vw-timed").first).to_have_text("Word times: set by a person")
    expect(page.locator(FIELD)).to_have_value("one to three more")
    handle, lane = page.locator("[data-edge=end]").first, page.locator(".vw-lane").first.bounding_box()
    box = handle.bounding_box()
    assert box and lane
    page.mouse.move(box["x"] + 4, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(lane["x"] + lane["width"] * 0.9, box["y"] + 20, steps=4)  # beyond the next word
    page.mouse.up()
    desk.saved("shown.words[1][2] === 1.2")
    handle.focus()
    page.keyboard.press("ArrowLeft")
    desk.saved("shown.words[1][2] === 1.19")
    desk.shows(desk.ids[0])
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("l")
    page.wait_for_timeout(900)  # longer than the word: it has begun again
    at = page.evaluate("document.querySelector('#review-player audio').currentTime")
    assert 0.7 <= at <= 1.25
    expect(page.locator("#review-player [data-act=loop]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("l")
    playing(page, 0.7, 1.3)


@pytest.mark.slow
def test_keys_can_be_others_and_none_is_used_twice(desk: Desk) -> None:
    page = desk.page
    page.keyboard.press("?")
    said = page.locator(".vw-key-table [role=status]")
    page.click(".vw-key-table [data-label='key.reject']")
    page.keyboard.press("Enter")
    expect(said).to_contain_text("⏎ is in use for “accept and next”")
    page.click(".vw-key-table [data-label='key.reject']")
    page.keyboard.press("r")
    expect(said).to_have_text("R is now the key for “reject”.")
    page.keyboard.press("Escape")
    expect(page.locator("#tab-review .vw-keys, .vw-keys:visible").first).to_contain_text("R reject")
    page.reload()
    desk.shows(desk.ids[0])
    page.keyboard.press("Backspace")
    page.keyboard.press("r")
    desk.shows(desk.ids[1])
    assert [desk.clip(n).decision for n in range(3)] == ["rejected", "todo", "todo"]
    page.keyboard.press("?")
    page.click(".vw-key-table >> text=All as they were")
    expect(page.locator(".vw-key-table [data-label='key.reject']")).to_have_text("⌫")


@pytest.mark.slow
def test_flags_a_note_and_cuts(desk: Desk) -> None:
    page = desk.page
    for key in ("3", "1"):  # quicker than the answers come
        page.keyboard.press(key)
    expect(page.locator("[data-flag=laughter]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-flag=noise]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("n")
    page.keyboard.type("at the end")
    page.keyboard.press("Enter")
    desk.saved("shown.note === 'at the end'")
    assert (desk.clip(0).flags, desk.clip(0).note) == (("noise", "laughter"), "at the end")
    page.click(".vw-cut summary")
    page.fill("[data-tool=end]", "1.8")
    page.keyboard.press("Enter")
    desk.saved("shown.to === 1.8")
    page.evaluate("document.querySelector('#review-player audio').currentTime = 1.15")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("x")
    expect(page.locator(FIELD)).to_have_value("one to")
    texts = [view.text for view in desk.library.clips.views(desk.project.id)]
    assert texts == ["one to", "three", "four five", "six to"]
    page.keyboard.press("m")
    expect(page.locator(FIELD)).to_have_value("one to three")
    for _ in range(2):
        page.keyboard.press("Control+z")
        page.wait_for_timeout(400)
    desk.shows(desk.ids[0])
    assert desk.clip(0).end == 1.8 and len(desk.words(0)) == 3


@pytest.mark.slow
def test_search_and_a_bulk_change_that_is_shown_first(desk: Desk) -> None:
    page = desk.page
    page.keyboard.press("/")
    page.keyboard.type("to")
    page.keyboard.press("Enter")
    expect(page.locator(".vw-found")).to_have_text("2 takes found")
    page.keyboard.press("g")
    page.select_option("[data-bulk=action]", "replace")
    page.fill("[data-bulk=find]", "to")
    page.fill("[data-bulk=put]", "two")
    expect(page.locator(".vw-bulk-table tbody tr")).to_have_count(2)
    expect(page.locator(".vw-bulk-table tbody tr").nth(1)).to_contain_text("six two")
    page.keyboard.press("Escape")
    page.click("#review-bulk-open")
    expect(page.locator(".vw-bulk-table tbody tr")).to_have_count(2)
    page.click("[data-bulk=apply]")
    desk.until("Changed 2 takes.")
    texts = [view.text for view in desk.library.clips.views(desk.project.id)]
    assert texts == ["one two three", "four five", "six two"]
    page.keyboard.press("Control+z")
    desk.until("Undone: a transcript of 2 takes.")
    assert [view.text for view in desk.library.clips.views(desk.project.id)] == list(TEXTS)
    page.fill("#review-search-field", "nothing like it")
    page.click("#review-empty >> text=Clear the search")
    desk.shows(desk.ids[0])
