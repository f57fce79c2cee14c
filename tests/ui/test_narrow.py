"""At 200 % zoom (640 px of 1280) and on a narrow phone (320 px): nothing runs out of the page or overlaps."""
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.config import DataRoot
from core.library import Library
from core.steps import speakers
from tests.ui.access import open_all
from tests.ui.driving import App, Visit, open_tab
from tests.ui.furnished import furnished
from ui import TABS

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# what runs out of the page; pairs of things to press that lie over each other; labels wider than their button
LOOK = """() => {
  const root = document.documentElement, found = [];
  if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} px wide`);
  const shown = (one) => one.checkVisibility({ checkVisibilityCSS: true, opacityProperty: true });
  const words = (one) => `“${one.innerText || one.value || ""}”`;
  const name = (one) => `${one.tagName} ${one.id} ${one.className} ${words(one)}`.slice(0, 100);
  const scrolls = (one) => one.closest(".vw-table, .vw-list, [role=listbox], #project-list .wrap");
  const all = [...document.querySelectorAll("button, a[href], input, select, textarea, summary")];
  const parts = all.filter((one) => shown(one) && !scrolls(one))
    .map((one) => [one, one.getBoundingClientRect()]);
  parts.filter(([one, box]) => box.width > 1 && (box.left < -1 || box.right > root.clientWidth + 1))
    .forEach(([one]) => found.push(`outside: ${name(one)}`));
  for (const [one] of parts) {
    const isWide = one.tagName === "BUTTON" && one.innerText && one.scrollWidth > one.clientWidth + 1;
    if (isWide) found.push(`too wide: ${name(one)}`);
  }
  parts.forEach(([one, a], i) => parts.slice(i + 1).forEach(([other, b]) => {
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    const isOne = one.contains(other) || other.contains(one);
    if (across > 2 && down > 2 && !isOne) found.push(`${name(one)} lies over ${name(other)}`);
  }));
  return found;
}"""


def look(page: Page, where: str) -> list[str]:
    """What is wrong with the page as it stands."""
    page.wait_for_timeout(700)
    return [f"{where}: {fault}" for fault in page.evaluate(LOOK)]


@pytest.mark.parametrize(("width", "height"), [(640, 450), (320, 640)], ids=["200 percent", "320 px"])
def test_nothing_runs_out_or_overlaps(visit: Visit, app: App, width: int, height: int) -> None:
    page, lib = visit.page, Library(DataRoot(app.data))
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(reduced_motion="reduce")  # an arrow that still turns is wider than one at rest
    open_all(page)  # the arrow of what is folded lies on its side, and its box is wider than the button
    found = look(page, "no project")
    project = furnished(lib, f"Narrow {width}")
    page.evaluate("(slug) => voicewright.remember('project', slug)", project.slug)
    page.reload()
    page.wait_for_selector(f".vw-open >> text={project.name}")
    for tab in TABS:
        open_tab(page, tab.TITLE)
        page.wait_for_timeout(1200)
        open_all(page)
        found += look(page, tab.TITLE)
    for name, there in (("Ben", ".vw-consent-agree:visible"), ("Ann", ".vw-count >> text=of")):
        page.goto(f"{app.url}/b/{speakers.open_booth(lib, project, name)}/")
        page.reload()
        page.wait_for_selector(there)
        found += look(page, f"booth of {name}")
    if found:
        pytest.fail("\n".join(found), pytrace=False)
