"""The page and the booth under axe-core: nothing serious in our own markup and theme, light and dark."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from core.config import DataRoot
from core.library import Library, Project
from core.steps import projects, speakers
from tests.ui.access import KNOWN, Fault, faults, open_all
from tests.ui.driving import App, microphone_on, open_tab, phase, record_take, wait_for_quiet
from tests.ui.furnished import WHO, furnished
from ui import TABS

pytestmark = pytest.mark.browser


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    """The colours that the person's system asks for."""
    return request.param


@pytest.fixture
def page(scheme: str, browser: Browser, app: App) -> Iterator[Page]:
    """The page in that colour scheme, no project open."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, permissions=["microphone"], color_scheme=scheme,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(40_000)
    for place in ("voicewright", "voicewright:booth"):
        page.add_init_script(f"localStorage['{place}:listen'] = 'no'")
    page.goto(app.url)
    page.wait_for_selector("#project-create")
    yield page
    context.close()


def opened(page: Page, project: Project) -> None:
    """Come back to that project."""
    page.evaluate("(slug) => voicewright.remember('project', slug)", project.slug)
    page.reload()
    page.wait_for_selector(f".vw-open >> text={project.name}")


def none_is_ours(found: list[Fault]) -> None:
    """Fail with what is ours to mend, one line each."""
    ours = {f"{one.rule} at {one.where}: {one.why} {one.html}" for one in found if not one.known}
    if ours:
        pytest.fail("\n".join(sorted(ours)), pytrace=False)


@pytest.mark.slow
def test_recorder_and_booth(page: Page, app: App, scheme: str) -> None:
    lib = Library(DataRoot(app.data))
    project = projects.create(lib, f"Seen in {scheme}", "numbers").project
    speakers.ask_consent(lib, project, "You may use my voice.", WHO)
    opened(page, project)
    open_tab(page, "Record")
    page.wait_for_selector(".vw-count >> text=of 50")
    none_is_ours(faults(page))
    page.goto(f"{app.url}/b/{speakers.open_booth(lib, project, 'Ann')}/")
    page.wait_for_selector(".vw-consent-agree:visible")
    none_is_ours(faults(page))
    page.click(".vw-consent-agree")
    page.wait_for_selector(".vw-count >> text=of 50")
    none_is_ours(faults(page))


@pytest.mark.slow
def test_every_tab_with_everything_open(
    page: Page, app: App, scheme: str, figure: Callable[[str], None]
) -> None:
    found, n = faults(page), 1
    project = furnished(Library(DataRoot(app.data)), f"All in {scheme}")
    opened(page, project)
    for tab in TABS:
        open_tab(page, tab.TITLE)
        page.wait_for_timeout(1500)
        open_all(page)
        for state in STATES.get(tab.TITLE, [lambda page: None]):
            state(page)
            found += faults(page)
            n += 1
    none_is_ours(found)
    seen = {one.known for one in found}
    assert [known for known in KNOWN if known not in seen] == [], "these are gone: take them off the list"
    figure(f"axe-core, {scheme}: {n} states of the page, nothing serious that is ours; "
           f"in Gradio's components: {[known.rule for known in KNOWN] or 'nothing'}")


def refused(page: Page) -> None:
    """After a project without a name was asked for: the message of an error is there."""
    page.click("#project-create")
    page.wait_for_selector(".toast-header")
    page.wait_for_timeout(1000)  # it fades in


def recording(page: Page) -> None:
    """While a take is recorded."""
    microphone_on(page)
    wait_for_quiet(page)
    page.keyboard.press("Space")
    phase(page, "recording")


def recorded(page: Page) -> None:
    """After a take."""
    page.keyboard.press("Escape")
    phase(page, "ready")
    record_take(page, 1.5)


def listened(page: Page) -> None:
    """After a file was chosen for both models: the player of Gradio is there."""
    sample = next(Path(projects.SAMPLE).glob("target-*.flac"))
    page.click("#compare-audio button[aria-label='Upload file']")
    page.set_input_files("#compare-audio input[type=file]", sample)
    page.wait_for_selector("#compare-audio .playback")


def keys_open(page: Page) -> None:
    """The table of the keys."""
    page.keyboard.press("?")
    page.wait_for_selector(".vw-key-table[open]")


def close_dialog(page: Page) -> None:
    """Escape, and wait until the page has the keys again."""
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.querySelector('dialog[open]')")


def bulk_open(page: Page) -> None:
    """What a change of all listed takes would do."""
    close_dialog(page)
    page.keyboard.press("g")
    page.wait_for_selector(".vw-bulk-table")


def bulk_closed(page: Page) -> None:
    """The desk again, a word chosen and a flag set."""
    close_dialog(page)
    page.keyboard.press("k")
    page.keyboard.press("1")
    page.wait_for_selector("[data-flag=noise][aria-pressed=true]")


STATES: dict[str, list[Callable[[Page], None]]] = {
    "Project": [lambda page: None, refused], "Record": [lambda page: None, recording, recorded],
    "Review": [lambda page: None, keys_open, bulk_open, bulk_closed],
    "Compare": [lambda page: None, listened]}
