"""Speaking as the page and the command ask for it: whose voice, what is said, and judging without knowing."""
from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from core.config import STARTER, DataRoot
from core.errors import BadInput, NotFound, Refused
from core.families.base.speaking import SpeakOptions
from core.library import Library, Project
from core.library.transcripts import Draft
from core.run_dir import RunDir
from core.runs import votes
from core.runs.jobs import speak as job
from core.steps import importing, projects, review, speak, speak_like, speakers, speech, transcribe
from core.steps.speak import Wish
from core.steps.speak_like import Like
from tests.tones import Tones, make, tones

__all__ = ["tones"]
WHO = "page:test"
TEXT = "Order 12 is here. It came at noon, and nobody saw it."


@pytest.fixture
def lib(data_root: DataRoot, tones: Tones) -> Library:
    """A library with two models that speak."""
    for name in ("one", "two"):
        make(data_root.models / "made" / name)
    return Library(data_root)


@pytest.fixture
def project(lib: Library, tmp_path: Path) -> Project:
    """Three takes of Ann, two of them accepted; the last one is too short to show a voice."""
    made = projects.create(lib, "Voices", "blank").project
    texts = {"a.wav": "one two three four", "b.wav": "five six seven", "c.wav": "eight"}
    for name, seconds in (("a.wav", 4.0), ("b.wav", 3.5), ("c.wav", 0.5)):
        at = np.arange(round(seconds * 16000)) / 16000
        loud = 0.2 * np.sin(2 * np.pi * 220 * at) * (np.sin(2 * np.pi * 2 * at) > -0.5)
        soundfile.write(tmp_path / name, loud, 16000)
    importing.import_files(lib, made, [tmp_path / name for name in texts], "Ann", WHO, texts)
    said = [Draft(view.clip.id, view.prompt or "", "person", None) for view in lib.clips.views(made.id)]
    lib.transcripts.append(made.id, said, WHO)
    for view in lib.clips.views(made.id):
        if view.clip.name != "b.wav":
            review.decide(lib, made, view.clip.id, "accepted", "todo", WHO)
    return made


def clip_of(lib: Library, project: Project, name: str) -> str:
    return next(view.clip.id for view in lib.clips.views(project.id) if view.clip.name.startswith(name))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are made, and no worker comes."""
    def only_made(root: DataRoot, slug: str, kind: str, order: dict[str, Any]) -> RunDir:
        return RunDir.create(root.runs(slug), kind, order)

    monkeypatch.setattr(speak, "start_run", only_made)


# --- whose voice

def test_accepted_takes_are_offered_the_best_first_with_reasons(lib: Library, project: Project) -> None:
    assert speak_like.speakers_of(lib, project) == ["Ann"]
    found = speak_like.references(lib, project, "Ann")
    assert [one.clip_id for one in found] == [clip_of(lib, project, "a"), clip_of(lib, project, "c")]
    assert "4.0 s: good for a reference" in found[0].reasons[0] and found[0].score > found[1].score
    assert speak_like.references(lib, project, "Nobody") == []


def test_who_took_their_consent_back_is_spoken_like_no_more(lib: Library, project: Project) -> None:
    (ann,) = lib.speakers.of(project.id)
    version = speakers.ask_consent(lib, project, "You may use my voice.", WHO)
    speakers.agree(lib, project, ann, version or 0, WHO)
    assert speak_like.speakers_of(lib, project) == ["Ann"]
    speakers.withdraw(lib, project, ann, WHO)
    assert speak_like.speakers_of(lib, project) == []
    with pytest.raises(Refused, match="Ann has no accepted take here any more, or took their consent back"):
        speak.start(lib, project, Wish(TEXT, "made/one", Like(clip_of(lib, project, "a"))))


@pytest.mark.usefixtures("started")
def test_a_sound_of_ones_own_is_kept_with_the_project(lib: Library, project: Project, tmp_path: Path) -> None:
    own = tmp_path / "own.wav"
    soundfile.write(own, np.full(16000, 0.1), 16000)
    order = speak.start(lib, project, Wish(TEXT, "made/one", Like(sound=own, said="good day "))).order()
    kept = Path(order["reference"]["audio"])
    assert kept.parent == lib.root.project(project.slug).resolve() / "references"
    assert kept.read_bytes() == own.read_bytes() and order["reference"]["text"] == "good day"
    assert order["pieces"][0]["expected"] == pytest.approx(  # at the pace of that sound: a letter in 1/7 s
        sum(map(str.isalpha, order["pieces"][0]["text"])) / 7)


@pytest.mark.parametrize(("like", "why"), [
    (Like(sound=Path("own.wav")), "Write what is said in own.wav"),
    (Like(sound=Path("long.wav"), said="much"), "long.wav lasts 31 s, and a reference at most 30")])
def test_a_sound_that_cannot_be_spoken_like_is_told(lib: Library, project: Project, tmp_path: Path,
                                                    like: Like, why: str) -> None:
    for name, seconds in (("own.wav", 1), ("long.wav", 31)):
        soundfile.write(tmp_path / name, np.zeros(8000 * seconds), 8000)
    assert like.sound is not None
    like = replace(like, sound=tmp_path / like.sound)
    with pytest.raises(BadInput, match=why):
        speak.start(lib, project, Wish(TEXT, "made/one", like))
    with pytest.raises(NotFound, match="no clip"):
        speak.start(lib, project, Wish(TEXT, "made/one", Like("nothing")))


# --- what is said

@pytest.mark.usefixtures("started")
def test_a_text_is_said_in_words_sentence_by_sentence_with_limits(lib: Library, project: Project) -> None:
    wish = Wish(TEXT, "made/one", Like(clip_of(lib, project, "a")), options=SpeakOptions(seed=3))
    order = speak.start(lib, project, wish).order()
    assert [piece["text"] for piece in order["pieces"]] == [
        "Order one two is here.", "It came at noon, and nobody saw it."]
    assert all(0 < piece["expected"] < piece["most"] < 82 for piece in order["pieces"])
    assert order["reference"]["text"] == "one two three four" and order["options"]["seed"] == 3
    assert order["listener"] == {"family": "ctc", "model": str(STARTER)} and order["first"] == [0, 0]


@pytest.mark.usefixtures("started")
def test_the_recogniser_is_the_one_that_heard_the_project_last(lib: Library, project: Project) -> None:
    run = RunDir.create(lib.root.runs(project.slug), "transcribe", {"family": "whisper", "model": "tiny.en"})
    assert speak.listener(lib, project) == {"family": "ctc", "model": str(STARTER)}
    run.write_status("done")
    assert speak.listener(lib, project) == {"family": "whisper", "model": "tiny.en"}
    other = projects.create(lib, "Samoan", "blank", language="sm").project
    assert speak.listener(lib, other) is None


@pytest.mark.parametrize(("wish", "why"), [
    (Wish(" 🙂 ", "made/one"), "There is nothing to say"),
    (Wish("Again and again, no end. " * 301, "made/one"), "The text has 301 sentences, and at most 300"),
    (Wish(TEXT, "starter"), "writes down what it hears and does not speak"),
    (Wish(TEXT, "made/one", beside="made/one"), "Both models are the same one"),
    (Wish(TEXT, "made/one", beside=speak.BASE), "is no training run, so there is no base"),
    (Wish(TEXT, "made/one", blind=True), "A blind comparison needs two models")])
def test_what_cannot_be_said_is_told(lib: Library, project: Project, wish: Wish, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        speak.start(lib, project, wish)
    assert speak.cards(lib, project) == []


def test_only_models_that_speak_are_offered(lib: Library) -> None:
    assert [choice.name for choice in speak.models(lib)] == ["made/one", "made/two"]
    heard_by = [choice.name for choice in transcribe.listeners(lib)]
    assert "starter" in heard_by and not {"made/one", "made/two"} & set(heard_by)


# --- judged without knowing

@pytest.fixture
def blind(lib: Library, project: Project, started: None, monkeypatch: pytest.MonkeyPatch) -> RunDir:
    """Two models, two sentences; of the first the second model stands on the left."""
    drawn = iter([1, 0] * 9)
    monkeypatch.setattr(speak.secrets, "randbelow", lambda n: next(drawn))
    monkeypatch.setattr(speak, "listener", lambda *given: None)  # what is heard has a test of its own
    run = speak.start(lib, project, Wish(TEXT, "made/one", beside="made/two", blind=True))
    job.run_job(run, run.order())
    return run


def bytes_of(run: RunDir, name: str) -> bytes:
    return (run.path / speech.audio(run, name)).read_bytes()


def test_nothing_tells_whose_a_sound_is_before_the_result(lib: Library, blind: RunDir) -> None:
    seen = speech.of_run(blind)
    assert seen.is_hidden and seen.wholes == ()
    assert {sound.title for sentence in seen.sentences for sound in sentence.sounds} == {""}
    ids = [[sound.id for sound in each.sounds] for each in seen.sentences]
    assert ids == [["0-0", "0-1"], ["1-0", "1-1"]]
    with pytest.raises(Refused, match="is hidden"):
        speech.audio(blind, "whole-0")
    assert [speech.audio(blind, left) for left in ("0-0", "1-0")] == ["spoken/1-000.wav", "spoken/0-001.wav"]
    with pytest.raises(NotFound):
        speech.audio(blind, "../run.json")


def test_of_a_blind_pair_both_are_there_or_none(lib: Library, blind: RunDir) -> None:
    (blind.path / "spoken/1-000.wav").unlink()
    assert [len(each.sounds) for each in speech.of_run(blind).sentences] == [0, 2]
    with pytest.raises(NotFound):
        speech.audio(blind, "0-1")
    with pytest.raises(Refused, match="no two sounds"):
        speech.vote(blind, 0, "left", WHO)


def test_answers_count_for_the_model_that_stood_there(lib: Library, blind: RunDir) -> None:
    with pytest.raises(Refused, match="Nothing was answered yet"):
        speech.reveal(lib, blind, WHO)
    speech.vote(blind, 0, "right", WHO)
    speech.vote(blind, 0, "left", WHO)  # the newest counts: the second model
    speech.vote(blind, 1, "left", WHO)  # the first one
    assert speech.of_run(blind).n_answered == 2
    found = speech.reveal(lib, blind, WHO)
    assert (found.wins, found.losses, found.n, found.p) == (1, 1, 2, 1.0)
    assert "prove nothing" in found.proof
    seen = speech.of_run(blind)
    assert not seen.is_hidden and [title for _, title in seen.wholes] == [
        "made/one", "made/two"]
    assert seen.sentences[0].sounds[0].title == "made/two"


def test_once_shown_no_answer_is_taken_and_looks_are_counted(lib: Library, project: Project, blind: RunDir
                                                             ) -> None:
    speech.vote(blind, 0, "left", WHO)
    speech.vote(blind, 1, "wrong", WHO)
    speech.vote(blind, 1, "", WHO)
    assert votes.of_run(blind).answers == {0: "left"}
    speech.reveal(lib, blind, WHO)
    with pytest.raises(Refused, match="answers are over"):
        speech.vote(blind, 1, "right", WHO)
    again = speak.start(lib, project, Wish(TEXT, "made/two", beside="made/one", blind=True))
    job.run_job(again, again.order())
    speech.vote(again, 1, "left", WHO)
    found = speech.reveal(lib, again, "page:other")
    assert (found.one, found.wins, found.losses) == ("made/two", 2, 0)
    assert "Looks at this result before: 1" in found.proof


@pytest.mark.parametrize(("number", "answer", "kind"), [(0, "perhaps", BadInput), (7, "left", Refused),
                                                        (-1, "left", Refused)])
def test_an_answer_that_is_none_is_told(blind: RunDir, number: int, answer: str, kind: type[Exception]
                                        ) -> None:
    with pytest.raises(kind):
        speech.vote(blind, number, answer, WHO)


@pytest.mark.usefixtures("started")
def test_side_by_side_models_are_named_and_take_no_votes(lib: Library, project: Project,
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speak, "listener", lambda *given: None)
    run = speak.start(lib, project, Wish(TEXT, "made/one", beside="made/two"))
    job.run_job(run, run.order())
    seen = speech.of_run(run)
    assert not seen.is_hidden and seen.n_models == 2
    assert {sound.title for sound in seen.sentences[1].sounds} == {"made/one", "made/two"}
    assert bytes_of(run, "whole-1")[:4] == b"RIFF"
    with pytest.raises(Refused):
        speech.vote(run, 0, "left", WHO)
