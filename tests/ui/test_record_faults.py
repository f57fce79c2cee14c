"""What goes wrong while somebody records: wrong clicks, no microphone, a page left, a server that dies."""
from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.config import DataRoot
from core.library import Library, View
from core.quality.clip import ClipQuality, faults
from tests.ui.driving import (
    App,
    Visit,
    end_app,
    is_home,
    microphone_on,
    new_project,
    open_tab,
    phase,
    record_take,
    start_app,
    until,
    wait_for_quiet,
)

if TYPE_CHECKING:
    from playwright.sync_api import APIResponse, Route

pytestmark = pytest.mark.browser
RECORD = ".vw-recorder [data-do=record]"
# A microphone whose speaker does as they are told: the made one of the browser goes on where a machine lags.
SPEAK = """() => {
  const context = new AudioContext(), tone = context.createOscillator(), loudness = context.createGain();
  loudness.gain.value = 0.001;
  tone.connect(loudness).connect(window.said = context.createMediaStreamDestination());
  tone.start();
  window.speak = (isLoud) => { loudness.gain.value = isLoud ? 0.3 : 0.001; };
  navigator.mediaDevices.getUserMedia = async () => window.said.stream.clone();
}"""


def takes(data: Path, slug: str, spare: bool = False) -> list[View]:
    library = Library(DataRoot(data))
    return library.clips.views(library.projects.get(slug).id, spare=spare)


@pytest.mark.slow
def test_wrong_clicks_lose_nothing(visit: Visit, app: App) -> None:
    page = visit.page
    new_project(page, "Clumsy")
    page.focus(".vw-speaker")
    page.keyboard.type("Ann P")  # P and Space are letters here
    assert page.input_value(".vw-speaker") == "Ann P"
    assert page.get_attribute(".vw-recorder", "data-phase") == "off"
    page.click(RECORD)  # with the mouse, so that the button keeps the focus in a careless page
    phase(page, "ready")
    record_take(page, 1.0)  # one Space must start it, not start and stop

    wait_for_quiet(page)
    page.keyboard.press("Backspace")  # say the last one again
    phase(page, "recording")
    assert page.inner_text(".vw-place") == "Prompt 1"
    page.wait_for_timeout(800)
    wait_for_quiet(page)
    page.keyboard.press("Enter")
    page.wait_for_selector(".vw-recorder[data-saved='2'][data-phase=ready]")
    assert page.inner_text(".vw-count").startswith("1 of 50")
    assert [len(takes(app.data, "clumsy", spare)) for spare in (False, True)] == [1, 2]
    page.wait_for_selector(".vw-takes >> text=Takes of prompt 1")
    page.click(".vw-takes button >> nth=0")  # the first was better after all
    page.wait_for_selector(".vw-takes button >> nth=0 >> text=in use")
    assert takes(app.data, "clumsy")[0].clip == takes(app.data, "clumsy", True)[0].clip
    assert takes(app.data, "clumsy")[0].speaker == "Ann P"

    page.keyboard.press("Space")
    phase(page, "recording")
    page.keyboard.press("Escape")  # thrown away on purpose
    phase(page, "ready")
    page.keyboard.press("Space")
    phase(page, "recording")
    page.wait_for_timeout(800)
    open_tab(page, "Project")  # left in the middle of a sentence
    page.wait_for_selector(".vw-facts >> text=2 of 50 prompts")
    assert len(takes(app.data, "clumsy")) == 2
    open_tab(page, "Record")
    phase(page, "off")
    assert page.inner_text(".vw-place") == "Prompt 3"
    assert visit.bugs == [] and visit.strangers == []


REFUSALS = {
    "NotAllowedError": "Allow it",
    "NotFoundError": "Plug one in",
    "NotReadableError": "another program",
    "OverconstrainedError": "Choose another one",
    "SecurityError": "settings",
    "AbortError": "stopped answering",
    "InvalidStateError": "Click into the page",
    "SomethingNew": "SomethingNew",
}


REFUSE = "name => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name)); }"


@pytest.mark.budget(40)
def test_each_refusal_of_the_microphone_has_its_sentence(visit: Visit) -> None:
    page = visit.page
    new_project(page, "No microphone")
    for name, words in REFUSALS.items():
        page.evaluate(REFUSE, name)
        page.click(RECORD)
        page.wait_for_selector(f".vw-said >> text={words}")
        phase(page, "off")
    assert visit.bugs == []


@pytest.mark.slow
def test_over_http_from_elsewhere_the_page_says_how_to_get_a_microphone(visit: Visit, app: App) -> None:
    page = visit.page
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', {get: () => false});")
    page.reload()
    page.wait_for_selector("#project-create")
    new_project(page, "From afar")
    port = app.url.rsplit(":", 1)[1]
    page.wait_for_selector(f".vw-said >> text=ssh -L {port}:127.0.0.1:{port} 127.0.0.1")
    page.wait_for_selector(".vw-said >> text=start Voicewright with --https")
    page.keyboard.press("Space")
    page.wait_for_timeout(300)
    assert page.get_attribute(".vw-recorder", "data-phase") == "off"


@pytest.mark.slow
def test_a_take_outlives_the_server(browser, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    first = start_app(tmp_path / "data", "--port", "0")
    port = first.url.rsplit(":", 1)[1]
    page = browser.new_context(permissions=["microphone"]).new_page()
    page.set_default_timeout(60_000)
    strangers: list[str] = []
    page.on("request", lambda request: is_home(request.url, first.url) or strangers.append(request.url))
    page.goto(first.url)
    page.wait_for_selector("#project-create")
    new_project(page, "Power cut")
    microphone_on(page)
    record_take(page, 1.0)

    wait_for_quiet(page)
    page.keyboard.press("Space")
    phase(page, "recording")
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait()
    page.wait_for_timeout(800)
    wait_for_quiet(page)
    page.keyboard.press("Space")
    page.wait_for_selector(".vw-waiting >> text=1 take waits in this browser")
    assert page.inner_text(".vw-place") == "Prompt 3"  # and the reading goes on
    assert len(takes(tmp_path / "data", "power-cut")) == 1

    second = start_app(tmp_path / "data", "--port", port)
    try:
        until = time.monotonic() + 40
        while len(found := takes(tmp_path / "data", "power-cut")) < 2 and time.monotonic() < until:
            page.wait_for_timeout(200)
        prompts = Library(DataRoot(tmp_path / "data")).prompts.of(found[0].clip.project_id)
        assert [view.clip.prompt_id for view in found] == [prompts[0].id, prompts[1].id]
        page.wait_for_selector(".vw-place >> text=Prompt 3")
        assert strangers == []
    finally:
        end_app(second)


@pytest.mark.slow
def test_a_reload_in_mid_sentence_keeps_what_was_said(visit: Visit, app: App) -> None:
    page = visit.page
    page.on("dialog", lambda dialog: dialog.accept())  # "Leave the page?" - yes
    new_project(page, "Reloaded")
    microphone_on(page)
    page.keyboard.press("Space")
    phase(page, "recording")
    page.wait_for_timeout(1500)
    asked: list[tuple[Route, APIResponse]] = []
    sent: list[Route] = []
    page.route("**/record/queue?*", lambda route: asked.append((route, route.fetch())))
    page.route("**/record/take?*", lambda route: sent.append(route))
    page.reload()
    until(page, lambda: bool(asked and sent))
    page.unroute("**/record/queue?*")
    with page.expect_response("**/record/take?*"):
        sent[0].continue_()  # the take is saved when the prompts were asked for, and before they come
    route, answer = asked[0]
    route.fulfill(response=answer)
    page.wait_for_selector(".vw-count >> text=1 of 50")
    (view,) = takes(app.data, "reloaded")
    assert view.clip.end > 1.0
    assert visit.bugs == []


@pytest.mark.slow
def test_from_another_machine_the_link_opens_the_page_and_says_how_to_get_a_microphone(
    browser,
    tmp_path: Path,  # type: ignore[no-untyped-def]
) -> None:
    served = start_app(tmp_path / "data", "--host", "0.0.0.0", "--port", "0")
    try:
        link = served.printed[0].split()[-1]
        home = link.split("/?")[0]
        page = browser.new_page()
        assert page.goto(home).status == 401
        page.goto(link)
        page.wait_for_selector("#project-create")
        assert "token" not in page.url
        new_project(page, "Guest")
        page.wait_for_selector(".vw-said >> text=ssh -L")
        assert not page.evaluate("window.isSecureContext")
    finally:
        end_app(served)


@pytest.mark.slow
def test_a_take_that_is_cut_is_begun_again_by_itself_and_the_third_is_kept(visit: Visit, app: App) -> None:
    page = visit.page
    new_project(page, "In a hurry")
    page.evaluate(SPEAK)
    microphone_on(page)
    for n in range(3):
        wait_for_quiet(page)
        if n == 0:
            page.keyboard.press("Space")
        phase(page, "recording")  # from the second on by itself
        assert takes(app.data, "in-a-hurry") == []
        page.wait_for_timeout(500)
        page.evaluate("speak(true)")
        page.wait_for_timeout(500)
        page.keyboard.press("Space")  # in the middle of a word
        if n < 2:
            page.wait_for_selector(".vw-said >> text=was cut off: thrown away")
        page.evaluate("speak(false)")
    page.wait_for_selector(".vw-recorder[data-saved='1'][data-phase=ready]")
    assert len(takes(app.data, "in-a-hurry")) == 1  # nobody is stuck
    assert visit.bugs == []


@pytest.mark.slow
def test_hands_free_takes_begin_and_end_with_the_voice(visit: Visit, app: App) -> None:
    page = visit.page
    new_project(page, "No hands")
    page.check(".vw-hands")
    microphone_on(page)
    page.wait_for_selector(".vw-recorder[data-saved='2']", timeout=30_000)
    for view in takes(app.data, "no-hands")[:2]:
        assert view.clip.end > 2.0
        assert {"cut_start", "cut_end"}.isdisjoint(f.code for f in faults(ClipQuality(**view.clip.quality)))
    assert visit.bugs == []


@pytest.mark.slow
def test_a_skipped_prompt_keeps_its_reason_and_can_be_chosen_all_the_same(visit: Visit, app: App) -> None:
    page = visit.page
    new_project(page, "Choosy")
    page.fill(".vw-reason", "a tongue twister")
    page.click(".vw-recorder [data-do=skip]")
    page.wait_for_selector(".vw-said >> text=Prompt 1 is skipped (a tongue twister)")
    assert page.inner_text(".vw-place") == "Prompt 2"
    page.reload()
    open_tab(page, "Record")
    page.wait_for_selector(".vw-place >> text=Prompt 2")
    page.click(".vw-list li:first-child button")
    assert page.inner_text(".vw-has") == "skipped"
    assert visit.bugs == []
