"""The page's own routes and its guard: clips by id only, takes kept once and whole, no stranger let in."""
from __future__ import annotations

import io
import json
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from starlette.testclient import TestClient

from core.config import DataRoot
from core.library import Change, Library, Project
from core.steps import projects
from ui import guard
from ui.recording import MAX_TAKE_BYTES
from ui.routes import own_app

TOKEN = "a-long-token"


@pytest.fixture
def library(data_root: DataRoot) -> Library:
    return Library(data_root)


@pytest.fixture
def project(library: Library) -> Project:
    return projects.create(
        library, "Codes", "file", script=b"one two three\nfour five six\n", script_name="p.txt"
    ).project


@pytest.fixture
def client(library: Library) -> TestClient:
    app = own_app(library)
    app.add_middleware(guard.Guard)
    return TestClient(app, base_url="http://127.0.0.1:7860")


def sound(seconds: float = 1.5, seed: int = 0, rate: int = 16_000) -> bytes:
    """A WAV as a browser would send it: noise in bursts, 16-bit mono."""
    noise = np.random.default_rng(seed).normal(0, 3000, int(seconds * rate))
    noise[: rate // 4] *= 0.01
    noise[-rate // 4 :] *= 0.01
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(noise.astype("<i2").tobytes())
    return buffer.getvalue()


def send(client: TestClient, project: Project, body: bytes, **query: str | int):  # type: ignore[no-untyped-def]
    return client.post("/record/take", params={"project": project.slug, **query}, content=body)


def first_prompt(library: Library, project: Project) -> int:
    return library.prompts.of(project.id)[0].id


def test_a_take_is_kept_byte_for_byte_and_the_queue_goes_on(
    client: TestClient, library: Library, project: Project
) -> None:
    body = sound()
    said = send(client, project, body, prompt=first_prompt(library, project), speaker="Ann").json()
    clip = library.clips.get(said["clip"])
    assert (library.root.path / clip.audio).read_bytes() == body
    assert library.clips.view(clip.id).speaker == "Ann"
    queue = client.get("/record/queue", params={"project": project.slug}).json()
    assert (queue["done"], queue["total"], queue["next"]) == (1, 2, 1)
    assert queue["prompts"][0][1:4] == ["one two three", queue["prompts"][0][2], clip.id]
    assert not list((library.root.cache / "uploads").iterdir())


def test_the_same_take_sent_twice_is_kept_once(
    client: TestClient, library: Library, project: Project
) -> None:
    body, prompt = sound(), first_prompt(library, project)
    first = send(client, project, body, prompt=prompt).json()["clip"]
    assert send(client, project, body, prompt=prompt).json()["clip"] == first
    assert len(library.clips.views(project.id)) == 1


def test_the_same_take_sent_by_two_pages_at_once_is_kept_once(
    client: TestClient, library: Library, project: Project
) -> None:
    body, prompt = sound(), first_prompt(library, project)
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda _: send(client, project, body, prompt=prompt).json()["clip"], range(4)))
    assert len(set(said)) == 1
    assert len(library.clips.views(project.id)) == 1


def test_a_bad_take_says_what_is_wrong_with_it(
    client: TestClient, library: Library, project: Project
) -> None:
    hushed = sound(0.1)
    answer = send(client, project, hushed, prompt=first_prompt(library, project)).json()
    assert not answer["usable"]
    assert any(f["sentence"].endswith(".") for f in answer["findings"])
    broken = send(
        client, project, b"this is no sound at all, just text", prompt=first_prompt(library, project)
    )
    assert broken.status_code == 422
    assert "text" in broken.json()["error"]


@pytest.mark.parametrize(
    ("query", "status"),
    [({"project": "nowhere"}, 404), ({"project": "../../etc"}, 404), ({"prompt": 99_999}, 404)],
)
def test_a_take_for_something_unknown_is_told_so_and_kept_by_the_browser(
    client: TestClient, project: Project, query: dict[str, str | int], status: int
) -> None:
    answer = client.post("/record/take", params={"project": project.slug, **query}, content=sound())
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".")


def test_a_name_that_is_a_path_is_refused(client: TestClient, library: Library, project: Project) -> None:
    answer = send(client, project, sound(), speaker="../../x")
    assert answer.status_code == 422
    assert "../../x" in answer.json()["error"]
    assert library.clips.views(project.id) == []


def test_an_endless_body_is_cut_off(
    client: TestClient, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.recording.MAX_TAKE_BYTES", 1000)
    assert MAX_TAKE_BYTES > 10_000_000
    assert send(client, project, sound()).status_code == 422


def test_audio_comes_by_id_in_ranges_and_trimmed(
    client: TestClient, library: Library, project: Project
) -> None:
    body = sound()
    clip = send(client, project, body).json()["clip"]
    assert client.get(f"/audio/{clip}").content == body
    part = client.get(f"/audio/{clip}", headers={"Range": "bytes=0-99"})
    assert (part.status_code, part.content) == (206, body[:100])
    library.changes.apply(project.id, [Change(clip, "end", 1.5, 0.5)], "test")
    with wave.open(io.BytesIO(client.get(f"/audio/{clip}").content)) as trimmed:
        assert trimmed.getnframes() == 8000


def test_peaks_follow_the_sound(client: TestClient, project: Project) -> None:
    clip = send(client, project, sound()).json()["clip"]
    rows = np.array(client.get(f"/peaks/{clip}", params={"n": 60}).json())
    assert rows.shape == (60, 2)
    assert (rows[:, 0] <= rows[:, 1]).all()
    assert np.abs(rows[25:35]).max() > 20 * np.abs(rows[:8]).max()


@pytest.mark.parametrize(
    "wanted", ["nothing", "..%2f..%2flibrary.db", "../library.db", "%2e%2e/library.db", "C:%5cx"]
)
def test_only_ids_of_clips_open_anything(client: TestClient, project: Project, wanted: str) -> None:
    for route in ("audio", "peaks"):
        answer = client.get(f"/{route}/{wanted}")
        assert answer.status_code == 404
        assert b"SQLite" not in answer.content


def test_a_clip_whose_row_points_outside_is_refused(
    client: TestClient, library: Library, project: Project
) -> None:
    import sqlite3

    clip = send(client, project, sound()).json()["clip"]
    with sqlite3.connect(library.root.database) as db:
        db.execute("UPDATE clips SET audio = '../../../etc/hostname' WHERE id = ?", (clip,))
    assert client.get(f"/audio/{clip}").status_code == 422


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example:7860"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    ],
)
def test_strangers_are_turned_away(client: TestClient, project: Project, headers: dict[str, str]) -> None:
    assert client.get("/record/queue", params={"project": project.slug}, headers=headers).status_code == 403
    assert (
        client.post(
            "/record/take", params={"project": project.slug}, content=sound(), headers=headers
        ).status_code
        == 403
    )


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://127.0.0.1:7860"},
        {"Host": "localhost:9000", "Origin": "http://localhost:9000"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    ],
)
def test_the_page_itself_is_let_in(client: TestClient, project: Project, headers: dict[str, str]) -> None:
    assert client.get("/record/queue", params={"project": project.slug}, headers=headers).status_code == 200


def test_with_a_token_everything_needs_it(library: Library, project: Project) -> None:
    app = own_app(library)
    app.add_middleware(guard.Guard, token=TOKEN, cookie="vw")
    route = f"/record/queue?project={project.slug}"
    stranger = TestClient(app, base_url="http://box.lan:7860")
    assert stranger.get(route).status_code == 401
    assert "link" in stranger.get(route).text
    assert stranger.get("/?token=wrong", follow_redirects=False).status_code == 401
    assert stranger.get(route, headers={"Cookie": "vw=wrong"}).status_code == 401
    assert (
        stranger.get(f"{route}&token={TOKEN}").status_code == 401
    )  # the link is for the page, not for every address
    welcome = stranger.get(f"/?token={TOKEN}", follow_redirects=False)
    assert (welcome.status_code, welcome.headers["location"]) == (303, "/")
    assert "httponly" in welcome.headers["set-cookie"].lower()
    assert stranger.get(route).json()["total"] == 2


def test_a_websocket_is_closed(client: TestClient) -> None:
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/anything"):
        pass


def test_a_full_disk_is_told_and_the_browser_keeps_the_take(
    client: TestClient, library: Library, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("core.audio.write.shutil.copyfileobj", full)
    answer = send(client, project, sound(), prompt=first_prompt(library, project))
    assert answer.status_code == 507  # anything but 422: takes.js sends it again
    assert "disk is full" in json.loads(answer.content)["error"]
    assert library.clips.views(project.id) == []
    assert not [p for p in Path(library.root.project(project.slug)).rglob("*") if p.is_file()]


def test_a_take_that_failed_is_asked_for_again_until_it_is_good_or_accepted(
    client: TestClient, library: Library, project: Project
) -> None:
    prompt = first_prompt(library, project)
    quiet = (np.frombuffer(sound()[44:], "<i2") // 60).astype("<i2").tobytes()
    said = send(client, project, sound()[:44] + quiet, prompt=prompt).json()
    assert "too quiet" in said["again"]

    def why() -> str:
        return client.get("/record/queue", params={"project": project.slug}).json()["prompts"][0][6]

    assert why() == said["again"]
    clip = library.clips.get(said["clip"])
    library.changes.apply(project.id, [Change(clip.id, "decision", "todo", "accepted")], "me")
    assert why() == ""


def test_several_takes_stand_side_by_side_and_one_press_uses_another(
    client: TestClient, library: Library, project: Project
) -> None:
    prompt = first_prompt(library, project)
    first, second = (send(client, project, sound(seed=n), prompt=prompt).json() for n in (1, 2))
    assert (first["used"], second["used"], second["takes"]) == (True, True, 2)
    silent = send(client, project, sound(rate=8000)[:44] + bytes(32_000), prompt=prompt).json()
    assert not silent["used"]
    found = client.get(f"/record/takes/{silent['clip']}").json()
    assert [(take["clip"], take["used"]) for take in found] == [
        (first["clip"], False), (second["clip"], True), (silent["clip"], False)
    ]
    assert client.post(f"/record/use/{first['clip']}", params={"project": project.slug}).status_code == 200
    assert [view.clip.id for view in library.clips.views(project.id)] == [first["clip"]]
    queue = client.get("/record/queue", params={"project": project.slug}).json()
    assert queue["prompts"][0][3:5] == [first["clip"], 3]


def test_a_prompt_is_skipped_with_its_reason(
    client: TestClient, library: Library, project: Project
) -> None:
    query = {"project": project.slug, "prompt": first_prompt(library, project), "reason": "hard to say"}
    assert client.post("/record/skip", params=query).json() == {"skipped": "hard to say"}
    queue = client.get("/record/queue", params={"project": project.slug}).json()
    assert queue["prompts"][0][5] == "hard to say" and queue["next"] == 1
    answer = client.post("/record/skip", params={**query, "prompt": 999})
    assert answer.status_code == 404 and "999" in answer.json()["error"]


def test_the_microphone_is_checked_and_nothing_of_it_is_kept(client: TestClient, library: Library) -> None:
    quiet = np.random.default_rng(1).normal(0, 20, 2 * 16_000)
    spoken = np.frombuffer(sound(2.0)[44:], "<i2")
    body = io.BytesIO()
    with wave.open(body, "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(np.concatenate([quiet, spoken]).astype("<i2").tobytes())
    query = {"quiet": 2.0, "processing": ["echoCancellation", "autoGainControl"]}
    said = client.post("/record/check", params=query, content=body.getvalue()).json()
    assert said["sentence"].startswith("Your voice has -")
    assert [f["code"] for f in said["findings"]] == ["processing"]
    assert client.post("/record/check", params={"quiet": 2.0}, content=b"no sound").status_code == 422
    assert client.post("/record/check", params={"quiet": 99.0}, content=body.getvalue()).status_code == 422
    assert not list((library.root.cache / "uploads").iterdir())
    assert library.clips.known_audio(1) == set()


def test_no_event_of_the_page_can_be_called_by_name(studio: tuple[Library, gr.Blocks]) -> None:
    blocks = studio[1]
    assert len(blocks.fns) > 100 and blocks.get_api_info(all_endpoints=True)["named_endpoints"] == {}
