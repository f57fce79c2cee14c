"""The speaker's booth: a link opens one speaker's recording room, and nothing else, in a real browser too."""
from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
import soundfile
from fastapi.testclient import TestClient
from playwright.sync_api import Browser

from core.config import DataRoot
from core.library import Library, Project
from core.steps import projects, speakers
from tests.made import tone
from tests.ui.driving import App, microphone_on, record_take
from tests.ui.home import ELSEWHERE, LOOPBACK, Served

Booths = tuple[Library, Project, str, str]


@pytest.fixture(scope="module")
def lib(served: Callable[[str], Served]) -> Library:
    return served(LOOPBACK).library


@pytest.fixture
def booths(lib: Library) -> Booths:
    """A project with two prompts, and the links of Ann and Ben."""
    project = projects.create(lib, f"Orders {len(lib.projects.all())}", "blank").project
    lib.prompts.add(project.id, [("one two", ""), ("three", "")])
    return lib, project, speakers.open_booth(lib, project, "Ann"), speakers.open_booth(lib, project, "Ben")


@pytest.fixture(params=[LOOPBACK, ELSEWHERE], scope="module")
def client(served: Callable[[str], Served], request: pytest.FixtureRequest) -> TestClient:
    """Somebody with no more than a link, on loopback and elsewhere."""
    return served(request.param).client(follow_redirects=False)


def sound(pitch: float = 220.0) -> bytes:
    quiet = np.zeros(8000)
    kept = io.BytesIO()
    samples = np.concatenate([quiet, tone(1.0, pitch), quiet])
    soundfile.write(kept, samples, 16000, subtype="PCM_16", format="WAV")
    return kept.getvalue()


def test_a_take_belongs_to_the_speaker_of_the_link(client: TestClient, booths: Booths) -> None:
    lib, project, ann, ben = booths
    prompt = lib.prompts.of(project.id)[0].id
    wish = {"project": "other", "speaker": "Ben", "who": "page:x", "prompt": prompt}
    kept = client.post(f"/b/{ann}/record/take", params=wish, content=sound()).json()
    view = lib.clips.view(kept["clip"])
    assert (view.speaker, view.clip.prompt_id, view.clip.project_id) == ("Ann", prompt, project.id)
    assert client.get(f"/b/{ann}/record/queue", params=wish).json()["done"] == 1
    assert client.get(f"/b/{ben}/record/queue").json()["done"] == 0
    assert client.get(f"/b/{ann}/audio/{kept['clip']}").status_code == 200
    for path in ("audio", "peaks", "record/said", "record/takes"):
        assert client.get(f"/b/{ben}/{path}/{kept['clip']}").status_code == 404
    assert client.post(f"/b/{ben}/record/use/{kept['clip']}").status_code == 404


def test_the_same_sound_from_two_speakers_is_two_takes(client: TestClient, booths: Booths) -> None:
    lib, project, ann, ben = booths
    params = {"prompt": lib.prompts.of(project.id)[0].id}
    clips = [client.post(f"/b/{link}/record/take", params=params, content=sound()).json()["clip"]
             for link in (ann, ben, ann)]
    assert clips[0] == clips[2] != clips[1]
    assert {view.speaker for view in lib.clips.views(project.id)} == {"Ann", "Ben"}


def test_a_link_opens_its_page_and_nothing_else(client: TestClient, booths: Booths) -> None:
    lib, _, ann, _ = booths
    client.cookies.clear()
    assert client.get("/booth/").status_code == 401
    entered = client.get(f"/b/{ann}/")
    assert (entered.status_code, entered.headers["location"]) == (303, f"/booth/#{ann}")
    assert "path=/booth" in entered.headers["set-cookie"].lower()
    cookie = {"cookie": entered.headers["set-cookie"].split(";")[0]}
    client.cookies.clear()
    assert client.get("/booth/", headers=cookie).status_code == 200
    for path in ("file=/etc/passwd", "proxy=http://x", "call/x"):
        assert client.get(f"/booth/gradio_api/{path}", headers=cookie).status_code == 401
    for path in ("/booth/gradio_api/upload", "/booth/gradio_api/queue/join", "/booth/gradio_api/run/predict"):
        assert client.post(path, headers=cookie).status_code == 401
    for path in ("", "x", f"{ann}/config", f"{ann}/gradio_api/info", "%2e%2e/config"):
        assert client.get(f"/b/{path}").status_code == 404
    if client.base_url.host != "127.0.0.1":
        for path in ("/", "/config", "/record/queue?project=orders", "/alive"):
            assert client.get(path, headers=cookie).status_code == 401
    lib.booths.close(speakers.booth(lib, ann).speaker.id)
    assert client.get("/booth/", headers=cookie).status_code == 401
    for path in ("", "about", "record/queue"):
        answer = client.get(f"/b/{ann}/{path}")
        assert answer.status_code == 404 and "ask for a new one" in answer.json()["error"]
    assert client.post(f"/b/{ann}/record/take", content=sound()).status_code == 404


def test_nothing_is_taken_before_consent_and_none_after_it_was_taken_back(
    client: TestClient, booths: Booths
) -> None:
    lib, project, ann, _ = booths
    speakers.ask_consent(lib, project, "You may.", "page:x")
    take = {"url": f"/b/{ann}/record/take", "content": sound()}
    about = client.get(f"/b/{ann}/about").json()
    assert (about["free"], about["consent"]) == (False, {"text": "You may.", "version": 1})
    assert client.post(**take).status_code == 400 and lib.clips.views(project.id) == []
    assert client.post(f"/b/{ann}/agree", params={"version": 2}).status_code == 409
    assert client.post(f"/b/{ann}/agree", params={"version": 1}).json() == {"free": True}
    assert client.post(**take).json()["usable"] and client.get(f"/b/{ann}/about").json()["agreed_at"]
    assert client.post(f"/b/{ann}/withdraw").json() == {"free": False}
    assert client.post(**take).status_code == 400 and len(lib.clips.views(project.id)) == 1


def test_a_skip_in_the_booth_is_its_speakers_own(client: TestClient, booths: Booths) -> None:
    lib, project, ann, ben = booths
    first, _ = lib.prompts.of(project.id)
    wish = {"prompt": first.id, "reason": "hard"}
    assert client.post(f"/b/{ann}/record/skip", params=wish).status_code == 200
    assert client.get(f"/b/{ann}/record/queue").json()["next"] == 1
    assert client.get(f"/b/{ben}/record/queue").json()["next"] == 0
    other = projects.create(lib, f"{project.name} other", "blank").project
    lib.prompts.add(other.id, [("four", "")])
    theirs = lib.prompts.of(other.id)[0].id
    assert client.post(f"/b/{ann}/record/skip", params={"prompt": theirs, "reason": "x"}).status_code == 404


@pytest.mark.browser
@pytest.mark.budget(60)
def test_somebody_opens_the_link_agrees_and_records(browser: Browser, app: App) -> None:
    lib = Library(DataRoot(app.data))
    project = projects.create(lib, "Booth story", "numbers").project
    speakers.ask_consent(lib, project, "You may use my voice.", "page:x")
    link = f"{app.url}/b/{speakers.open_booth(lib, project, 'Ann')}/"
    context = browser.new_context(permissions=["microphone"])
    context.add_init_script("localStorage['voicewright:booth:listen'] ??= 'no'")
    page = context.new_page()
    bugs: list[str] = []
    page.on("pageerror", lambda error: bugs.append(str(error)))
    page.goto(link)
    page.wait_for_selector(".vw-consent-text >> text=You may use my voice.")
    assert not page.is_visible(".vw-recorder")
    page.click(".vw-consent-agree")
    page.wait_for_selector(".vw-count >> text=of 50")
    assert not page.is_visible(".vw-speaker") and "Ann" in page.inner_text(".vw-booth-who")
    microphone_on(page)
    record_take(page, 1.5)
    page.reload()
    page.wait_for_selector(".vw-count >> text=1 of 50")
    (view,) = lib.clips.views(project.id)
    assert view.speaker == "Ann" and lib.consents.of(project.id)[view.clip.speaker_id or 0].given
    assert bugs == []
    context.close()
