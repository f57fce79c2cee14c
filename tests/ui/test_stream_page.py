"""Listening along in a real browser with a WAV as its microphone: words as they are said, the delay, Stop."""
from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright

from core.config import DataRoot
from core.library import Library
from tests.core.conftest import make_sound
from tests.kyutai_project import kyutai_model
from tests.ui.driving import App, end_app, hearing, is_home, open_tab, start_app

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SLOW = """window.slow = 3000;
const asked = window.fetch;
window.fetch = async (url, how) => {
  if (String(url).includes("listen/push")) await new Promise((done) => setTimeout(done, window.slow));
  return asked(url, how);
};"""
"""A host that needs 3 seconds more for each piece of sound."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[App]:
    """The app on a data root with a tiny model that streams."""
    root = tmp_path / "data"
    root.mkdir()
    kyutai_model(Library(DataRoot(root)))
    running = start_app(root, "--port", "0")
    yield running
    end_app(running)


def files(root: Path) -> set[str]:
    """What lies in a data root, but for the database and logs."""
    return {str(path.relative_to(root)) for path in root.rglob("*")
            if path.is_file() and path.suffix not in (".log", ".db", ".db-wal", ".db-shm")}


def card(page: Page, app: App) -> Page:
    """The card, with its model listed."""
    page.goto(app.url)
    open_tab(page, "Compare")
    page.wait_for_selector(".vw-stream-model option", state="attached", timeout=30_000)
    return page


def test_words_come_while_they_are_said_and_nothing_is_kept(
    place: App, playwright: Playwright, chromium: str, tmp_path: Path
) -> None:
    make_sound(tmp_path / "mic.wav", "six one two three four five six seven")
    before = files(place.data)
    browser = playwright.chromium.launch(executable_path=chromium,
                                         args=[*hearing(tmp_path / "mic.wav"), "--disable-gpu"])
    pages = [browser.new_page() for _ in range(2)]
    bugs: list[str] = []
    strangers: list[str] = []
    for page in pages:
        page.on("pageerror", lambda error: bugs.append(str(error)))
        page.on("request", lambda asked: strangers.append(asked.url)
                if not is_home(asked.url, place.url) else None)
    page, other = (card(each, place) for each in pages)
    page.click(".vw-stream-start")
    page.wait_for_selector(".vw-stream[data-phase=on]", timeout=60_000)
    page.wait_for_function("parseFloat(document.querySelector('.vw-stream').dataset.heard) > 2",
                           timeout=30_000)
    heard = page.inner_text(".vw-stream-text")
    assert heard.strip(), "words before the end"
    assert "0.5 s of the model itself" in page.inner_text(".vw-stream-delay")
    other.click(".vw-stream-start")
    other.wait_for_selector(".vw-stream-said >> text=Somebody listens along already", timeout=30_000)
    page.click(".vw-stream-stop")
    page.wait_for_selector(".vw-stream[data-phase=off]", timeout=30_000)
    assert "nothing of the sound was kept" in page.inner_text(".vw-stream-said")
    assert page.inner_text(".vw-stream-text").startswith(heard)
    other.click(".vw-stream-start")
    other.wait_for_selector(".vw-stream[data-phase=on]", timeout=60_000)
    browser.close()
    assert bugs == [] and strangers == []
    assert files(place.data) == before


def test_a_machine_that_falls_behind_says_so_and_by_how_much(
    place: App, playwright: Playwright, chromium: str, tmp_path: Path
) -> None:
    make_sound(tmp_path / "mic.wav", "six one two three four five six seven")
    browser = playwright.chromium.launch(executable_path=chromium,
                                         args=[*hearing(tmp_path / "mic.wav"), "--disable-gpu"])
    page = browser.new_page()
    page.add_init_script(SLOW)
    card(page, place).click(".vw-stream-start")
    page.wait_for_selector(".vw-stream-said .vw-warn", timeout=90_000)
    told = page.inner_text(".vw-stream-said")
    assert re.search(r"too slow for this model: it is [\d.]+ s behind your voice and takes [\d.]+", told)
    assert float(page.get_attribute(".vw-stream", "data-lag") or 0) > 2
    page.evaluate("window.slow = 0")
    page.click(".vw-stream-stop")
    page.wait_for_selector(".vw-stream[data-phase=off]", timeout=60_000)
    assert float(page.get_attribute(".vw-stream", "data-lag") or 9) < 0.5, "all of it was heard"
    browser.close()


def test_without_a_model_that_streams_the_card_says_so(
    playwright: Playwright, chromium: str, app: App
) -> None:
    browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
    page = browser.new_page()
    page.goto(app.url)
    open_tab(page, "Compare")
    page.wait_for_selector(".vw-stream-said >> text=No model here writes while it hears", timeout=30_000)
    assert page.is_disabled(".vw-stream-start")
    browser.close()
