"""The Speak tab without a browser: what is offered, what is drawn of a run, what a blind one hides."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from starlette.testclient import TestClient

from core.families.base.speaking import SpeakOptions
from core.library import Library
from core.run_dir import RunDir
from core.runs.jobs import speak as job
from core.steps import review, speak
from tests.tones import Tones, make, tones
from tests.ui.home import WHO, Home
from ui import said_card, speak_form
from ui import speak as tab
from ui.routes import own_app
from ui.speak_form import FIELDS, FREE, OWN, SPEAKER
from ui.texts import say, speaking

__all__ = ["tones"]
TEXT = "One bold sentence. And another one."
OPTIONS = {key: field.default for key, field in FIELDS.items()}


@pytest.fixture
def spoken(home: Home, tones: Tones, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A project with an accepted take and two models that speak; no worker comes, and nothing listens."""
    for name in ("one", "two"):
        if not (folder := home.library.root.models / "made" / name).exists():
            make(folder)
    for clip in home.ids[:2]:
        if home.library.clips.view(clip).text:
            review.decide(home.library, home.project, clip, "accepted", "todo", WHO)
    monkeypatch.setattr(speak, "listener", lambda *given: None)
    monkeypatch.setattr(speak, "start_run", only_made)
    return home


def only_made(root: Any, slug: str, kind: str, order: dict[str, Any]) -> RunDir:
    return RunDir.create(root.runs(slug), kind, order)


def values(home: Home, text: str = TEXT, **change: Any) -> list[Any]:
    """What the form's inputs hold, in the order of `SpeakForm.inputs`."""
    found = {"model": "made/one", "beside": "", "who": FREE, "take": None, "sound": None, "said": "",
             "blind": False, "device": "auto", **change}
    return [home.project.slug, text, *found.values(), OPTIONS]


def press(home: Home, *given: Any, **change: Any) -> tuple[RunDir, dict[str, Any]]:
    """Press Speak; the run, and what is drawn by name."""
    drawn = home.handler("speak-start", "click")(*values(home, *given, **change))
    return RunDir(home.library.root.runs(home.project.slug) / drawn[2]), named(drawn)


def named(drawn: list[Any]) -> dict[str, Any]:
    names = ("empty", "panel", "run", "state", "cancel", "resume", "said", "history")
    return dict(zip(names, drawn, strict=True))


def handler_named(blocks: gr.Blocks, name: str) -> Callable[..., Any]:
    """A handler of the tab that no button runs."""
    (found,) = [fn.fn for fn in blocks.fns.values()
                if fn.fn and (fn.fn.__module__, fn.fn.__name__) == ("ui.speak", name)]
    return found


def html(drawn: dict[str, Any]) -> str:
    """All parts of what was said."""
    return "".join(part for _, part in drawn["said"]["parts"])


def picture(home: Home, run: RunDir) -> dict[str, Any]:
    return named(tab.picture(home.library, home.project, run.id))


# --- what is offered

def test_without_a_model_that_speaks_it_says_what_to_put_where(home: Home, tmp_path: Path,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speak, "models", lambda library: [])
    drawn = named(tab.picture(home.library, home.project, ""))
    assert drawn["panel"]["visible"] is False
    place = str(home.library.root.models / "bosonai" / "higgs-audio-v2-generation-3B-base")
    assert place in drawn["empty"] and f"{place}/codec" in drawn["empty"]
    assert "no Whisper pathway" in drawn["empty"] and "Community License" in drawn["empty"]
    assert "Project tab" in named(tab.picture(home.library, None, ""))["empty"]


def test_speakers_and_their_takes_are_offered_with_a_player_and_reasons(spoken: Home) -> None:
    who, take, reason, own = speak_form.of_speakers(spoken.library, spoken.project, None, None)
    assert [value for _, value in who["choices"]][-2:] == [OWN, FREE]
    assert who["value"].startswith(SPEAKER) and own["visible"] is False
    assert take["value"] in spoken.ids and take["visible"]
    assert f'src="/audio/{take["value"]}"' in reason and "as a reference" in reason and "<li>" in reason
    free = speak_form.of_voice(spoken.library, spoken.project, FREE, None)
    assert free[0]["visible"] is False and "voice of its own" in free[1]
    assert speak_form.of_voice(spoken.library, spoken.project, OWN, None)[2]["visible"] is True


def test_a_second_model_brings_the_choice_to_hide_which_is_which(spoken: Home) -> None:
    model, beside, about, blind = speak_form.of_models(spoken.library, spoken.project, None, None)
    names = [name for _, name in beside["choices"]]
    assert model["value"] == "made/one" and names[:2] == ["", "made/two"] and "made/one" not in names
    assert blind["visible"] is False
    assert about == ""  # this family has nothing to tell
    choose = spoken.handler("speak-model", "input")
    assert choose("made/two", "made/one")[2]["visible"] is True
    assert choose("made/two", "made/two")[0]["value"] == ""


def test_a_training_run_offers_its_base_first(spoken: Home) -> None:
    order = {"family": "tones", "preset": "Quick", "base": str(spoken.library.root.models / "made" / "one")}
    run = RunDir.create(spoken.library.root.runs(spoken.project.slug), "train", order)
    (run.checkpoints / "manifest.json").write_text("{}")
    model, beside, _, _ = speak_form.of_models(spoken.library, spoken.project, None, "base")
    assert model["value"] == run.id and beside["choices"][1] == (say("speak.base"), "base")
    assert beside["value"] == "base"


def test_the_licence_of_higgs_and_its_one_pathway_are_told(spoken: Home) -> None:
    folder = "/models/bosonai/higgs-audio-v2-generation-3B-base"
    choice = speak.ModelChoice("x", "x", "higgs", folder, "folder")
    told = speak_form.about(choice)
    assert "no Whisper pathway" in told and "more than 100,000 users" in told
    with speaking("fr"):
        assert "pas de voie Whisper" in speak_form.about(choice)
        assert "plus de 100\u202f000 utilisateurs" in speak_form.about(choice)


@pytest.mark.parametrize(("text", "change", "why"), [
    ("  ", {}, "There is no text yet"), (TEXT, {"model": None}, "Choose a model that speaks"),
    (TEXT, {"who": OWN}, "There is no sound to speak like"),
    (TEXT, {"who": SPEAKER + "Ann"}, "has no accepted take to speak like"),
    (TEXT, {"beside": "made/one"}, "Both models are the same")])
def test_what_lacks_is_told_and_nothing_begins(spoken: Home, text: str, change: dict[str, Any], why: str
                                               ) -> None:
    with pytest.raises(gr.Error, match=why):
        press(spoken, text, **change)
    assert speak.cards(spoken.library, spoken.project) == []


def test_the_form_asks_for_what_it_shows(spoken: Home) -> None:
    wish = speak_form.wish(values(spoken, who=SPEAKER + "Ann", take="abc", beside="made/two", blind=True)[1:])
    assert wish.like.clip == "abc" and wish.blind and wish.options == SpeakOptions()
    assert speak_form.wish(values(spoken, take="abc", blind=True)[1:]).blind is False
    assert speak_form.wish(values(spoken, take="abc")[1:]).like.clip == ""


# --- what is drawn

def test_a_run_is_drawn_as_it_grows_and_a_finished_part_stays_as_it_is(spoken: Home) -> None:
    run, drawn = press(spoken)
    assert drawn["cancel"]["visible"] and drawn["said"]["parts"] == [] and drawn["run"] == run.id
    job.run_job(run, run.order())
    first = picture(spoken, run)["said"]["parts"]
    (run.path / "spoken/0-001.wav").unlink()
    fewer = picture(spoken, run)["said"]["parts"]
    assert [key for key, _ in first] == ["head", f"{run.id} 0", f"{run.id} 1"]
    assert fewer == first[:2]
    run.write_status("done", "Said.")
    run.event("warning", 0, sentence="What was said is not heard by a recogniser: It is not there.")
    assert "is not heard by a recogniser" in picture(spoken, run)["state"]
    drawn = picture(spoken, run)
    assert drawn["cancel"]["visible"] is False and drawn["resume"]["visible"] is False
    assert "stopped by itself" in html(drawn) and "One bold sentence." in html(drawn)


def test_sounds_are_served_by_their_ids_and_the_whole_can_be_kept(spoken: Home) -> None:
    run, _ = press(spoken, beside="made/two")
    job.run_job(run, run.order())
    client = TestClient(own_app(spoken.library), base_url="http://127.0.0.1:7860")
    drawn = html(picture(spoken, run))
    ids = ("whole-0", "whole-1", "0-0", "0-1", "1-0", "1-1")
    places = [f"/run/{run.id}/sound/{name}.wav" for name in ids]
    for place in places:
        assert f'src="{place}"' in drawn and client.get(place).content[:4] == b"RIFF"
    assert f'href="{places[0]}" download="{run.id}-whole-0.wav"' in drawn
    assert client.get(f"/run/{run.id}/sound/9-0.wav").status_code == 404
    assert client.get(f"/run/{run.id}/sound/whole-7.wav").status_code == 404
    assert client.get(f"/run/{run.id}/sound/..%2Fspoken%2F0-000.wav").status_code == 404
    other = RunDir.create(spoken.library.root.runs(spoken.project.slug), "train", {})
    assert client.get(f"/run/{other.id}/sound/0-0.wav").status_code == 404


def test_a_blind_run_tells_nothing_until_its_result_is_asked_for(spoken: Home, monkeypatch: pytest.MonkeyPatch
                                                                 ) -> None:
    drawn_by_lot = iter([1, 0])
    monkeypatch.setattr(speak.secrets, "randbelow", lambda n: next(drawn_by_lot))
    run, _ = press(spoken, beside="made/two", blind=True)
    job.run_job(run, run.order())
    hidden = html(picture(spoken, run))
    assert "made/one" not in hidden and "made/two" not in hidden and "vw-spoken-figures" not in hidden
    assert "whole" not in hidden and hidden.count("<audio") == 4 and "Left is better" in hidden
    client = TestClient(own_app(spoken.library), base_url="http://127.0.0.1:7860")
    assert client.get(f"/run/{run.id}/sound/whole-0.wav").status_code == 400

    answer = spoken.handler("speak-said-card", "answer")
    for number in (0, 1):
        event = gr.EventData(None, {"what": "vote", "run": run.id, "sentence": number, "answer": "left"})
        drawn = named(answer(spoken.project.slug, WHO, run.id, event))
    assert "2 of 2 sentences answered" in html(drawn)
    assert html(drawn).count('aria-pressed="true"') == 2
    shown = html(named(answer(spoken.project.slug, WHO, run.id, gr.EventData(None, {"what": "reveal",
                                                                                     "run": run.id}))))
    assert "made/one" in shown and "made/two" in shown and "vw-spoken-figures" in shown
    assert "prove nothing" in shown and "data-vote" not in shown
    with pytest.raises(gr.Error, match="answers are over"):
        answer(spoken.project.slug, WHO, run.id, event)
    with pytest.raises(gr.Error, match="Another speech is shown by now"):
        answer(spoken.project.slug, WHO, run.id, gr.EventData(None, {"what": "reveal", "run": "x"}))


def test_stopped_failed_and_older_ones_are_shown_and_go_on(spoken: Home, monkeypatch: pytest.MonkeyPatch
                                                           ) -> None:
    old, _ = press(spoken, "An older <i>text</i>.")
    new, drawn = press(spoken)
    assert "An older" in drawn["history"] and "<i>" not in drawn["history"]
    choose = spoken.handler("speak-runs", "choose")
    event = gr.EventData(None, {"what": "show", "run": old.id})
    assert named(choose(spoken.project.slug, event))["run"] == old.id
    with pytest.raises(gr.Error, match="no speech gone"):
        choose(spoken.project.slug, gr.EventData(None, {"what": "show", "run": "gone"}))
    monkeypatch.setattr(gr, "Info", lambda said: None)
    stopped = named(spoken.handler("speak-cancel", "click")(spoken.project.slug, new.id))
    assert new.status().state == "stopped" and stopped["resume"]["visible"]
    resumed: list[RunDir] = []
    monkeypatch.setattr(tab, "resume", resumed.append)
    spoken.handler("speak-resume", "click")(spoken.project.slug, new.id)
    assert [run.id for run in resumed] == [new.id]
    new.finish("failed", "The disk is full.")
    assert "The disk is full." in picture(spoken, new)["state"]


def test_the_timer_draws_only_what_changed(spoken: Home) -> None:
    look = handler_named(spoken.blocks, "look")
    run, _ = press(spoken)
    first = look(spoken.project.slug, run.id, "")
    again = look(spoken.project.slug, run.id, first[-1])
    assert all(value == gr.skip() for value in again)
    job.run_job(run, run.order())
    later = look(spoken.project.slug, run.id, first[-1])
    assert len(named(later[:-1])["said"]["parts"]) == 3


def test_an_opened_tab_is_filled(spoken: Home, studio: tuple[Library, gr.Blocks]) -> None:
    offer = handler_named(studio[1], "offer")
    drawn = offer(spoken.project.slug, "", None, None, None, None)
    assert drawn[1]["visible"] and drawn[8]["value"] == "made/one" and drawn[12]["value"].startswith(SPEAKER)
    assert offer(spoken.project.slug, "", "made/two", None, FREE, None)[8]["value"] == "made/two"
    assert offer("", "", None, None, None, None)[8] == gr.skip()
    assert said_card.value(spoken.library, None) == {"run": "", "parts": []}
