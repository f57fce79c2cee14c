"""Thirty clips of a drawn sample spot-checked by keys alone, and the proof read; the same by somebody
elsewhere, whose page opens from a folder and whose marks come home."""
from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import soundfile
from playwright.sync_api import Page, expect

from core.config import DataRoot
from core.library import Library, Project
from core.library.transcripts import Draft
from core.steps import projects, sample
from core.steps.record import save_take
from core.types import Word
from tests.made import RATE, tone
from tests.ui.driving import App, Visit, open_tab

pytestmark = [pytest.mark.browser, pytest.mark.slow]
N, N_ALL = 30, 60
AT = "() => window.voicewright?.shown?.['Spot-check']?.clip"
EVIL = "<img src=x onerror=\"document.title='hacked'\"></script>one two"
FIELD = "#spot-check-edit textarea, #spot-check-edit input"


def checked(lib: Library, name: str, n: int, folder: Path) -> Project:
    """Takes with texts and timed words; one text is no markup, one has a letter of another script."""
    project = projects.create(lib, name).project
    for number in range(n):
        path = folder / f"{number}.wav"
        soundfile.write(path, tone(1.2, 200.0 + number), RATE, subtype="PCM_16")
        clip = save_take(lib, project, None, "ann", path, "maker").clip
        text = {0: EVIL, 1: "order twо 1"}.get(number, f"order two number {number}")
        words = tuple(Word(word, 0.1 + 0.2 * k, 0.28 + 0.2 * k) for k, word in enumerate(text.split()))
        lib.transcripts.append(project.id, [Draft(clip.id, text, "model:m", None, words)], "maker")
    return project


def opened(page: Page, project: Project, tab: str = "Spot-check") -> None:
    """Come back to the project, on that tab."""
    page.evaluate("(slug) => voicewright.remember('project', slug)", project.slug)
    page.reload()
    page.wait_for_selector(f".vw-open >> text={project.name}")
    open_tab(page, tab)


def press(page: Page, key: str) -> str:
    """Press a key and wait for the next clip; the clip that was judged."""
    before = page.evaluate(AT)
    page.keyboard.press(key)
    page.wait_for_function(f"(before) => ({AT})() !== before", arg=before)
    return str(before)


def test_thirty_clips_by_keys_and_the_proof_is_read(visit: Visit, app: App, tmp_path: Path) -> None:
    page, lib = visit.page, Library(DataRoot(app.data))
    project = checked(lib, "Thirty to check", N_ALL, tmp_path)
    opened(page, project)
    page.wait_for_function(AT)
    expect(page.locator("#spot-check-proof")).to_contain_text("draw a random sample")
    page.fill("#spot-check-n input", str(N))
    page.click("#spot-check-draw")
    proof = page.locator("#spot-check-proof")
    expect(proof).to_contain_text(f"0 of {N} checked, drawn by chance from {N_ALL}")
    drawn = sample.get(lib, project)
    page.wait_for_function(f"(clip) => ({AT})() === clip", arg=drawn.clips[0])
    page.keyboard.press("l")  # again and again, so that a busy machine sees it, too
    page.wait_for_selector("#spot-check-player .vw-word-list button.vw-now")
    page.keyboard.press("l")
    keys = {4: "w", 9: "s"}
    for number, clip in enumerate(drawn.clips[:-1]):
        assert page.evaluate(AT) == clip, "the drawn order"
        if number == 12:
            opened(page, project)
            page.wait_for_function(f"(clip) => ({AT})() === clip", arg=clip)
        press(page, keys.get(number, "Enter"))
    page.keyboard.press("e")
    page.keyboard.type(" indeed")
    page.keyboard.press("Enter")
    expect(proof).to_contain_text(f"All {N} of the sample are checked")
    # 27 right, 1 wrong, 1 skipped, 1 fixed
    expect(proof).to_contain_text(
        "27 of 29 right: with 95 % confidence at most 10 of the 60 clips (16.7 %) are wrong.")
    expect(proof).to_contain_text("however many there will be, at most 20.2 % are wrong.")
    marks = [lib.clips.get(clip).mark for clip in drawn.clips]
    assert marks == ["right"] * 4 + ["wrong"] + ["right"] * 4 + ["skip"] + ["right"] * 19 + ["fixed"]
    assert (lib.clips.view(drawn.clips[-1]).text or "").endswith(" indeed")
    page.keyboard.press("Escape")
    page.locator("#spot-check-proof").click()
    page.keyboard.press("Control+z")
    expect(proof).to_contain_text(f"29 of {N} checked")
    assert lib.clips.get(drawn.clips[-1]).mark == ""
    assert visit.strangers == [] and visit.bugs == [] and page.title() != "hacked"


def test_a_fix_on_review_a_bar_and_a_strange_letter(visit: Visit, app: App, tmp_path: Path) -> None:
    page, lib = visit.page, Library(DataRoot(app.data))
    project = checked(lib, "There and back", 6, tmp_path)
    opened(page, project)
    page.wait_for_function(AT)
    clip = page.evaluate(AT)
    page.keyboard.press("v")
    page.wait_for_function("(clip) => voicewright.openTab() === 'Review' && "
                           "voicewright.shown?.Review?.clip === clip", arg=clip)
    assert lib.clips.get(clip).mark == "fixed"
    page.click("#review-back-to")
    page.wait_for_function(f"(clip) => voicewright.openTab() === 'Spot-check' && ({AT})() === clip", arg=clip)
    page.locator("#spot-check-plot .points path").first.wait_for()
    page.locator("#spot-check-bars summary").click()
    page.locator("#spot-check-bars [data-low]").first.click()
    expect(page.locator("#spot-check-views .vw-only")).to_contain_text("Only Signal to noise")
    box = page.locator("#spot-check-plot .points path").first.bounding_box()
    assert box is not None
    page.locator("#spot-check-views .vw-only").click()
    expect(page.locator("#spot-check-views .vw-only")).to_have_count(0)
    page.locator("#spot-check-plot").scroll_into_view_if_needed()
    box = page.locator("#spot-check-plot .points path").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] - 3)
    expect(page.locator("#spot-check-views .vw-only")).to_contain_text("Only Signal to noise")
    open_tab(page, "Data")
    strange = page.locator("#whole-letters .vw-strange")
    expect(strange.filter(has_text="о")).to_have_count(1)
    strange.filter(has_text="о").click()
    page.wait_for_function("() => voicewright.openTab() === 'Spot-check'")
    expect(page.locator("#spot-check-views .vw-only")).to_contain_text("Only takes with “о”: 1")
    expect(page.locator(FIELD)).to_have_value("order twо 1")
    assert visit.strangers == [] and visit.bugs == [] and page.title() != "hacked"


def test_thresholds_drop_nothing_before_the_list_was_seen(visit: Visit, app: App, tmp_path: Path) -> None:
    page, lib = visit.page, Library(DataRoot(app.data))
    project = checked(lib, "Limits", 4, tmp_path)
    opened(page, project)
    page.wait_for_function(AT)
    page.click("#limits button.label-wrap")
    page.fill("[data-metric=seconds][data-side=high]", "1")
    expect(page.locator(".vw-limits-said")).to_contain_text("4 of 4 takes (100.0 %) would be dropped.")
    page.click("#limits [data-do=preview]")
    expect(page.locator("#limits dialog tbody tr")).to_have_count(4)
    assert [clip.decision for clip in lib.clips.checks(project.id)] == ["todo"] * 4
    page.click("#limits [data-do=drop]")
    expect(page.locator("#limits dialog")).not_to_be_visible()
    assert lib.clips.checks(project.id) == []
    open_tab(page, "Review")
    page.click("#review-undo")
    page.wait_for_function("() => voicewright.shown?.Review?.clip")
    assert len(lib.clips.checks(project.id)) == 4
    assert visit.bugs == []


def test_somebody_elsewhere_marks_from_a_folder_and_it_comes_home(
    visit: Visit, app: App, tmp_path: Path
) -> None:
    page, lib = visit.page, Library(DataRoot(app.data))
    project = checked(lib, "Elsewhere", 4, tmp_path)
    drawn = sample.draw(lib, project, 4, "maker", seed=1)
    opened(page, project)
    page.click("#samples button.label-wrap")
    page.click("#samples-export")
    expect(page.locator("#samples-exported")).to_contain_text("4 clips of sample-1 are in")
    index = app.data / project.slug / "exports" / f"{project.slug}-sample-1" / "index.html"
    marks = elsewhere(page, index, tmp_path / "marks.json")
    given = json.loads(marks.read_text(encoding="utf-8"))
    assert [row["mark"] for row in given["marks"]] == ["right", "wrong", "skip"]
    page.set_input_files("#samples-file input[type=file]", marks)
    expect(page.locator("#samples-preview tbody tr")).to_have_count(3)
    assert [lib.clips.get(clip).mark for clip in drawn.clips] == [""] * 4
    page.click("#samples-take")
    expect(page.locator("#samples-preview")).to_contain_text("3 marks by Tamara are taken in.")
    expect(page.locator("#spot-check-proof")).to_contain_text("1 of 2 right", timeout=20_000)
    assert [lib.clips.get(clip).mark for clip in drawn.clips] == ["right", "wrong", "skip", ""]
    page.click("#samples-back")
    expect(page.locator("#samples-preview")).to_contain_text("Undone")
    assert [lib.clips.get(clip).mark for clip in drawn.clips] == [""] * 4
    assert visit.strangers == [] and visit.bugs == []


def elsewhere(page: Page, index: Path, to: Path) -> Path:
    """Her page, by double-click: three of four marked by key, a reload in between, and the file saved."""
    assert page.context.browser is not None
    context = page.context.browser.new_context(accept_downloads=True)
    hers = context.new_page()
    asked: list[str] = []
    hers.on("request", lambda request: asked.append(request.url))
    bugs: list[str] = []
    hers.on("pageerror", lambda error: bugs.append(str(error)))
    hers.goto(index.as_uri())
    hers.keyboard.press("Space")
    hers.wait_for_selector("#text button.now")
    hers.keyboard.press("Enter")
    hers.keyboard.press("w")
    hers.fill("#note", "a cough")
    hers.keyboard.press("Escape")
    hers.reload()
    expect(hers.locator("#place")).to_have_text("Clip 3 of 4")
    expect(hers.locator("#note")).to_have_value("a cough")
    hers.keyboard.press("s")
    hers.click("#save")
    expect(hers.locator("#told")).to_have_text("Write your name first.")
    hers.fill("#name", "Tamara")
    with hers.expect_download() as saved:
        hers.click("#save")
    saved.value.save_as(to)
    assert not [url for url in asked if not re.match(r"(file|blob|data):", url)]
    assert bugs == [] and hers.title() == "Check by ear", "no text is run"
    context.close()
    return to
