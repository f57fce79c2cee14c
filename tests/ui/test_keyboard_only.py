"""Without a mouse: from a new project to an accepted take, the focus always seen and never lost."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from core.config import DataRoot
from core.library import Library
from tests.ui.driving import App, Visit, phase, record_take

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

# what has the focus: whether it can be seen there, by an outline or a shadow around it
FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return { isLost: true };
  const { outlineStyle, outlineWidth } = getComputedStyle(at), box = at.getBoundingClientRect();
  const isDrawn = at.checkVisibility() && box.width > 0 && box.bottom > 0 && box.top < innerHeight;
  const isSeen = isDrawn && outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  return { isLost: false, isSeen, html: at.outerHTML.slice(0, 120) };
}"""
MOST_STEPS = 120


def press(page: Page, key: str) -> None:
    """One key, then the focus is somewhere."""
    page.keyboard.press(key)
    page.wait_for_timeout(50)
    page.wait_for_function("() => document.activeElement && document.activeElement !== document.body")


def tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Tab until `selector` has the focus, which is seen at each step."""
    for _ in range(MOST_STEPS):
        if page.evaluate("(one) => document.activeElement.matches(one)", selector):
            return
        page.keyboard.press(key)
        at = page.evaluate(FOCUS)
        if not at["isLost"]:  # between the last place and the first one the browser's own bar has it
            assert at["isSeen"], at["html"]
    pytest.fail(f"{MOST_STEPS} times {key}, and {selector} was not reached")


def go_to(page: Page, title: str) -> None:
    """Open a tab of the page by its own button."""
    tab_to(page, f"#voicewright-tabs [data-tab-id='{title}']", "Shift+Tab")
    press(page, "Enter")
    page.wait_for_selector(f"[data-tab-id='{title}'][aria-selected=true]")


@pytest.mark.slow
def test_a_take_is_recorded_and_accepted(visit: Visit, app: App) -> None:
    page = visit.page
    tab_to(page, "#project-name input, #project-name textarea")
    page.keyboard.type("By keys")
    tab_to(page, "#project-create")
    press(page, "Space")
    page.wait_for_selector(".vw-open >> text=By keys")
    press(page, "Shift+Tab")
    go_to(page, "Record")
    page.wait_for_selector(".vw-count >> text=of 50")
    tab_to(page, ".vw-recorder [data-do=record]")
    press(page, "Space")
    phase(page, "ready")
    record_take(page, 1.5)
    assert page.evaluate("() => document.activeElement.matches('[data-do=record]')")
    press(page, "ArrowLeft")
    go_to(page, "Review")
    tab_to(page, "#review-use-prompt")
    press(page, "Space")
    page.wait_for_selector("#review-text >> text=the prompt's text")
    tab_to(page, "#review-accept")
    press(page, "Enter")
    page.wait_for_selector("#review-empty >> text=every take has been decided")
    page.wait_for_function("() => document.activeElement !== document.body")
    lib = Library(DataRoot(app.data))
    (view,) = lib.clips.views(lib.projects.get("by-keys").id)
    assert view.clip.decision == "accepted"
    assert visit.bugs == []


@pytest.mark.slow
def test_what_is_drawn_anew_keeps_the_focus(visit: Visit) -> None:
    page = visit.page
    page.fill("#project-name input, #project-name textarea", "Kept focus")
    page.click("#project-create")
    page.wait_for_selector(".vw-open >> text=Kept focus")
    stays(page, "#prompts-list [data-prompt]:nth-child(3) [data-do=must]", "Space",
          lambda: page.wait_for_selector("#prompts-list tr:nth-child(3) [data-do=must][aria-pressed=true]"))
    go_to(page, "Record")
    page.wait_for_selector(".vw-count >> text=of 50")
    stays(page, ".vw-list li:nth-child(4) button", "Enter", lambda: shows(page, 4))
    assert page.evaluate("() => document.activeElement.matches('[data-do=record]')")
    stays(page, ".vw-recorder [data-do=previous]", "Enter", lambda: shows(page, 3))
    for place in (2, 1):  # at the first prompt the button goes out of use
        press(page, "Enter")
        shows(page, place)
    page.wait_for_function("() => document.activeElement.matches('.vw-recorder button:enabled')")
    assert visit.bugs == []


def shows(page: Page, place: int) -> None:
    """Wait until the recorder asks for that prompt."""
    page.wait_for_selector(f".vw-place >> text=Prompt {place}")


def stays(page: Page, selector: str, key: str, done: Callable[[], object]) -> None:
    """Press what is focused, wait for its effect: the focus is not lost by it."""
    page.focus(selector)
    press(page, key)
    done()
    page.wait_for_timeout(600)
    assert not page.evaluate(FOCUS)["isLost"]
