"""Clips: what stands beside them, retakes, and the one way out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.config import DataRoot
from core.errors import NotFound, Stale
from core.library import Change, Clip, Library, Project
from tests.made import library, take

Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    return library(data_root)


def again(clip: Clip, clip_id: str, **other: object) -> Clip:
    values = {
        "id": clip_id,
        "audio": f"p/takes/{clip_id}.wav",
        "created_at": 0.0,
        "transcript_id": None,
        **other,
    }
    return replace(clip, **values)  # type: ignore[arg-type]


def trash(lib: Library, project: Project, *clip_ids: str) -> None:
    lib.changes.apply(project.id, [Change(clip_id, "trashed", 0, 1) for clip_id in clip_ids], "anna")


def test_a_view_has_prompt_speaker_text_and_what_a_model_heard(made: Made) -> None:
    lib, project = made
    clip = take(lib, project, "order 12", "order one two", speaker="anna")
    view = lib.clips.view(clip)
    assert (view.prompt, view.speaker, view.text, view.heard) == (
        "order one two",
        "anna",
        "order 12",
        "order 12",
    )
    assert (view.source, view.version, view.details) == ("model:starter", 1, {})


def test_a_bare_clip_has_nothing_beside_it(made: Made) -> None:
    lib, project = made
    view = lib.clips.view(take(lib, project))
    assert (view.prompt, view.text, view.source, view.version, view.heard) == (None,) * 5


def test_an_unknown_clip_is_named(made: Made) -> None:
    with pytest.raises(NotFound, match="no clip nowhere"):
        made[0].clips.get("nowhere")


def test_views_are_filtered_and_oldest_first(data_root: DataRoot) -> None:
    lib, project = library(data_root, "p", "other")
    first = take(lib, project, "a", decision="accepted")
    second = take(lib, project, "b")
    third = take(lib, project, "c", role="regression")
    gone = take(lib, project, "d")
    take(lib, lib.projects.get("other"), "e")
    trash(lib, project, gone)

    def ids(**wanted: object) -> list[str]:
        return [view.clip.id for view in lib.clips.views(project.id, **wanted)]  # type: ignore[arg-type]

    assert ids() == [first, second, third]
    assert ids(role="target") == [first, second]
    assert ids(decision="accepted") == [first]
    assert ids(trashed=True) == [gone]
    assert ids(speaker_id=lib.clips.get(first).speaker_id) == [first, second, third]


def test_takes_without_a_transcript_are_those_of_the_list_that_have_none(data_root: DataRoot) -> None:
    lib, project = library(data_root, "p", "other")
    old = lib.clips.get(take(lib, project, prompt="one"))
    for text, role in ((None, "regression"), ("b", "target"), (None, "target"), (None, "target")):
        gone = take(lib, project, text, role=role)
    take(lib, lib.projects.get("other"))
    trash(lib, project, gone)
    lib.clips.add(again(old, "instead"), old.id, "anna")
    assert lib.clips.n_without_text(project.id) == 2
    assert lib.clips.n_without_text(project.id) == sum(
        row.text is None for row in lib.clips.briefs(project.id, "target"))


def test_a_clip_that_is_there_already_stays_as_it_is(made: Made) -> None:
    lib, project = made
    clip = lib.clips.get(take(lib, project, "a", decision="accepted"))
    assert lib.clips.add(replace(clip, decision="todo", name="other")) == clip


def test_a_take_instead_of_another_makes_it_spare_undoably(made: Made) -> None:
    lib, project = made
    old = lib.clips.get(take(lib, project, prompt="one"))
    lib.clips.add(again(old, "new"), old.id, "anna")
    assert [view.clip.id for view in lib.clips.views(project.id)] == ["new"]
    assert [view.clip.id for view in lib.clips.views(project.id, spare=True)] == [old.id, "new"]
    assert [view.clip.id for view in lib.clips.takes(old.prompt_id or 0, old.speaker_id)] == [old.id, "new"]
    lib.changes.undo(project.id, "anna")
    assert [view.clip.id for view in lib.clips.views(project.id)] == [old.id]


def test_nothing_is_entered_instead_of_a_take_that_is_not_in_use(made: Made) -> None:
    lib, project = made
    old = lib.clips.get(take(lib, project, prompt="one"))
    lib.clips.add(again(old, "new"), old.id, "anna")
    with pytest.raises(Stale):
        lib.clips.add(again(old, "late"), old.id, "ben")
    assert len(lib.clips.views(project.id, spare=True)) == 2


def test_alone_a_new_take_changes_no_other(made: Made) -> None:
    lib, project = made
    old = lib.clips.get(take(lib, project, prompt="one"))
    lib.clips.add(again(old, "new"))
    assert len(lib.clips.views(project.id)) == 2


def test_the_same_audio_is_found_unless_it_is_in_the_trash(made: Made) -> None:
    lib, project = made
    clip = lib.clips.get(take(lib, project))
    assert lib.clips.with_hash(project.id, clip.sha256) == clip
    assert lib.clips.with_hash(project.id + 1, clip.sha256) is None
    trash(lib, project, clip.id)
    assert lib.clips.with_hash(project.id, clip.sha256) is None
    assert lib.clips.known_audio(project.id) == {clip.audio}, "it still has a row"


def test_only_what_is_in_the_trash_can_be_forgotten(made: Made) -> None:
    lib, project = made
    kept, gone = take(lib, project, "kept"), take(lib, project, "gone")
    trash(lib, project, gone)
    assert lib.clips.forget([kept, gone, "nowhere"]) == {gone}
    assert lib.clips.view(kept).text == "kept"
    assert lib.transcripts.versions(gone) == []
    assert lib.changes.of(gone) == []


def test_a_batch_of_which_a_part_was_forgotten_can_still_be_undone(made: Made) -> None:
    lib, project = made
    kept, gone = take(lib, project), take(lib, project)
    marks = [Change(clip, "mark", "", "right") for clip in (kept, gone)]
    lib.changes.apply(project.id, marks, "ben")
    trash(lib, project, gone)
    lib.clips.forget([gone])
    assert [change.clip_id for change in lib.changes.undo(project.id, "ben")] == [kept]
    assert lib.clips.get(kept).mark == ""
