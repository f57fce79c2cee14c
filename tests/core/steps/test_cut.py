"""Trim, split and join: numbers and rows change and can be undone, the audio never does."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.config import DataRoot
from core.errors import BadInput, Stale
from core.library import Library, Project
from core.library.transcripts import Draft
from core.steps import review
from core.steps.cut import join, split
from core.steps.record import save_take
from core.steps.trim import DROPPED, trim
from core.types import Word
from tests.made import RATE, library, tone

ANNA, BEN = "page:anna", "page:ben"
WORDS = (Word("one", 0.1, 0.5), Word("two", 0.6, 1.0), Word("three", 1.2, 1.6))
Made = tuple[Library, Project, str]


@pytest.fixture
def made(data_root: DataRoot, tmp_path: Path) -> Made:
    """A take of two seconds with three timed words."""
    lib, project = library(data_root)
    path = tmp_path / "a.wav"
    soundfile.write(path, np.concatenate([tone(1.0), tone(1.0, 300.0)]), RATE, subtype="PCM_16")
    lib.prompts.add(project.id, [("one two three", "")])
    prompt = lib.prompts.with_text(project.id, "one two three")
    clip = save_take(lib, project, prompt.id if prompt else None, "anna", path, ANNA).clip.id
    lib.transcripts.append(project.id, [Draft(clip, "One, two three", "model:m", None, WORDS)], "maker")
    return lib, project, clip


def version(lib: Library, clip: str) -> int | None:
    return lib.clips.get(clip).transcript_id


def times(lib: Library, clip: str) -> list[tuple[str, float, float]]:
    """The words of a clip's current transcript."""
    found = lib.word_times.of(version(lib, clip))
    return [(word.text, word.start, word.end) for word in found.words] if found else []


def state(lib: Library, project: Project) -> list[object]:
    """All that a person sees of a project's clips."""
    return [(asdict(view.clip), view.text) for view in lib.clips.views(project.id)]


def test_a_trim_takes_the_words_along_and_is_one_undo(made: Made) -> None:
    lib, project, clip = made
    before, sound = state(lib, project), (lib.root.path / lib.clips.get(clip).audio).read_bytes()
    assert trim(lib, project, clip, 0.05, 1.7, lib.clips.get(clip), ANNA) == ""
    now = lib.clips.get(clip)
    assert (now.start, now.end, round(now.quality["seconds"], 2)) == (0.05, 1.7, 1.65)
    assert times(lib, clip) == [("one", 0.05, 0.45), ("two", 0.55, 0.95), ("three", 1.15, 1.55)]
    found = lib.word_times.of(version(lib, clip))
    assert found and found.engine == "own:m" and lib.clips.view(clip).source == "model:m"
    trim(lib, project, clip, 0.0, 2.0, now, ANNA)
    assert (lib.clips.get(clip).start, lib.clips.get(clip).end) == (0.0, 2.0)
    review.undo(lib, project, ANNA)
    assert review.undo(lib, project, ANNA) == "Undone: a trim and a transcript of 1 take."
    assert state(lib, project) == before
    assert (lib.root.path / now.audio).read_bytes() == sound


def test_a_trim_through_the_words_drops_their_times_and_says_so(made: Made) -> None:
    lib, project, clip = made
    assert trim(lib, project, clip, 0.55, 2.0, lib.clips.get(clip), ANNA) == DROPPED
    assert times(lib, clip) == [] and lib.clips.view(clip).text == "One, two three"
    review.undo(lib, project, ANNA)
    assert len(times(lib, clip)) == 3


@pytest.mark.parametrize(("start", "end", "sentence"), [
    (-0.1, 1.0, "runs from 0 to 2.00 s"), (0.0, 2.1, "runs from 0 to 2.00 s"), (0.5, 0.55, "too short"),
    (1.0, 0.5, "too short")])
def test_a_trim_that_is_none_is_refused(made: Made, start: float, end: float, sentence: str) -> None:
    lib, project, clip = made
    with pytest.raises(BadInput, match=sentence):
        trim(lib, project, clip, start, end, lib.clips.get(clip), ANNA)


def test_the_second_of_two_who_trim_is_told(made: Made) -> None:
    lib, project, clip = made
    seen = lib.clips.get(clip)
    trim(lib, project, clip, 0.0, 1.8, seen, ANNA)
    with pytest.raises(Stale):
        trim(lib, project, clip, 0.0, 1.9, seen, BEN)
    assert lib.clips.get(clip).end == 1.8


def test_a_split_divides_text_and_words_and_is_one_undo(made: Made) -> None:
    lib, project, clip = made
    before = state(lib, project)
    first = split(lib, project, clip, 0.58, version(lib, clip), ANNA)
    one, two = lib.clips.views(project.id)
    assert one.clip.id == first
    assert [(v.text, v.clip.start, v.clip.end, v.prompt, v.clip.decision) for v in (one, two)] == [
        ("One,", 0.0, 0.58, None, "todo"), ("two three", 0.58, 2.0, None, "todo")]
    assert times(lib, one.clip.id) == [("one", 0.1, 0.5)]
    assert times(lib, two.clip.id) == [("two", 0.02, 0.42), ("three", 0.62, 1.02)]
    assert round(two.clip.quality["seconds"], 2) == 1.42
    review.undo(lib, project, ANNA)
    assert state(lib, project) == before


def test_a_split_without_times_asks_for_the_cursor(made: Made) -> None:
    lib, project, clip = made
    review.edit(lib, project, clip, "one two four", version(lib, clip), ANNA)
    for cursor in (None, 0, 12):
        with pytest.raises(BadInput, match="set the cursor"):
            split(lib, project, clip, 1.0, version(lib, clip), ANNA, cursor)
    split(lib, project, clip, 1.0, version(lib, clip), ANNA, 7)
    assert [view.text for view in lib.clips.views(project.id)] == ["one two", "four"]


def test_joined_parts_are_the_clip_again(made: Made) -> None:
    lib, project, clip = made
    first = split(lib, project, clip, 0.58, version(lib, clip), ANNA)
    whole = join(lib, project, first, version(lib, first), ANNA)
    (view,) = lib.clips.views(project.id)
    assert (view.clip.id, view.text, view.clip.start, view.clip.end) == (whole, "One, two three", 0.0, 2.0)
    assert times(lib, whole) == [(word.text, word.start, word.end) for word in WORDS]
    for _ in range(2):
        review.undo(lib, project, ANNA)
    assert [view.clip.id for view in lib.clips.views(project.id)] == [clip]


def test_what_cannot_be_cut_is_told(made: Made) -> None:
    lib, project, clip = made
    seen = version(lib, clip)
    with pytest.raises(BadInput, match="nothing to join"):
        join(lib, project, clip, seen, ANNA)
    with pytest.raises(BadInput, match="too short"):
        split(lib, project, clip, 0.01, seen, ANNA)
    review.edit(lib, project, clip, "another", seen, BEN)
    with pytest.raises(Stale, match="nothing was cut"):
        split(lib, project, clip, 0.58, seen, ANNA)
    assert len(lib.clips.views(project.id)) == 1


def test_emptying_the_trash_keeps_the_audio_that_the_parts_share(made: Made) -> None:
    lib, project, clip = made
    split(lib, project, clip, 0.58, version(lib, clip), ANNA)
    assert review.empty_trash(lib, project) == 1
    assert all((lib.root.path / view.clip.audio).exists() for view in lib.clips.views(project.id))
