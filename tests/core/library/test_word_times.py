"""Word times: one set a transcript, replaced by better ones, never over a person's own."""
from __future__ import annotations

import pytest

from core.config import DataRoot
from core.library import Change, Library, Project, WordTimes
from core.library.transcripts import Draft
from core.types import Word
from tests.made import library, take

Made = tuple[Library, Project]
WORDS = (Word("two", 0.1, 0.4, 0.5), Word("õ", 0.5, 0.75, 1.0))


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    return library(data_root)


def current(lib: Library, clip: str) -> int:
    return lib.clips.get(clip).transcript_id or 0


def test_they_are_kept_by_transcript_and_replaced(made: Made) -> None:
    lib, project = made
    clip = take(lib, project, "two õ")
    assert lib.word_times.of(current(lib, clip)) is None and lib.word_times.of(None) is None
    for engine in ("pocketsphinx", "ctc:starter"):
        assert lib.word_times.put(WordTimes(current(lib, clip), engine, WORDS, 0.75))
    found = lib.word_times.of(current(lib, clip))
    assert found and (found.engine, found.words, found.score) == ("ctc:starter", WORDS, 0.75)
    assert lib.word_times.of_project(project.id) == {current(lib, clip): found}


def test_words_of_a_new_version_bring_their_times_along(made: Made) -> None:
    lib, project = made
    clip = take(lib, project)
    lib.transcripts.append(project.id, [Draft(clip, "two õ", "model:tiny", None, WORDS)], "run")
    lib.transcripts.append(project.id, [Draft(clip, "two õ", "numbers", current(lib, clip),
                                              times=("pocketsphinx", WORDS))], "run")
    first, second = (lib.word_times.of(version.id) for version in lib.transcripts.versions(clip))
    assert first and second and (first.engine, second.engine) == ("own:tiny", "pocketsphinx")
    assert second.score == pytest.approx(0.75)


def test_a_persons_own_times_stay(made: Made) -> None:
    lib, project = made
    clip = take(lib, project, "two õ")
    lib.transcripts.append(project.id, [Draft(clip, "two õ", "person", current(lib, clip), WORDS)], "anna")
    assert not lib.word_times.put(WordTimes(current(lib, clip), "pocketsphinx", WORDS[:1], 0.1))
    found = lib.word_times.of(current(lib, clip))
    assert found and (found.engine, found.words) == ("person", WORDS)


def test_they_go_with_a_clip_that_is_gone_for_good(made: Made) -> None:
    lib, project = made
    clip = take(lib, project, "two õ")
    version = current(lib, clip)
    lib.word_times.put(WordTimes(version, "pocketsphinx", WORDS, None))
    lib.changes.apply(project.id, [Change(clip, "trashed", 0, 1)], "anna")
    assert lib.clips.forget([clip]) == {clip}
    assert lib.word_times.of(version) is None
    assert not lib.word_times.put(WordTimes(version, "pocketsphinx", WORDS, None))
