"""A person puts a script in order in a real browser, and brings in a folder: by mouse and by keyboard."""
from __future__ import annotations

from pathlib import Path

import pytest

from core.config import DataRoot
from core.library import Library
from core.steps import prompts
from tests.made import wav
from tests.ui.driving import App, Visit, new_project, open_tab, put

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROW = "#prompts-list tbody tr"


def test_a_script_is_put_in_order_and_musts_come_first(visit: Visit, app: App) -> None:
    page, library = visit.page, Library(DataRoot(app.data))
    new_project(page, "Ordered")
    project = library.projects.get("ordered")
    whole = prompts.listing(library, project)

    def texts() -> list[str]:
        return [prompt.text for prompt in prompts.listing(library, project)]

    open_tab(page, "Project")
    page.click(f"{ROW} >> nth=9 >> [data-do=must]")
    page.wait_for_selector(f"{ROW} >> nth=9 >> text=★ Must")
    page.focus(f"{ROW} >> nth=2 >> [data-do=up]")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{ROW} >> nth=1 >> text={whole[2].text}")
    assert page.evaluate("document.activeElement.dataset.do") == "up", "the keyboard is where it was"

    page.click(f"{ROW} >> nth=0 >> [data-do=edit]")
    page.fill(f"{ROW} input", "half of it")
    page.click(f"{ROW} >> nth=3 >> [data-do=must]")
    page.wait_for_selector(f"{ROW} >> nth=3 >> text=★ Must")
    assert page.input_value(f"{ROW} input") == "half of it", "nothing is drawn over what is typed"
    page.fill(f"{ROW} input", "Order number one two")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{ROW} >> nth=0 >> text=Order number one two")

    page.fill("#prompts-typed textarea", "seven\nseven\neight")
    page.click("#prompts-add")
    page.wait_for_selector(".vw-pager >> text=46 to 52 of 52")
    assert texts()[-2:] == ["seven", "eight"]
    page.keyboard.press("Control+z")
    page.wait_for_selector("#prompts-summary >> text=50 prompts")

    page.fill("#prompts-search textarea, #prompts-search input", "no such prompt")
    page.click("text=Show all 50")
    page.wait_for_selector(f"{ROW} >> nth=14")

    open_tab(page, "Record")  # it was open before: the recorder sees that the script has changed
    page.wait_for_selector(".vw-count >> text=2 of 2 musts missing")
    assert page.inner_text(".vw-prompt") == whole[3].text and page.is_visible(".vw-must")
    assert visit.bugs == [] and visit.strangers == []


def test_prompts_are_made_and_coverage_is_mended_by_one_press(visit: Visit, app: App) -> None:
    page, library = visit.page, Library(DataRoot(app.data))
    new_project(page, "Covered")
    project = library.projects.get("covered")
    open_tab(page, "Project")
    page.click("#prompts-make button >> nth=0")
    page.click("#make-kind label >> text=Codes of letters")
    page.wait_for_selector("#make-letters")
    page.fill("#make-n input", "3000")
    page.wait_for_selector("#make-preview >> text=“How many” cannot be 3,000")
    page.fill("#make-n input", "12")
    page.wait_for_selector("#make-preview >> text=12 prompts, all of them new")
    first = page.inner_text("#make-preview li >> nth=0")
    page.click("#make-add")
    page.wait_for_selector("#make-preview >> text=12 prompts, 0 of them new")
    assert prompts.listing(library, project)[50].text == first

    page.click("#prompts-cover button >> nth=0")
    page.wait_for_selector("#cover-meter .vw-grid")
    before = prompts.coverage(library, project)
    page.click("#cover-add")
    page.wait_for_selector("#prompts-summary >> text=72 prompts")
    after = prompts.coverage(library, project)
    assert len(after.missing_pairs) < len(before.missing_pairs)
    assert visit.bugs == [] and visit.strangers == []


def test_a_folder_is_looked_at_and_comes_in(visit: Visit, app: App, tmp_path: Path) -> None:
    page, library = visit.page, Library(DataRoot(app.data))
    for n in range(5):
        wav(tmp_path / "deep" / f"{n}.wav", pitch=200 + n)
        (tmp_path / "deep" / f"{n}.txt").write_text(f"take {n}")
    (tmp_path / "bad.wav").write_text("I am no sound.")
    new_project(page, "From a folder")
    page.click("#record-import button >> text=Import recordings")
    put(page, "#import-folder", str(tmp_path))
    page.click("#import-look")
    page.wait_for_selector("#import-found >> text=An import brings 5 clips, all of them with what was said.")
    page.focus("#import-folder textarea, #import-folder input")
    page.keyboard.press("End")
    page.keyboard.type("/deep")
    page.wait_for_selector("#import-start", state="hidden")
    assert page.inner_text("#import-found").strip() == "", "what was found was in another folder"
    page.keyboard.press("Enter")
    page.wait_for_selector("#import-found >> text=An import brings 5 clips")
    put(page, "#import-folder", str(tmp_path))
    page.click("#import-look")
    page.wait_for_selector("#import-found >> text=bad.wav")
    page.click("#import-start")
    page.wait_for_selector("#import-run >> text=5 clips imported.")
    page.wait_for_selector("#import-bad >> text=bad.wav is a text file")
    project = library.projects.get("from-a-folder")
    assert {view.text for view in library.clips.views(project.id)} == {f"take {n}" for n in range(5)}
    assert visit.bugs == [] and visit.strangers == []
