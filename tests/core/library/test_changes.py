"""Changes: one batch or nothing, undo as another change, each person's own."""

from __future__ import annotations

import pytest

from core.config import DataRoot
from core.errors import BadInput, Stale
from core.library import Change, Library, Project
from tests.made import library, take

Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    return library(data_root)


def decide(lib: Library, project: Project, clip_id: str, before: str, after: str, who: str = "anna") -> None:
    lib.changes.apply(project.id, [Change(clip_id, "decision", before, after)], who)


def decisions(lib: Library, *clip_ids: str) -> list[str]:
    return [lib.clips.get(clip_id).decision for clip_id in clip_ids]


def test_a_change_is_written_and_remembered(made: Made) -> None:
    lib, project = made
    clip = take(lib, project)
    before = lib.changes.last_id(project.id)
    decide(lib, project, clip, "todo", "accepted")
    assert decisions(lib, clip) == ["accepted"]
    history = lib.changes.of(clip)
    assert [(row["field"], row["before"], row["after"], row["who"]) for row in history] == [
        ("decision", '"todo"', '"accepted"', "anna")
    ]
    assert lib.changes.last_id(project.id) > before


def test_one_stale_clip_stops_the_whole_batch(made: Made) -> None:
    lib, project = made
    first, second = take(lib, project), take(lib, project)
    decide(lib, project, second, "todo", "rejected", "ben")
    wanted = [Change(clip, "decision", "todo", "accepted") for clip in (first, second)]
    with pytest.raises(Stale, match="nothing was overwritten"):
        lib.changes.apply(project.id, wanted, "anna")
    assert decisions(lib, first, second) == ["todo", "rejected"]
    assert lib.changes.of(first) == []


def test_a_clip_of_another_project_cannot_be_changed_by_mistake(data_root: DataRoot) -> None:
    lib, mine = library(data_root, "mine", "yours")
    clip = take(lib, lib.projects.get("yours"))
    with pytest.raises(Stale):
        decide(lib, mine, clip, "todo", "accepted")
    assert decisions(lib, clip) == ["todo"]


def test_only_named_fields_can_be_changed(made: Made) -> None:
    lib, project = made
    clip = take(lib, project)
    with pytest.raises(BadInput, match="audio"):
        lib.changes.apply(project.id, [Change(clip, "audio", "x", "/etc/passwd")], "anna")


def test_undo_takes_back_the_newest_batch_and_is_itself_in_the_history(made: Made) -> None:
    lib, project = made
    first, second = take(lib, project), take(lib, project)
    decide(lib, project, first, "todo", "rejected")
    lib.changes.apply(project.id, [Change(c, "mark", "", "wrong") for c in (first, second)], "anna")
    undone = lib.changes.undo(project.id, "anna")
    assert {(change.clip_id, change.after) for change in undone} == {(first, ""), (second, "")}
    assert decisions(lib, first) == ["rejected"], "the older batch stays"
    marks = [row for row in lib.changes.of(first) if row["field"] == "mark"]
    assert [(row["after"], bool(row["undo_of"])) for row in marks] == [('"wrong"', False), ('""', True)]
    assert marks[1]["undo_of"] == marks[0]["batch"]


def test_undo_goes_back_step_by_step_to_the_start(made: Made) -> None:
    lib, project = made
    clip = take(lib, project)
    for before, after in (
        ("todo", "accepted"),
        ("accepted", "rejected"),
        ("rejected", "todo"),
        ("todo", "accepted"),
    ):
        decide(lib, project, clip, before, after)
    seen = []
    while lib.changes.undo(project.id, "anna"):
        seen += decisions(lib, clip)
    assert seen == ["todo", "rejected", "accepted", "todo"]


def test_after_an_undo_new_work_can_be_undone_too(made: Made) -> None:
    lib, project = made
    clip = take(lib, project)
    decide(lib, project, clip, "todo", "accepted")
    lib.changes.undo(project.id, "anna")
    decide(lib, project, clip, "todo", "rejected")
    assert lib.changes.undo(project.id, "anna")[0].before == "rejected"
    assert decisions(lib, clip) == ["todo"]
    assert lib.changes.undo(project.id, "anna") == []


def test_undo_is_each_person_s_own(made: Made) -> None:
    lib, project = made
    mine, yours = take(lib, project), take(lib, project)
    decide(lib, project, mine, "todo", "accepted", "anna")
    decide(lib, project, yours, "todo", "accepted", "ben")
    lib.changes.undo(project.id, "anna")
    assert decisions(lib, mine, yours) == ["todo", "accepted"]
    assert lib.changes.undo(project.id, "anna") == []
    assert lib.changes.undo(project.id, "nobody") == []


def test_undo_overwrites_nobody_s_later_work(made: Made) -> None:
    lib, project = made
    clip = take(lib, project)
    decide(lib, project, clip, "todo", "accepted", "anna")
    decide(lib, project, clip, "accepted", "rejected", "ben")
    with pytest.raises(Stale):
        lib.changes.undo(project.id, "anna")
    assert decisions(lib, clip) == ["rejected"]


def test_an_undo_of_several_fields_of_one_clip_goes_backwards(made: Made) -> None:
    lib, project = made
    clip = take(lib, project)
    steps = [Change(clip, "start", 0.0, 0.2), Change(clip, "start", 0.2, 0.3), Change(clip, "end", 1.0, 0.9)]
    lib.changes.apply(project.id, steps, "anna")
    lib.changes.undo(project.id, "anna")
    assert (lib.clips.get(clip).start, lib.clips.get(clip).end) == (0.0, 1.0)


def test_undo_stays_in_its_project(data_root: DataRoot) -> None:
    lib, one = library(data_root, "one", "two")
    two = lib.projects.get("two")
    clip = take(lib, two)
    decide(lib, two, clip, "todo", "accepted")
    assert lib.changes.undo(one.id, "anna") == []
    assert decisions(lib, clip) == ["accepted"]
    assert lib.changes.last_id(one.id) == 0
