"""Transcripts: versions are appended, never changed; which one is current is a change that can be undone."""

from __future__ import annotations

import pytest

from core.config import DataRoot
from core.errors import Stale
from core.library import Change, Library, Project
from core.library.transcripts import Draft
from core.types import Word
from tests.made import library, take

Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    return library(data_root)


def current(lib: Library, clip: str) -> int | None:
    return lib.clips.get(clip).transcript_id


def test_versions_are_counted_from_one_and_keep_words_and_details(made: Made) -> None:
    lib, project = made
    clip = take(lib, project)
    words = (Word("zwölf", 0.1, 0.5, 0.25), Word("drei", 0.5, 0.9))
    lib.transcripts.append(
        project.id, [Draft(clip, "zwölf drei", "model:x", None, words, {"score": 0.5})], "run"
    )
    lib.transcripts.append(project.id, [Draft(clip, "zwölf", "person", current(lib, clip))], "anna")
    first, second = lib.transcripts.versions(clip)
    assert (first.version, first.words, first.details, first.who) == (1, words, {"score": 0.5}, "run")
    assert (second.version, second.text, second.source) == (2, "zwölf", "person")
    assert lib.transcripts.get(current(lib, clip)) == second
    assert lib.transcripts.get(None) is None


def test_a_version_made_from_an_old_one_is_stale_and_leaves_no_trace(made: Made) -> None:
    lib, project = made
    clip, other = take(lib, project, "one"), take(lib, project)
    seen = current(lib, clip)
    lib.transcripts.append(project.id, [Draft(clip, "two", "person", seen)], "anna")
    late = [Draft(other, "fine", "person", None), Draft(clip, "three", "person", seen)]
    with pytest.raises(Stale):
        lib.transcripts.append(project.id, late, "ben")
    assert [version.text for version in lib.transcripts.versions(clip)] == ["one", "two"]
    assert lib.transcripts.versions(other) == []


def test_a_draft_can_follow_the_one_before_it(made: Made) -> None:
    lib, project = made
    clip = take(lib, project)
    drafts = [Draft(clip, "12", "model:x", None), Draft(clip, "one two", "numbers", None, follows=True)]
    lib.transcripts.append(project.id, drafts, "run")
    assert lib.clips.view(clip).text == "one two"
    assert lib.clips.view(clip).heard == "12"
    lib.changes.undo(project.id, "run")
    assert current(lib, clip) is None, "both were one batch"
    assert len(lib.transcripts.versions(clip)) == 2, "and both are kept"


def test_a_version_can_be_kept_without_becoming_current(made: Made) -> None:
    lib, project = made
    clip = take(lib, project, "mine", source="person")
    lib.transcripts.append(project.id, [Draft(clip, "machine", "model:y", 999, current=False)], "run")
    view = lib.clips.view(clip)
    assert (view.text, view.heard) == ("mine", "machine")


def test_undo_steps_back_to_the_version_before(made: Made) -> None:
    lib, project = made
    clip = take(lib, project, "one")
    lib.transcripts.append(project.id, [Draft(clip, "two", "person", current(lib, clip))], "anna")
    lib.changes.undo(project.id, "anna")
    assert lib.clips.view(clip).text == "one"
    assert [version.text for version in lib.transcripts.versions(clip)] == ["one", "two"]


def test_other_changes_go_with_the_text_or_not_at_all(made: Made) -> None:
    lib, project = made
    clip = take(lib, project)
    draft = Draft(clip, "said", "prompt", None)
    wrong = Change(clip, "decision", "rejected", "accepted")
    with pytest.raises(Stale):
        lib.transcripts.append(project.id, [draft], "anna", changes=[wrong])
    assert lib.transcripts.versions(clip) == []
    lib.transcripts.append(
        project.id, [draft], "anna", changes=[Change(clip, "decision", "todo", "accepted")]
    )
    lib.changes.undo(project.id, "anna")
    assert (current(lib, clip), lib.clips.get(clip).decision) == (None, "todo")


def test_a_result_comes_home_once(made: Made) -> None:
    lib, project = made
    clip = take(lib, project)
    lib.transcripts.append(project.id, [Draft(clip, "a", "model:x", None)], "run", ingest=("run-1", clip))
    assert lib.ingested.items("run-1") == {clip}
    again = Draft(clip, "b", "model:x", current(lib, clip))
    assert lib.transcripts.append(project.id, [again], "run", ingest=("run-1", clip)) == ""
    assert lib.clips.view(clip).text == "a"
    lib.transcripts.append(project.id, [again], "run", ingest=("run-2", clip))
    assert lib.clips.view(clip).text == "b"


def test_a_stale_result_may_come_again(made: Made) -> None:
    lib, project = made
    clip = take(lib, project, "new")
    with pytest.raises(Stale):
        lib.transcripts.append(project.id, [Draft(clip, "a", "model:x", None)], "run", ingest=("run-1", clip))
    assert lib.ingested.items("run-1") == set()
