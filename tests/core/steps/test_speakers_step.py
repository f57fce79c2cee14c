"""Speakers: what is told of them, what they agreed to and when, and the link to the recording room."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from core.config import DataRoot
from core.errors import BadInput, NotFound, Refused, Stale
from core.library import Library, Project
from core.steps import dataset, prompts, record, speakers
from tests.made import library, take, wav

Made = tuple[Library, Project]
WHO = "page:anna"


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    return library(data_root)


def accepted(made: Made, name: str, n: int) -> None:
    lib = made[0]
    for i in range(n):
        text = f"{name} says {'x' * (i + 1)}"
        clip = lib.clips.get(take(*made, text, text, decision="accepted", speaker=name))
        wav(lib.root.path / clip.audio, 1.0)


def test_a_speaker_is_described_and_counted(made: Made) -> None:
    lib, project = made
    speakers.describe(lib, project, "Zoë", "  Tuvaluan ", "hoarse in the morning")
    accepted(made, "Zoë", 2)
    (found,) = speakers.described(lib, project)
    assert (found.speaker.name, found.speaker.accent) == ("Zoë", "Tuvaluan")
    assert (found.n_takes, found.seconds, found.consent, found.token) == (2, pytest.approx(2.0), None, "")
    speakers.describe(lib, project, "Zoë", "", "")
    assert speakers.described(lib, project)[0].speaker.notes == ""


def test_what_cannot_be_kept_of_a_speaker_is_refused(made: Made) -> None:
    with pytest.raises(BadInput, match="speaker's name"):
        speakers.describe(*made, "../../x")
    with pytest.raises(BadInput, match="at most 100 characters"):
        speakers.describe(*made, "Ann", "x" * 101)
    with pytest.raises(BadInput, match="20,001 characters"):
        speakers.ask_consent(*made, "x" * 20_001, WHO)
    assert made[0].speakers.of(made[1].id) == []


def test_a_new_wording_is_a_new_version_and_asks_again(made: Made) -> None:
    lib, project = made
    ann = speakers.describe(lib, project, "Ann")
    assert speakers.is_free(lib, project, ann)
    assert speakers.ask_consent(lib, project, "You may use my voice.", WHO) == 1
    assert speakers.ask_consent(lib, project, " You may use my voice. ", WHO) == 1
    assert not speakers.is_free(lib, project, ann)
    speakers.agree(lib, project, ann, 1, WHO)
    assert speakers.is_free(lib, project, ann)
    assert speakers.ask_consent(lib, project, "You may use my voice for tests.", WHO) == 2
    assert not speakers.is_free(lib, project, ann)
    with pytest.raises(Stale, match="changed meanwhile"):
        speakers.agree(lib, project, ann, 1, WHO)
    assert speakers.ask_consent(lib, project, "", WHO) is None
    assert speakers.is_free(lib, project, ann)


def test_consent_goes_with_dataset_and_export(made: Made) -> None:
    lib, project = made
    accepted(made, "Ann", 6)
    accepted(made, "Ben", 6)
    speakers.describe(lib, project, "Ann", "Samoan")
    speakers.ask_consent(lib, project, "You may.", WHO)
    speakers.agree(lib, project, lib.speakers.named(project.id, "Ann"), 1, WHO)
    done = dataset.make(lib, project)
    assert "No consent is recorded for: Ben." in done.notes
    told = json.loads((dataset.export(lib, project) / "speakers.json").read_text())
    ann, ben = told
    assert (ann["name"], ann["accent"], ben["consent"]) == ("Ann", "Samoan", None)
    assert {k: ann["consent"][k] for k in ("given", "version", "text")} == {
        "given": True, "version": 1, "text": "You may."}
    age = datetime.now(UTC) - datetime.fromisoformat(ann["consent"]["date"])
    assert 0 <= age.total_seconds() < 60
    kept = json.loads((lib.root.path / done.dataset.folder / "dataset.json").read_text())
    assert kept["speakers"] == told


def test_a_voice_whose_consent_was_taken_back_is_left_out(made: Made) -> None:
    lib, project = made
    accepted(made, "Ann", 6)
    accepted(made, "Ben", 6)
    ann = lib.speakers.named(project.id, "Ann")
    with pytest.raises(BadInput, match="no consent to take back"):
        speakers.withdraw(lib, project, ann, WHO)
    speakers.ask_consent(lib, project, "You may.", WHO)
    speakers.agree(lib, project, ann, 1, WHO)
    assert sum(dataset.make(lib, project).counts[p]["clips"] for p in ("train", "val", "test")) == 12
    speakers.withdraw(lib, project, ann, WHO)
    assert dataset.current(lib, project) is None
    done = dataset.make(lib, project)
    assert sum(done.counts[p]["clips"] for p in ("train", "val", "test")) == 6
    assert "Left out, because the consent was taken back: Ann." in done.notes
    assert len(lib.clips.views(project.id)) == 12


def test_a_link_opens_one_speaker_until_it_is_closed(made: Made) -> None:
    lib, project = made
    token = speakers.open_booth(lib, project, "Ann")
    other = speakers.open_booth(lib, project, "Ben")
    assert token != other and len(token) >= 32 and speakers.open_booth(lib, project, "Ann") == token
    at = speakers.booth(lib, token)
    assert (at.project, at.speaker.name) == (project, "Ann")
    assert [found.token for found in speakers.described(lib, project)] == [token, other]
    speakers.close_booth(lib, project, "Ann")
    with pytest.raises(NotFound, match="no open link for “Ann”"):
        speakers.close_booth(lib, project, "Ann")
    for wrong in (token, "", "x" * 32):
        with pytest.raises(NotFound, match="ask for a new one"):
            speakers.booth(lib, wrong)
    assert speakers.booth(lib, other).speaker.name == "Ben"
    assert speakers.open_booth(lib, project, "Ann") not in (token, other)


def test_nothing_is_recorded_before_consent(made: Made) -> None:
    lib, project = made
    at = speakers.booth(lib, speakers.open_booth(lib, project, "Ann"))
    speakers.refuse_unasked(lib, at)
    speakers.ask_consent(lib, project, "You may.", WHO)
    with pytest.raises(Refused, match="before you agree"):
        speakers.refuse_unasked(lib, at)
    speakers.agree(lib, project, at.speaker, 1, WHO)
    speakers.refuse_unasked(lib, at)


def test_what_one_speaker_skips_is_still_asked_of_the_other(made: Made) -> None:
    lib, project = made
    lib.prompts.add(project.id, [("one", ""), ("two", "")])
    ann, ben = (speakers.describe(lib, project, name) for name in ("Ann", "Ben"))
    first = lib.prompts.of(project.id)[0]
    lib.speakers.skip(first.id, ann.id, "a tongue twister")
    assert [p.skipped for p in record.queue(lib, project, "Ann").prompts] == ["a tongue twister", ""]
    assert record.queue(lib, project, "Ann").next_index == 1
    assert record.queue(lib, project, "Ben").next_index == record.queue(lib, project).next_index == 0
    prompts.skip(lib, project, [first.id], "wrong", WHO)
    assert [p.skipped for p in record.queue(lib, project, ben.name).prompts] == ["wrong", ""]
    prompts.unskip(lib, project, [first.id], WHO)
    lib.speakers.skip(first.id, ann.id, "")
    assert record.queue(lib, project, "Ann").next_index == 0
