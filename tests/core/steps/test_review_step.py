"""Review: decisions, texts, undo and trash; two people on one project, and nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import DataRoot
from core.errors import BadInput, Stale
from core.library import Library, Project
from core.steps import review
from core.steps.record import save_take
from tests.made import library, take, wav

ANNA, BEN = "page:anna", "page:ben"
Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    return library(data_root)


def version(lib: Library, clip: str) -> int | None:
    return lib.clips.get(clip).transcript_id


def test_the_second_of_two_who_decide_is_told(made: Made) -> None:
    lib, project = made
    clip = take(lib, project, "one")
    review.decide(lib, project, clip, "rejected", "todo", ANNA)
    with pytest.raises(Stale, match="in the meantime"):
        review.decide(lib, project, clip, "accepted", "todo", BEN)
    assert lib.clips.get(clip).decision == "rejected"
    assert review.undo(lib, project, BEN) == "Nothing left to undo."
    assert review.undo(lib, project, ANNA) == "Undone: a decision of 1 take."
    assert lib.clips.get(clip).decision == "todo"


@pytest.mark.parametrize("text", [None, "", "  "])
def test_nothing_heard_is_nothing_to_accept(made: Made, text: str | None) -> None:
    lib, project = made
    clip = take(lib, project, text)
    with pytest.raises(BadInput, match="no transcript yet"):
        review.decide(lib, project, clip, "accepted", "todo", ANNA)
    review.decide(lib, project, clip, "rejected", "todo", ANNA)
    with pytest.raises(BadInput, match="“maybe” is no decision"):
        review.decide(lib, project, clip, "maybe", "rejected", ANNA)


def test_the_second_of_two_who_write_is_told(made: Made) -> None:
    lib, project = made
    clip = take(lib, project, "won")
    seen = version(lib, clip)
    review.edit(lib, project, clip, "  one \n two ", seen, ANNA)
    with pytest.raises(Stale):
        review.edit(lib, project, clip, "too", seen, BEN)
    view = lib.clips.view(clip)
    assert (view.text, view.source, view.heard) == ("one two", "person", "won")
    review.undo(lib, project, ANNA)
    assert lib.clips.view(clip).text == "won"


@pytest.mark.parametrize(("text", "sentence"), [(" \n ", "is empty"), ("a " * 1100, "2199 characters")])
def test_a_text_that_is_none_is_refused(made: Made, text: str, sentence: str) -> None:
    lib, project = made
    clip = take(lib, project, "one")
    with pytest.raises(BadInput, match=sentence):
        review.edit(lib, project, clip, text, version(lib, clip), ANNA)
    assert lib.clips.view(clip).text == "one"


def test_the_prompt_becomes_the_text(made: Made) -> None:
    lib, project = made
    clip, unasked = take(lib, project, "won", prompt="one"), take(lib, project, "x")
    review.use_prompt(lib, project, clip, version(lib, clip), ANNA)
    assert (lib.clips.view(clip).text, lib.clips.view(clip).source) == ("one", "prompt")
    with pytest.raises(BadInput, match="has no prompt"):
        review.use_prompt(lib, project, unasked, version(lib, unasked), ANNA)


def test_prompts_for_many_are_one_batch_and_one_undo(made: Made) -> None:
    lib, project = made
    clips = [
        take(lib, project, "won", prompt="one"),
        take(lib, project, "Two.", prompt="two"),
        take(lib, project, prompt="three"),
        take(lib, project, "four"),
    ]
    assert review.use_prompts(lib, project, lib.clips.views(project.id), ANNA) == 3
    assert [lib.clips.view(clip).text for clip in clips] == ["one", "Two.", "three", "four"]
    assert [lib.clips.get(clip).decision for clip in clips] == ["accepted"] * 3 + ["todo"]
    assert review.undo(lib, project, ANNA) == "Undone: a decision and a transcript of 3 takes."
    assert [lib.clips.view(clip).text for clip in clips] == ["won", "Two.", None, "four"]
    assert {lib.clips.get(clip).decision for clip in clips} == {"todo"}
    assert review.undo(lib, project, ANNA) == "Nothing left to undo."


def test_prompts_for_many_are_all_or_nothing(made: Made) -> None:
    lib, project = made
    take(lib, project, "won", prompt="one")
    second = take(lib, project, "two", prompt="two")
    seen = lib.clips.views(project.id)
    review.decide(lib, project, second, "rejected", "todo", BEN)
    with pytest.raises(Stale):
        review.use_prompts(lib, project, seen, ANNA)
    assert [view.text for view in lib.clips.views(project.id)] == ["won", "two"]


def test_the_trash_gives_everything_back(made: Made) -> None:
    lib, project = made
    clips = [take(lib, project, "one", decision="accepted"), take(lib, project, "two")]
    review.trash(lib, project, clips, ANNA)
    assert lib.clips.views(project.id) == []
    assert [view.clip.id for view in review.trashed(lib, project)] == clips
    review.restore(lib, project, clips[:1], ANNA)
    assert [(v.clip.id, v.text, v.clip.decision) for v in lib.clips.views(project.id)] == [
        (clips[0], "one", "accepted")
    ]
    review.undo(lib, project, ANNA)
    assert review.undo(lib, project, ANNA) == "Undone: a move to or from the trash of 2 takes."
    assert len(lib.clips.views(project.id)) == 2
    with pytest.raises(Stale):
        review.restore(lib, project, clips, ANNA)


def recorded(made: Made, tmp_path: Path, n: int) -> list[Path]:
    lib, project = made
    saved = [save_take(lib, project, None, "anna", wav(tmp_path / f"{i}.wav"), ANNA) for i in range(n)]
    return [lib.root.path / one.clip.audio for one in saved]


def test_only_empty_trash_deletes_audio_and_only_that_in_the_trash(made: Made, tmp_path: Path) -> None:
    lib, project = made
    files = recorded(made, tmp_path, 3)
    first, second, third = [view.clip.id for view in lib.clips.views(project.id)]
    review.decide(lib, project, first, "rejected", "todo", ANNA)
    review.trash(lib, project, [second, third], ANNA)
    review.restore(lib, project, [third], ANNA)
    review.undo(lib, project, ANNA)
    review.restore(lib, project, [third], ANNA)
    assert all(file.exists() for file in files)
    assert review.empty_trash(lib, project) == 1
    assert [file.exists() for file in files] == [True, False, True]
    assert review.empty_trash(lib, project) == 0
    assert {view.clip.id for view in lib.clips.views(project.id)} == {first, third}


def test_a_take_brought_back_while_the_trash_is_emptied_keeps_its_audio(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lib, project = made
    files = recorded(made, tmp_path, 2)
    clips = [view.clip.id for view in lib.clips.views(project.id)]
    review.trash(lib, project, clips, ANNA)
    look = review.trashed

    def then_restored(*given: object) -> list:
        found = look(*given)  # type: ignore[arg-type]
        review.restore(lib, project, clips[:1], BEN)
        return found

    monkeypatch.setattr(review, "trashed", then_restored)
    assert review.empty_trash(lib, project) == 1
    assert [file.exists() for file in files] == [True, False]
    assert lib.clips.get(clips[0]).trashed == 0


def test_emptying_leaves_other_projects_alone(data_root: DataRoot) -> None:
    lib, one = library(data_root, "one", "two")
    two = lib.projects.get("two")
    clip = take(lib, two)
    review.trash(lib, two, [clip], ANNA)
    assert review.empty_trash(lib, one) == 0
    assert len(review.trashed(lib, two)) == 1
