"""A tab is drawn when somebody looks at it: not before, and again only where another project is open."""
from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.ui.driving import App, Visit, new_project, open_tab, put, until

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TABS = ("Project", "Record", "Review", "Spot-check", "Recordings", "Data", "Train", "Compare", "Speak")
READ = """(tabs) => tabs.map((tab) => [
  document.querySelector(`#entered-${tab.toLowerCase()} textarea`).value,
  document.querySelector(`#showing-${tab.toLowerCase()} textarea`).value,
])"""


def looked_at(page: Page) -> dict[str, tuple[str, str]]:
    """How often each tab was entered ("" is never), and the project that it shows."""
    found = page.evaluate(READ, list(TABS))
    return {tab: (times, slug) for tab, (times, slug) in zip(TABS, found, strict=True) if times or slug}


def asked_by_timers(page: Page) -> set[int]:
    """The events of a page that nobody touches."""
    page.wait_for_timeout(1500)  # what the last click asked for
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.post_data or "{}")

    page.on("request", note)
    page.wait_for_timeout(5000)
    page.remove_listener("request", note)
    return {json.loads(one).get("fn_index") for one in asked} - {None}


def test_a_page_that_is_loaded_draws_the_tab_that_was_open(visit: Visit, app: App) -> None:
    page = visit.page
    new_project(page, "Looked at")
    page.reload()
    page.wait_for_selector(".vw-count >> text=of 50")
    assert looked_at(page) == {"Record": ("1", "looked-at")}

    open_tab(page, "Project")
    page.wait_for_selector("#speakers >> visible=true")
    page.click("#speakers button.label-wrap")
    put(page, "#speakers-consent", "I am not yet done")
    open_tab(page, "Review")
    until(page, lambda: "Review" in looked_at(page))
    open_tab(page, "Project")
    until(page, lambda: looked_at(page)["Project"][0] == "4")
    page.wait_for_timeout(500)  # an answer that would draw it anew
    assert page.input_value("#speakers-consent textarea") == "I am not yet done"
    assert set(looked_at(page)) == {"Project", "Record", "Review"}
    assert {slug for _, slug in looked_at(page).values()} == {"looked-at"}

    page.click("#project-new button.label-wrap")
    new_project(page, "Another")  # opened on the Project tab, and then looked at on the Record tab
    until(page, lambda: looked_at(page)["Record"][1] == "another")
    open_tab(page, "Project")
    page.wait_for_selector("#speakers-consent textarea >> visible=true")
    until(page, lambda: "done" not in page.input_value("#speakers-consent textarea"))
    assert looked_at(page)["Review"][1] == "looked-at", "nobody looked there"
    assert visit.bugs == []


def test_the_button_that_leads_on_opens_a_tab_that_lives(visit: Visit, app: App) -> None:
    page = visit.page
    new_project(page, "Led on")
    usual = asked_by_timers(page)
    open_tab(page, "Project")
    assert asked_by_timers(page) != usual
    page.click("#project-next >> visible=true")
    page.wait_for_selector(".vw-count >> visible=true")
    assert asked_by_timers(page) == usual, "its timer runs as if the tab itself had been clicked"
    assert visit.bugs == []
