"""Rules are typed, tested and used, and a sample is reviewed a second time, in a real browser."""
from __future__ import annotations

from pathlib import Path

import pytest

from core.config import DataRoot
from core.library import Library
from core.library.transcripts import Draft
from core.steps import importing, review
from tests.made import wav
from tests.ui.driving import App, Visit, new_project, open_tab

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROW = "#rules-table tbody tr"


def heard(library: Library, slug: str, folder: Path, n: int) -> list[str]:
    """`n` takes with sound, each with a transcript."""
    project = library.projects.get(slug)
    files = [wav(folder / f"{number}.wav", pitch=200 + 20 * number) for number in range(n)]
    importing.import_files(library, project, files, "Ann", "test", {})
    drafts = [Draft(view.clip.id, f"Q4 order {place}", "model:starter", view.clip.transcript_id)
              for place, view in enumerate(library.clips.views(project.id))]
    library.transcripts.append(project.id, drafts, "run:heard")
    return [draft.clip_id for draft in drafts]


def test_rules_are_typed_tested_and_used(visit: Visit, app: App, tmp_path: Path) -> None:
    page, library = visit.page, Library(DataRoot(app.data))
    new_project(page, "Ruled")
    ids = heard(library, "ruled", tmp_path, 2)
    open_tab(page, "Project")
    page.click("#rules >> text=Own words")
    for place, text in enumerate(("Q4", "queue four", "in Q4", "in queue 4")):
        page.fill(f"{ROW} >> nth=0 >> input >> nth={place}", text)
    page.click("#rules-table [data-do=add]")
    page.keyboard.type("Dr.")
    page.keyboard.press("Tab")
    page.keyboard.type("doctor")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{ROW} >> nth=0 >> text=not as expected")
    assert page.locator(ROW).count() == 3
    page.fill(f"{ROW} >> nth=0 >> input >> nth=3", "in queue four")
    page.click(f"{ROW} >> nth=1 >> [data-do=remove]")
    page.click("#rules-table [data-do=keep]")
    page.wait_for_selector(f"{ROW} >> nth=0 >> .vw-done")
    kept = library.rules.of(library.projects.get("ruled").id)
    assert [(rule.written, rule.spoken) for rule in kept] == [("Q4", "queue four")]
    page.fill(f"{ROW} >> nth=1 >> input >> nth=0", "x")
    page.click("#rules-table [data-do=keep]")
    page.wait_for_selector("text=does not say what is spoken")
    assert page.input_value(f"{ROW} >> nth=1 >> input >> nth=0") == "x", "nothing typed is lost"
    page.click("#rules-look")
    page.wait_for_selector("text=2 transcripts would change")
    page.click("#rules-convert")
    page.wait_for_selector("text=2 transcripts were converted again")
    assert library.clips.view(ids[0]).text == "queue four order zero"
    assert visit.bugs == [] and visit.strangers == []


def test_a_second_reviewer_decides_by_key(visit: Visit, app: App, tmp_path: Path) -> None:
    page, library = visit.page, Library(DataRoot(app.data))
    new_project(page, "Twice seen")
    project = library.projects.get("twice-seen")
    for place, clip in enumerate(heard(library, "twice-seen", tmp_path, 3)):
        review.decide(library, project, clip, "accepted" if place else "rejected", "todo", "page:first")
    open_tab(page, "Spot-check")
    page.click("#second >> text=Second review")
    page.fill("#second-n input", "3")
    page.click("#second-start button, button#second-start")
    for place in (1, 2, 3):
        page.wait_for_selector(f"#second-clip >> text=Take {place} of 3")
        assert page.evaluate("() => document.querySelector('#second-clip audio').error") is None
        page.keyboard.press("R" if place == 3 else "A")
    page.wait_for_selector("#second-result >> text=The two agree on")
    said = [one.decision for one in library.second_reviews.of(project.id)]
    assert said == ["accepted", "accepted", "rejected"]
    assert visit.bugs == [] and visit.strangers == []
