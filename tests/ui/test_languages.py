"""One address, two languages: the server answers in the one that is asked for, a French page is French."""
from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from core.config import DataRoot
from core.library import Library
from core.steps import projects, speakers
from tests.ui.driving import App, microphone_on, open_tab, record_take
from tests.ui.home import ELSEWHERE, LOOPBACK, Served
from ui.texts import texts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOMS = ("recorder.", "best.", "pace.", "mic.", "booth.", "key.", "tab.", "desktop.", "import.", "takes.",
         "page.")
SEEN = """() => {
  const names = ["title", "aria-label", "placeholder"];
  const said = [...document.querySelectorAll("*")].filter((one) => one.checkVisibility())
    .flatMap((one) => names.map((name) => one.getAttribute(name) || ""));
  return [document.title, document.body.innerText, ...said].join("\\n");
}"""
FRENCH, ENGLISH = {"accept-language": "fr-FR,fr;q=0.9"}, {"accept-language": "en-US"}


@pytest.fixture(scope="module")
def client(served: Callable[[str], Served]) -> TestClient:
    """The whole application, without a network."""
    return served(LOOPBACK).client()


def named(client: TestClient, headers: dict[str, str]) -> set[str]:
    """What the components of the page are called."""
    props = [each["props"] for each in client.get("/config", headers=headers).json()["components"]]
    return {str(each[name]) for each in props for name in ("label", "value") if each.get(name)}


def test_the_same_address_answers_each_in_their_language(client: TestClient) -> None:
    chosen = {**ENGLISH, "cookie": "voicewright_language=fr"}
    french, english, asked, unknown = (named(client, each) for each in (FRENCH, ENGLISH, chosen, {}))
    assert "Ouvrir le projet d’exemple" in french and "Open the sample project" not in french
    assert "Open the sample project" in english and "Ouvrir le projet d’exemple" not in english
    assert asked == french and unknown == english


def test_routes_tell_what_is_wrong_in_the_language_of_the_page(client: TestClient) -> None:
    told = {client.get("/b/unknown/about", headers=each).json()["error"] for each in (FRENCH, ENGLISH)}
    assert told == {"Ce lien n’ouvre plus de salle d’enregistrement\u00a0: demandez-en un nouveau.",
                    "This link does not open a recording room any more: ask for a new one."}


def test_a_page_learns_from_the_server_that_another_language_was_chosen(client: TestClient) -> None:
    french, english = (client.get("/alive", headers=each).json()["boot"] for each in (FRENCH, ENGLISH))
    assert french != english and client.get("/alive", headers=FRENCH).json()["boot"] == french


def test_the_guard_speaks_the_language_too(served: Callable[[str], Served]) -> None:
    guarded = served(ELSEWHERE).client()
    assert guarded.get("/", headers=FRENCH).text.startswith("Cette page a besoin")
    assert guarded.get("/", headers=ENGLISH).text.startswith("This page needs")


def left_in_english(page: Page) -> list[str]:
    """Texts of the recording room that stand there in English, seen or read out."""
    shown = page.evaluate(SEEN)
    french = texts("fr")
    pieces = {piece.strip(" .:;,") for key, text in texts("en").items()
              if key.startswith(ROOMS) and french[key] != text for piece in re.split(r"\{[^}]*\}", text)}
    same = {piece for piece in pieces if any(piece in text for text in french.values())}
    wanted = [piece for piece in pieces - same if len(piece) > 3]
    assert len(wanted) > 100
    return [piece for piece in wanted if re.search(rf"(?<!\w){re.escape(piece)}(?!\w)", shown)]


@pytest.mark.browser
@pytest.mark.slow
def test_the_recording_room_is_french_for_who_reads_french(browser: Browser, app: App) -> None:
    lib = Library(DataRoot(app.data))
    project = projects.create(lib, "Nombres", "blank").project
    lib.prompts.add(project.id, [("un deux trois", ""), ("quatre cinq six", "")])
    speakers.ask_consent(lib, project, "Vous pouvez utiliser ma voix.", "page:x")
    link = f"{app.url}/b/{speakers.open_booth(lib, project, 'Ann')}/"
    context = browser.new_context(permissions=["microphone"], locale="fr-FR",
                                  viewport={"width": 480, "height": 900})
    context.add_init_script("localStorage['voicewright:booth:listen'] ??= 'no'")
    page = context.new_page()
    bugs: list[str] = []
    page.on("pageerror", lambda error: bugs.append(str(error)))

    page.goto(link)
    page.wait_for_selector(".vw-consent-text >> text=Vous pouvez")
    assert left_in_english(page) == []
    page.click(".vw-consent-agree")
    page.wait_for_selector(".vw-count >> text=0 sur 2, 0,0 min")
    microphone_on(page)
    record_take(page, 1.5)
    page.wait_for_selector(".vw-said >> text=La phrase 1 est sauvegardée")
    assert left_in_english(page) == []

    page.goto(app.url)
    page.click("#project-list label >> text=Nombres")
    page.wait_for_selector(".vw-open >> text=Nombres")
    open_tab(page, "Record")
    page.wait_for_selector(".vw-count >> text=sur 2")
    for box in ("#record-desktop", "#record-import"):
        page.click(f"{box} button")
    assert left_in_english(page) == []
    assert page.evaluate("[document.documentElement.lang, document.body.scrollWidth]") == ["fr", 480]

    page.click("[data-language=en]")
    page.wait_for_selector(".vw-count >> text=of 2")
    assert page.inner_text("#record-record") == "Turn the microphone on"
    assert page.evaluate("navigator.language") == "en"
    assert bugs == []
    context.close()
