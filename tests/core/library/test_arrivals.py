"""Arrivals: many sounds in one transaction, each once, with speakers, texts and a history."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest

from core.config import DataRoot
from core.library import Arrival, Change, Clip, Library, Project
from core.library.transcripts import Draft
from core.types import Word
from tests.made import library

Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    return library(data_root, "p", "other")


@pytest.fixture
def clip(made: Made) -> Callable[..., Clip]:
    """`clip(sha, audio)`: a clip that is not in the library yet."""

    def make(sha256: str, audio: str = "", start: float = 0.0) -> Clip:
        return Clip(
            id=uuid.uuid4().hex[:12], project_id=made[1].id, kind="segment", name=f"{sha256}.wav",
            audio=audio or f"p/takes/{sha256}.wav", sha256=sha256, sample_rate=16000, n_samples=16000,
            start=start, end=start + 1, speaker_id=None, prompt_id=None, role="target", decision="todo",
            mark="", note="", trashed=0, transcript_id=None, quality={"seconds": 1.0}, created_at=0.0,
        )

    return make


MakeClip = Callable[..., Clip]


def test_clips_speakers_texts_and_decisions_come_in_together(made: Made, clip: MakeClip) -> None:
    lib, project = made
    one, two = clip("a"), clip("a", start=1.0)
    words = (Word("hello", 0.1, 0.4, 0.9), Word("there", 0.5, 0.8))
    draft = Draft(one.id, "hello there", "import", None, words, {"language": "en"})
    arrival = Arrival("0", ((one, "anna"), (two, "ben")), (draft,), (one.id,))
    entered = lib.arrivals.enter(project.id, "run", [arrival], "run:run")
    assert (entered.clip_ids, entered.unneeded) == ((one.id, two.id), ())
    views = {view.clip.start: view for view in lib.clips.views(project.id)}
    assert [views[0.0].speaker, views[1.0].speaker] == ["anna", "ben"]
    first = views[0.0]
    assert (first.text, first.source, first.clip.decision) == ("hello there", "import", "accepted")
    assert (views[1.0].text, views[1.0].clip.decision) == (None, "todo")
    (version,) = lib.transcripts.versions(one.id)
    assert (version.words, version.details) == (words, {"language": "en"})
    lib.changes.undo(project.id, "run:run")
    assert lib.clips.view(one.id).text is None and lib.clips.get(one.id).decision == "todo"


def test_the_same_item_comes_home_once(made: Made, clip: MakeClip) -> None:
    lib, project = made
    arrival = Arrival("0", ((clip("a"), "me"),))
    assert len(lib.arrivals.enter(project.id, "run", [arrival, arrival], "x").clip_ids) == 1
    last = lib.changes.last_id(project.id)
    again = Arrival("0", ((clip("b"), "somebody"),))
    assert lib.arrivals.enter(project.id, "run", [again], "x").clip_ids == ()
    assert (len(lib.clips.views(project.id)), lib.changes.last_id(project.id)) == (1, last)
    assert [speaker.name for speaker in lib.speakers.of(project.id)] == ["me"]


def test_a_sound_that_is_here_is_left_out_and_its_copy_named(made: Made, clip: MakeClip) -> None:
    lib, project = made
    lib.arrivals.enter(project.id, "one", [Arrival("0", ((clip("a"), "me"),))], "x")
    same = Arrival("0", ((clip("a", "p/takes/other.wav"), "me"),))
    entered = lib.arrivals.enter(project.id, "two", [same], "x")
    assert (entered.clip_ids, entered.unneeded) == ((), ("p/takes/other.wav",))
    assert lib.ingested.items("two") == {"0"}


def test_more_parts_of_one_copy_may_follow(made: Made, clip: MakeClip) -> None:
    lib, project = made
    for item in ("0", "1"):
        arrival = Arrival(item, ((clip("a", start=float(item)), "me"),))
        assert lib.arrivals.enter(project.id, "run", [arrival], "x").clip_ids
    assert len(lib.clips.views(project.id)) == 2


def test_what_lies_in_the_trash_or_elsewhere_does_not_count(made: Made, clip: MakeClip) -> None:
    lib, project = made
    other = lib.projects.get("other")
    first = clip("a")
    lib.arrivals.enter(project.id, "one", [Arrival("0", ((first, "me"),))], "x")
    assert lib.arrivals.hashes(project.id) == ["a"] and lib.arrivals.hashes(other.id) == []
    there = Arrival("0", ((replace(clip("a", "other/takes/a.wav"), project_id=other.id), "me"),))
    assert lib.arrivals.enter(other.id, "two", [there], "x").clip_ids
    lib.changes.apply(project.id, [Change(first.id, "trashed", 0, 1)], "anna")
    assert lib.arrivals.hashes(project.id) == []
    again = Arrival("0", ((clip("a", "p/takes/new.wav"), "me"),))
    assert lib.arrivals.enter(project.id, "three", [again], "x").clip_ids


def test_all_or_nothing(made: Made, clip: MakeClip) -> None:
    lib, project = made
    broken = Arrival("1", ((replace(clip("b"), kind="odd"), "ben"),))
    with pytest.raises(sqlite3.IntegrityError):
        lib.arrivals.enter(project.id, "run", [Arrival("0", ((clip("a"), "me"),)), broken], "x")
    assert lib.clips.views(project.id) == [] and lib.ingested.items("run") == set()
    assert lib.speakers.of(project.id) == []
