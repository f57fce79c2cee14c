"""The story of the Speak tab in a browser, with tiny models: choose, speak, hear, reload, compare blindly."""
from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from core.config import DataRoot
from core.library import Library, Project
from core.runs import votes
from core.steps import speak
from tests.tiny_higgs import make_higgs
from tests.ui.driving import App, Visit, open_tab, put
from tests.ui.furnished import furnished

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TEXT = "It came at noon. Nobody saw it, and that was that."
LONG = 240_000
"""Milliseconds that a worker may take until a person hears something, on a busy machine."""
LOADED = """(sound) => new Promise((done, fail) => {
  sound.addEventListener("loadedmetadata", () => done(sound.duration));
  sound.addEventListener("error", () => fail(new Error(sound.error?.message || "no sound")));
  sound.load();
})"""


@pytest.fixture
def models(app: App) -> Iterator[list[str]]:
    """Two models that speak, for as long as the story takes."""
    folder = DataRoot(app.data).models / "tiny-voices"
    for seed, name in enumerate(("first", "second"), 3):
        make_higgs(folder / name, seed)
    yield [f"{folder.name}/{name}" for name in ("first", "second")]
    shutil.rmtree(folder)


def come_back(page: Page, project: Project) -> None:
    """Load the page anew: it opens on the Speak tab of the project."""
    for key, value in (("project", project.slug), ("tab", "Speak")):
        page.evaluate("([key, value]) => voicewright.remember(key, value)", [key, value])
    page.reload()
    page.wait_for_selector("#speak-panel:visible")


def choose(page: Page, field: str, title: str) -> None:
    """One of the choices of a field."""
    page.click(f"{field} input")
    page.click(f"[role=listbox] [role=option]:has-text('{title}')")


def seconds_of(page: Page, sentence: int, slot: int) -> float:
    """The length of a sound as the browser has loaded it."""
    sound = page.locator(".vw-said section").nth(sentence).locator("audio").nth(slot)
    sound.scroll_into_view_if_needed()
    return float(sound.evaluate(LOADED))


@pytest.mark.usefixtures("models")
def test_a_text_is_spoken_heard_and_compared_blindly(visit: Visit, app: App) -> None:
    page, lib = visit.page, Library(DataRoot(app.data))
    page.set_default_timeout(LONG)
    project = furnished(lib, "Told aloud")
    come_back(page, project)
    expect(page.locator("#speak-about")).to_contain_text("no Whisper pathway")
    assert float(page.locator("#speak-reason audio").evaluate(LOADED)) > 0.5  # the take to speak like

    # what was typed outlives a reload
    put(page, "#speak-text", TEXT)
    come_back(page, project)
    expect(page.locator("#speak-text textarea")).to_have_value(TEXT)

    # speak, and hear it: also after a reload
    choose(page, "#speak-model", "tiny-voices/first")
    page.click("#speak-start")
    expect(page.locator(".vw-said section")).to_have_count(3, timeout=LONG)
    (card,) = speak.cards(lib, project)
    rows = card.run.results()[0]
    assert card.order["reference"]["speaker"] == "Ann" and card.order["text"] == TEXT
    for _ in range(2):
        for number, row in enumerate(rows, 1):
            assert seconds_of(page, number, 0) == pytest.approx(row["seconds"], abs=0.05)
        expect(page.locator(".vw-said")).to_contain_text("the expected length")
        come_back(page, project)
        page.wait_for_selector(".vw-said section")

    # a second model, not knowing which is which
    put(page, "#speak-text", TEXT)
    choose(page, "#speak-model", "tiny-voices/first")
    choose(page, "#speak-beside", "tiny-voices/second")
    page.check("#speak-blind input")
    page.click("#speak-start")
    page.wait_for_selector(".vw-votes", timeout=LONG)
    expect(page.locator(".vw-votes")).to_have_count(2, timeout=LONG)
    blind = speak.cards(lib, project)[0].run
    assert "tiny-voices" not in page.inner_text(".vw-said")
    for number, answer in ((0, "left"), (1, "same")):
        page.click(f".vw-votes [data-vote={answer}][data-sentence='{number}']")
        pressed = page.locator(f".vw-votes [data-vote={answer}][data-sentence='{number}']")
        expect(pressed).to_have_attribute("aria-pressed", "true")
    assert votes.of_run(blind).answers == {0: "left", 1: "same"}
    page.click("[data-reveal]")
    expect(page.locator(".vw-said")).to_contain_text("prove nothing")
    expect(page.locator(".vw-said")).to_contain_text("tiny-voices/second")

    # the older one is still there
    page.locator("#speak-runs [data-do=show]").last.click()
    expect(page.locator(".vw-said audio")).to_have_count(3)
    open_tab(page, "Compare")
    assert visit.strangers == [] and visit.bugs == []
