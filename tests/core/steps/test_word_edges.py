"""Word edges: a moved word is a new version; no word crosses another or leaves the clip."""

from __future__ import annotations

import pytest

from core.config import DataRoot
from core.errors import BadInput, Stale
from core.library import Library, Project
from core.library.transcripts import Draft
from core.steps import review
from core.steps.word_edges import move_word
from core.types import Word
from tests.made import library, take

ANNA, BEN = "page:anna", "page:ben"
WORDS = (Word("one", 0.1, 0.3, 0.9), Word("two", 0.3, 0.5, 0.8), Word("three", 0.7, 0.95, 0.7))
Made = tuple[Library, Project, str]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    lib, project = library(data_root)
    clip = take(lib, project)
    lib.transcripts.append(project.id, [Draft(clip, "one two three", "model:m", None, WORDS)], "maker")
    return lib, project, clip


def version(lib: Library, clip: str) -> int | None:
    return lib.clips.get(clip).transcript_id


def test_a_moved_word_is_kept_as_a_persons_and_undo_brings_the_engines_back(made: Made) -> None:
    lib, project, clip = made
    seen = version(lib, clip)
    move_word(lib, project, clip, 1, 0.32, 0.64, seen, ANNA)
    view, times = lib.clips.view(clip), lib.word_times.of(version(lib, clip))
    assert times and (times.engine, times.words) == (
        "person", (WORDS[0], Word("two", 0.32, 0.64, 0.8), WORDS[2]))
    assert (view.text, view.heard) == ("one two three", "one two three")
    review.undo(lib, project, ANNA)
    times = lib.word_times.of(version(lib, clip))
    assert times and (times.engine, times.words) == ("own:m", WORDS)


@pytest.mark.parametrize(("index", "start", "end", "sentence"), [
    (1, 0.29, 0.5, "would begin before “one” ends, at 0.30 s"),
    (1, 0.3, 0.71, "would end after “three” begins, at 0.70 s"),
    (0, -0.01, 0.3, "would leave the clip, which lasts 1.00 s"),
    (2, 0.7, 1.01, "would leave the clip"), (1, 0.4, 0.405, "at least 0.01 s"),
    (3, 0.1, 0.2, "are not known"), (-1, 0.1, 0.2, "are not known")])
def test_a_word_stays_between_its_neighbours_and_in_the_clip(
    made: Made, index: int, start: float, end: float, sentence: str
) -> None:
    lib, project, clip = made
    seen = version(lib, clip)
    with pytest.raises(BadInput, match=sentence):
        move_word(lib, project, clip, index, start, end, seen, ANNA)
    assert version(lib, clip) == seen


def test_words_that_overlap_already_may_be_drawn_apart(made: Made) -> None:
    lib, project, clip = made
    overlapping = (Word("one", 0.1, 0.4), Word("two", 0.3, 0.5))
    lib.transcripts.append(project.id, [Draft(clip, "one two", "person", version(lib, clip), overlapping)],
                           ANNA)
    move_word(lib, project, clip, 1, 0.35, 0.5, version(lib, clip), ANNA)
    with pytest.raises(BadInput, match="before “one” ends"):
        move_word(lib, project, clip, 1, 0.3, 0.5, version(lib, clip), ANNA)


def test_the_second_of_two_who_move_is_told(made: Made) -> None:
    lib, project, clip = made
    seen = version(lib, clip)
    move_word(lib, project, clip, 0, 0.1, 0.28, seen, ANNA)
    with pytest.raises(Stale):
        move_word(lib, project, clip, 0, 0.05, 0.3, seen, BEN)
    times = lib.word_times.of(version(lib, clip))
    assert times and times.words[0] == Word("one", 0.1, 0.28, 0.9)


def test_without_times_there_is_nothing_to_move(made: Made) -> None:
    lib, project, clip = made
    review.edit(lib, project, clip, "one two", version(lib, clip), ANNA)
    with pytest.raises(BadInput, match="are not known"):
        move_word(lib, project, clip, 0, 0.1, 0.2, version(lib, clip), ANNA)
