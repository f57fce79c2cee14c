"""Review and Train in a real browser: keys, typed text that is never lost, a plot that keeps its zoom."""
from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from core.config import DataRoot
from core.library import Library, Project
from core.library.transcripts import Draft
from core.run_dir import RunDir
from core.steps import importing, projects
from tests.ui.driving import App, Visit, open_tab

pytestmark = [pytest.mark.browser, pytest.mark.budget(90)]
FIELD = "#review-edit textarea, #review-edit input"
EVIL = "<img src=x onerror=\"document.title='hacked'\">one two"


@dataclass
class Desk:
    """A project of three transcribed takes, opened on the Review tab."""

    page: Page
    library: Library
    project: Project
    ids: list[str]

    def text(self, index: int) -> str | None:
        """The current transcript of a take in the library."""
        return self.library.clips.view(self.ids[index]).text

    def decision(self, index: int) -> str:
        """What was decided in the library."""
        return self.library.clips.get(self.ids[index]).decision

    def hears(self, index: int, text: str) -> None:
        """Another transcript of a take arrives, as from another page or a run."""
        at = self.library.clips.get(self.ids[index]).transcript_id
        draft = Draft(self.ids[index], text, "model:other", at)
        self.library.transcripts.append(self.project.id, [draft], "run:other")

    def shows(self, index: int) -> None:
        """Wait until the page is at a take, its text in the field."""
        self.page.wait_for_function("(id) => voicewright.shown?.Review?.clip === id", arg=self.ids[index])
        expect(self.page.locator(FIELD)).to_have_value(self.text(index) or "")


@pytest.fixture
def desk(visit: Visit, app: App, tmp_path: Path, request: pytest.FixtureRequest) -> Desk:
    """Three takes with transcripts; the first one holds markup."""
    library = Library(DataRoot(app.data))
    project = projects.create(library, request.node.name[:50]).project
    texts = {f"take-{n}.wav": text for n, text in enumerate(("one two", "three", "four five"))}
    for n, name in enumerate(texts):
        tone = 0.2 * np.sin(np.arange(12000) * (0.1 + 0.03 * n)).astype(np.float32)
        soundfile.write(tmp_path / name, tone, 16000, subtype="PCM_16")
    importing.import_files(library, project, [tmp_path / name for name in texts], texts=texts)
    views = sorted(library.clips.views(project.id), key=lambda view: view.clip.name)
    found = Desk(visit.page, library, project, [view.clip.id for view in views])
    for index, text in enumerate((EVIL, "three", "four nine")):
        found.hears(index, text)
    visit.page.evaluate("(slug) => voicewright.remember('project', slug)", project.slug)
    visit.page.reload()
    visit.page.wait_for_selector(f".vw-open >> text={project.name}")
    open_tab(visit.page, "Review")
    found.shows(0)
    return found


def test_keys_walk_through_and_decide(desk: Desk, visit: Visit) -> None:
    page = desk.page
    expect(page.locator("#review-text")).to_contain_text("<img")
    page.keyboard.press("ArrowRight")
    desk.shows(1)
    page.keyboard.press("ArrowLeft")
    desk.shows(0)
    page.keyboard.press("Backspace")
    desk.shows(1)
    page.keyboard.press("Enter")
    desk.shows(2)
    assert [desk.decision(n) for n in range(3)] == ["rejected", "accepted", "todo"]
    page.keyboard.press("u")
    expect(page.locator(FIELD)).to_have_value("four five")
    page.keyboard.press("Enter")
    expect(page.locator("#review-empty")).to_contain_text("every take has been decided")
    assert (desk.decision(2), desk.text(2)) == ("accepted", "four five")
    page.keyboard.press("Control+z")
    desk.shows(2)
    assert desk.decision(2) == "todo"
    assert page.title() != "hacked"
    assert visit.strangers == [] and visit.bugs == []


@pytest.mark.slow
def test_space_plays_and_the_waveform_is_drawn(desk: Desk) -> None:
    page = desk.page
    page.wait_for_function("""() => { const c = document.querySelector('#review-player canvas');
        const dots = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        return dots.filter((v, i) => i % 4 === 3 && v > 0).length > c.width * 3; }""")
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('#review-player audio').currentTime > 0.1")


def test_typed_text_survives_news_and_a_reload_and_turning_the_page(desk: Desk) -> None:
    page = desk.page
    page.keyboard.press("e")
    page.keyboard.type(" and more", delay=15)
    typed = f"{EVIL} and more"
    desk.hears(0, "somebody else's text")
    page.wait_for_selector("#review-news button")
    expect(page.locator(FIELD)).to_have_value(typed)
    page.click("#review-news button")
    expect(page.locator(FIELD)).to_have_value("somebody else's text")
    page.keyboard.press("e")
    page.keyboard.type("!", delay=15)
    page.reload()
    page.wait_for_selector("#review-edit", state="attached")
    open_tab(page, "Review")
    expect(page.locator(FIELD)).to_have_value("somebody else's text!")
    page.click("#review-next")
    desk.shows(1)
    assert desk.text(0) == "somebody else's text!"


@pytest.mark.slow
def test_new_transcript_appears_by_itself_where_nothing_was_typed(desk: Desk) -> None:
    desk.hears(0, "a better text")
    expect(desk.page.locator("#review-text")).to_contain_text("a better text", timeout=20_000)
    expect(desk.page.locator(FIELD)).to_have_value("a better text")


def test_spot_check_marks_by_key_and_shows_what_that_proves(desk: Desk) -> None:
    page, clip = desk.page, "voicewright.shown['Spot-check']?.clip"
    marks: list[str] = []
    open_tab(page, "Spot-check")
    for key in ("Enter", "w", "s"):
        expect(page.locator("#spot-check-table tbody td:nth-child(2):not(:empty)")).to_have_count(len(marks))
        page.wait_for_function(f"() => {clip} && !{json.dumps(marks)}.includes({clip})")
        marks.append(page.evaluate(f"() => {clip}"))
        page.keyboard.press(key)
        page.wait_for_timeout(300)  # a person hears the next clip before the next key
    expect(page.locator("#spot-check-proof")).to_contain_text("1 of 2 right")
    assert [desk.library.clips.get(clip).mark for clip in marks] == ["right", "wrong", "skip"]


def test_live_plot_takes_only_new_points_and_keeps_its_zoom(desk: Desk, visit: Visit) -> None:
    page, plot = desk.page, "document.querySelector('#train-plot .js-plotly-plot')"
    runs = desk.library.root.runs(desk.project.slug)
    run = RunDir.create(runs, "train", {"preset": "Quick", "family": "ctc"})
    for step in range(1, 6):
        run.event("step", step, loss=3.0 / step)
    run.checkpoints.mkdir(exist_ok=True)
    (run.checkpoints / "manifest.json").write_text('{"best": "step-000005", "last": "step-000005"}')
    run.write_status("stopped", "Stopped by you.")
    open_tab(page, "Train")
    page.wait_for_function(f"() => {plot}?.data[0].x.length === 5")
    expect(page.locator("#merge-start")).to_be_visible()
    page.evaluate(f"() => Plotly.relayout({plot}, {{'xaxis.range': [2, 4]}})")
    for step in (6, 7):
        run.event("step", step, loss=3.0 / step)
    run.write_status("stopped", "Stopped by you again.")
    page.wait_for_function(f"() => {plot}.data[0].x.length === 7")
    assert page.evaluate(f"() => {plot}.layout.xaxis.range") == [2, 4]
    expect(page.locator("#merge-start")).to_be_visible()
    assert visit.strangers == [] and visit.bugs == []
