"""The desk: filters with counts, search, orders, and what a page needs to offer them."""

from __future__ import annotations

import pytest

from core.config import DataRoot
from core.errors import BadInput
from core.library import Change, Library, Project
from core.steps import convert, flags, review
from core.steps.desk import ANY_FLAG, Choice, desk
from tests.made import library, take

ANNA = "page:anna"
Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    return library(data_root)


def ids(made: Made, *choice: str, **more: str) -> list[str]:
    """The takes of a choice, in its order."""
    return [row.id for row in desk(*made, Choice(*choice, **more)).rows]


def test_the_desk_filters_counts_and_searches(made: Made) -> None:
    lib, project = made
    fits = take(lib, project, "order one", prompt="order one", name="a.wav")
    differs = take(lib, project, "order too", prompt="order two", name="b.wav")
    yes = take(lib, project, "Nein", prompt="order three", name="c.wav", decision="accepted")
    no = take(lib, project, name="d.wav", decision="rejected")
    take(lib, project, "the sun", prompt="the son", role="regression")
    assert ids(made) == [fits, differs]
    assert ids(made, "mismatch") == [differs], "a decided take is no mismatch any more"
    assert (ids(made, "accepted"), ids(made, "rejected"), ids(made, "all")) == (
        [yes], [no], [fits, differs, yes, no])
    found = desk(lib, project)
    assert found.counts == {"todo": 2, "mismatch": 1, "accepted": 1, "rejected": 1, "all": 4}
    assert found.n_matching == len(convert.matching(lib, project)) == 1
    assert ids(made, "all", "ORDER T") == [differs, yes]
    assert ids(made, "all", "nein") == [yes]
    assert ids(made, "all", "none") == [], "what is missing is no word"
    assert ids(made, "all", "d.wav") == [no]


def test_the_rows_are_those_of_the_views(made: Made) -> None:
    lib, project = made
    take(lib, project, "one", prompt="one")
    spare, gone = take(lib, project), take(lib, project)
    lib.changes.apply(project.id, [Change(spare, "spare", 0, 1)], ANNA)
    review.trash(lib, project, [gone], ANNA)
    (row,), (view,) = desk(lib, project, Choice("all")).rows, lib.clips.views(project.id)
    clip = view.clip
    assert row == (clip.id, clip.name, clip.audio, "target", "todo", 0.0, 1.0, "me", "one", "one",
                   clip.transcript_id, ())


def test_speakers_and_flags_are_offered_found_and_searched(made: Made) -> None:
    lib, project = made
    ann, ben = take(lib, project, speaker="Ann"), take(lib, project, speaker="Ben")
    flags.put(lib, project, ben, "laughter", True, ANNA)
    found = desk(lib, project)
    assert (found.speakers, found.flags) == (["Ann", "Ben"], ["laughter"])
    assert ids(made, speaker="Ann") == [ann]
    assert ids(made, flag="laughter") == ids(made, flag=ANY_FLAG) == ids(made, query="laugh") == [ben]
    assert ids(made, flag="noise") == ids(made, flag=ANY_FLAG, speaker="Ann") == []


def test_orders(made: Made) -> None:
    lib, project = made
    clips = [take(lib, project) for _ in range(3)]
    for clip, end in zip(clips, (0.5, 0.9, 0.5), strict=True):
        lib.changes.apply(project.id, [Change(clip, "end", 1.0, end)], ANNA)
    first, second, third = clips
    assert ids(made, sort="longest") == [second, first, third]
    assert ids(made, sort="shortest") == [first, third, second]
    by_risk = desk(lib, project, Choice(sort="risk"), {third: 0.9, first: 0.1}).rows
    assert [row.id for row in by_risk] == [third, first, second]


@pytest.mark.parametrize(("choice", "sentence"), [(Choice("every"), "“every” is no filter"),
                                                  (Choice(sort="worst"), "“worst” is no order")])
def test_what_is_not_there_is_told(made: Made, choice: Choice, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        desk(*made, choice)


def test_an_empty_project_has_an_empty_desk(made: Made) -> None:
    found = desk(*made)
    assert found.rows == []
    assert set(found.counts.values()) == {0}
