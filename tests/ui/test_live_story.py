"""A real run in the browser: start, reload twice, stop, resume, note, compare, report."""
from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.config import DataRoot
from core.library import Library
from core.runs import listing, notes
from core.runs.listing import RunCard
from tests.ui.driving import App, Visit
from tests.ui.furnished import furnished

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PLOT = "document.querySelector('#train-plot .js-plotly-plot')"
LONG = 240_000
"""Milliseconds that a worker may take until a person sees what was done, on a busy machine."""


def back(page: Page, slug: str) -> None:
    """Load the page anew, as a person who comes back does, and go to the Train tab."""
    for key, value in (("project", slug), ("tab", "Train")):
        page.evaluate("([key, value]) => voicewright.remember(key, value)", [key, value])
    page.reload()
    page.wait_for_selector(".vw-open:not(.vw-none)")
    page.wait_for_function(f"() => {PLOT}?.data?.[0].x.length > 0", timeout=LONG)


def the_new_run(lib: Library, slug: str, known: set[str]) -> RunCard:
    """The one training run that was not there before."""
    (found,) = [card for card in listing.runs(lib.root, slug, "train") if card.id not in known]
    return found


def in_state(page: Page, state: str) -> None:
    """Wait until the run that is shown is in a state."""
    expect(page.locator("#train-state .vw-chip")).to_have_class(re.compile(rf"\bvw-{state}\b"), timeout=LONG)


def test_a_run_from_its_start_to_its_report(visit: Visit, app: App, tmp_path: Path) -> None:
    page, lib = visit.page, Library(DataRoot(app.data))
    page.set_default_timeout(LONG)
    project = furnished(lib, "A living run")
    known = {card.id for card in listing.runs(lib.root, project.slug, "train")}
    back(page, project.slug)

    # start; the curve grows by itself
    page.click("#train-preset label:has-text('Careful')")
    page.click("#train-start")
    in_state(page, "running")
    run = the_new_run(lib, project.slug, known)
    page.wait_for_function(f"(id) => voicewright.remembered('run') === id && {PLOT}?.data[0].x.length > 3",
                           arg=run.id)
    n_before = page.evaluate(f"() => {PLOT}.data[0].x.length")
    page.wait_for_function(f"(n) => {PLOT}.data[0].x.length > n", arg=n_before)

    # two reloads: the same run, the same stretch of it, on every plot
    page.evaluate(f"() => Plotly.relayout({PLOT}, {{'xaxis.range': [1, 3]}})")
    for _ in range(2):
        back(page, project.slug)
        assert page.evaluate("() => voicewright.remembered('run')") == run.id
        page.wait_for_function(f"() => {PLOT}.layout.xaxis.range[1] === 3")
        ranges = page.evaluate("""() => [...document.querySelectorAll('#train-plot .js-plotly-plot')]
            .filter((box) => box.offsetParent).map((box) => box.layout.xaxis.range)""")
        assert len(ranges) >= 3 and all(range_ == [1, 3] for range_ in ranges)

    # stop, and resume: the zoom is still there
    page.click("#train-stop")
    in_state(page, "stopped")
    assert run.run.state() == "stopped"
    page.click("#train-resume")
    in_state(page, "running")
    assert page.evaluate(f"() => {PLOT}.layout.xaxis.range") == [1, 3]
    page.click("#train-stop")
    in_state(page, "stopped")

    # a note with a tag, by which the list is filtered
    page.fill("#run-note textarea, #run-note input", "begun in a browser")
    page.fill("#run-tags textarea, #run-tags input", "story")
    page.click("#run-note-save")
    expect(page.locator("#train-history")).to_contain_text("begun in a browser", timeout=LONG)
    assert notes.of_run(run.run).tags == ("story",)
    page.click("#train-history [data-only=story]")
    expect(page.locator("#train-history tbody tr:visible")).to_have_count(1)

    # compared with an older one
    older = next(iter(sorted(known)))
    for chosen in (run.id, older):
        page.click(f"#compare-picks [data-pick='{chosen}']")
        button = page.locator(f"#compare-picks [data-pick='{chosen}']")
        expect(button).to_have_attribute("aria-pressed", "true", timeout=LONG)
    page.wait_for_function("() => document.querySelector('#compare-plot .js-plotly-plot')?.data.length === 2")
    expect(page.locator("#compare-tables")).to_contain_text("begun in a browser", timeout=LONG)

    # and its report
    with page.expect_download() as kept:
        page.click("#train-samples a:has-text('Report')")
    kept.value.save_as(tmp_path / "report.html")
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert run.id in report and "begun in a browser" in report and "<polyline" in report
    assert visit.strangers == [] and visit.bugs == []
