"""Several takes of a prompt: the best one is in use, a person may choose another, none is lost."""
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.audio.capture import Captured
from core.config import DataRoot
from core.errors import BadInput
from core.library import Clip, Library, Project
from core.library.transcripts import Draft
from core.steps import hearing, record, review, takes
from core.steps.desk import Choice, desk
from tests.made import library, tone, wav

WHO = "page:anna"
Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    lib, project = library(data_root)
    lib.prompts.add(project.id, [("one two", ""), ("three", "")])
    return lib, project


def say(made: Made, level: float = 1.0, speaker: str = "anna", prompt: int = 0) -> Clip:
    """A take at `level` of a proper voice."""
    lib, project = made
    sound = level * np.concatenate([np.zeros(8000), tone(), np.zeros(8000)])
    heard = Captured((32767 * sound).astype(np.int16), 16000, 0)
    prompt_id = lib.prompts.of(project.id)[prompt].id
    return record.save_captured(lib, project, prompt_id, speaker, heard, WHO).clip


def used(made: Made) -> list[str]:
    lib, project = made
    return [view.clip.id for view in lib.clips.views(project.id)]


def test_the_newest_of_equally_good_takes_is_in_use_and_the_others_are_kept(made: Made) -> None:
    lib, _ = made
    first, second, third = say(made), say(made), say(made)
    assert used(made) == [third.id]
    assert [v.clip.id for v in takes.of(lib, first)] == [first.id, second.id, third.id]
    assert lib.prompts.of(third.project_id)[0].n_takes == 3


def test_a_worse_take_does_not_take_the_place_of_a_better_one(made: Made) -> None:
    lib, project = made
    good, silent, quiet = say(made), say(made, 0.0), say(made, 0.06)
    assert used(made) == [good.id]
    assert [v.clip.spare for v in takes.of(lib, good)] == [0, 1, 1]
    assert record.queue(lib, project, "anna").again == {}, "the one in use is good"
    better = say(made)
    assert used(made) == [better.id]
    assert takes.rank(silent) > takes.rank(quiet) > takes.rank(good)


def test_a_person_chooses_with_one_press_and_undoes_it(made: Made) -> None:
    lib, project = made
    first, second = say(made), say(made)
    takes.choose(lib, project, first.id, WHO)
    assert used(made) == [first.id]
    review.undo(lib, project, WHO)
    assert used(made) == [second.id]
    review.undo(lib, project, WHO)
    assert used(made) == [first.id], "as before the second was said"


def test_only_the_take_in_use_goes_on_to_review(made: Made) -> None:
    lib, project = made
    say(made)
    second = say(made)
    assert [row.id for row in desk(lib, project, Choice("all")).rows] == [second.id]


def test_speakers_and_prompts_and_free_takes_stand_alone(made: Made, tmp_path: Path) -> None:
    lib, project = made
    mine, hers, other = say(made), say(made, speaker="ben"), say(made, prompt=1)
    free = [record.save_take(lib, project, None, "anna", wav(tmp_path / f"{i}.wav", pitch=200 + i), WHO).clip
            for i in range(2)]
    assert set(used(made)) == {mine.id, hers.id, other.id, *(clip.id for clip in free)}
    assert [v.clip.id for v in takes.of(lib, free[0])] == [free[0].id]


def test_when_the_take_in_use_goes_to_the_trash_the_best_spare_one_comes_back(made: Made) -> None:
    lib, project = made
    good, quiet, last = say(made), say(made, 0.06), say(made)
    review.trash(lib, project, [last.id], WHO)
    assert used(made) == [good.id]
    review.restore(lib, project, [last.id], WHO)
    assert used(made) == [good.id], "it comes back beside the one in use"
    takes.choose(lib, project, last.id, WHO)
    assert used(made) == [last.id]
    review.trash(lib, project, [quiet.id, last.id], WHO)
    assert used(made) == [good.id]
    review.undo(lib, project, WHO)
    assert used(made) == [last.id]
    review.trash(lib, project, [good.id, quiet.id, last.id], WHO)
    assert used(made) == []
    with pytest.raises(BadInput, match="is in the trash"):
        takes.choose(lib, project, good.id, WHO)


def listen(made: Made, monkeypatch: pytest.MonkeyPatch, clip: Clip, heard: str) -> str | None:
    """The recogniser hears `heard` in a take."""
    lib, project = made

    def answered(*_: object) -> str:
        lib.transcripts.append(project.id, [Draft(clip.id, heard, "model:x", None)], "hearing")
        return hearing.doubts(lib, project).get(clip.id, "")

    monkeypatch.setattr(hearing, "hear", answered)
    return takes.hear(lib, project, clip.id)


def test_a_take_in_which_other_words_are_heard_steps_back(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = say(made)
    assert listen(made, monkeypatch, first, "one two") == ""
    second = say(made)
    assert "is in use again" in (listen(made, monkeypatch, second, "something else altogether") or "")
    assert used(made) == [first.id]


def test_what_a_person_chose_does_not_step_back(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    lib, project = made
    first, second = say(made), say(made)
    takes.choose(lib, project, first.id, WHO)
    takes.choose(lib, project, second.id, WHO)
    assert listen(made, monkeypatch, second, "something else altogether")
    assert used(made) == [second.id]
