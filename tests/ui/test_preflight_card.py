"""The card on the Train tab: outcomes with their reasons, clips to hear, and the badge of each model."""
from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from core.runs.looks import rows_of
from core.steps import doctor, review
from core.steps import preflight as step
from core.steps.transcribe import model_named
from core.training.checks import passed, refused, warned
from core.training.checks.texts import Decoded
from tests.ui.home import WHO, Home
from ui import preflight_card
from ui.badge import badged
from ui.routes import own_app
from ui.texts import speaking


def test_the_worst_comes_first_with_its_reason_and_the_clip_to_hear(home: Home) -> None:
    clip = home.ids[0]
    name = home.library.clips.get(clip).name
    checks = (passed("ids", "No clip is there twice."),
              warned("digits", "1 of 3 clips hold no speech: a.", [clip]),
              refused("sounds", "<b>bad</b>", ["gone"]))
    html = preflight_card.of_data(home.library, step.Seen(checks, (Decoded(clip, "one two", "one two"),)))
    refuse, warn, ok = (html.index(f'class="vw-{kind}"') for kind in ("refuse", "warn", "ok"))
    assert refuse < warn < ok and "&lt;b&gt;bad&lt;/b&gt;" in html
    assert html.count(f'src="/audio/{clip}"') == 2 and name in html
    assert "/audio/gone" not in html, "what is no longer there cannot be heard"
    assert "1 refused" in html and "1 warned" in html and "1 passed" in html
    with speaking("fr"):
        french = preflight_card.of_data(home.library, step.Seen(checks))
    assert "Aucune prise n’est là deux fois." in french and "1 refusée" in french


def test_labels_that_say_something_else_are_marked(home: Home) -> None:
    html = preflight_card.of_data(home.library, step.Seen((), (Decoded("x", "one two", "one ten"),)))
    assert "<del>two</del>" in html and "<ins>ten</ins>" in html


def test_what_a_voice_is_taught_can_be_heard(home: Home) -> None:
    client = TestClient(own_app(home.library), base_url="http://127.0.0.1:7860")
    check = replace(passed("labels_sound", "Read back, the labels say all 50 frames."), ids=(home.ids[0],))
    html = preflight_card.of_model([check], "The doctor is out.", home.library)
    assert f'src="/taught/{home.ids[0]}"' in html and preflight_card.title_of("labels_sound") in html
    assert client.get(f"/taught/{home.ids[0]}").status_code == 404
    sound = step.sound_in(home.library.root.cache / step.TAUGHT, home.ids[0])
    sound.parent.mkdir(parents=True)
    sound.write_bytes(b"RIFF")
    assert client.get(f"/taught/{home.ids[0]}").content == b"RIFF"
    assert client.get("/taught/..%2F..%2Flibrary.db").status_code in (400, 404)


def test_too_few_takes_are_told_and_no_model_is_loaded(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step, "apart", lambda *_: pytest.fail("no model is loaded for that"))
    for clip in home.ids[:2]:
        review.decide(home.library, home.project, clip, "accepted", "todo", WHO)
    html = preflight_card.of_data(home.library, step.look(home.library, home.project, step.Wish()))
    assert "this project has 2" in html and preflight_card.title_of("parts") in html


def test_a_model_wears_what_the_doctor_found(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    lib = home.library
    starter = model_named(lib, "starter")
    assert badged(lib, starter).endswith("· not yet tried on this machine")
    for checks, told in (([passed("keys", "It opened.")], "· checked here"),
                         ([warned("speed", "Slow.")], "· checked here, with a reservation"),
                         ([refused("outputs", "The model guesses.")], "· refused: The model guesses.")):
        monkeypatch.setattr(doctor, "apart", lambda *_, checks=checks: {"checks": rows_of(checks)})
        doctor.examine(lib, "starter")
        assert badged(lib, starter).endswith(told)
        assert checks[0].sentence in preflight_card.of_model([], doctor.known(lib, starter))
