"""A blind second review: drawn by chance, kept apart from the clips, compared with the first."""
from __future__ import annotations

import pytest

from core.config import DataRoot
from core.errors import BadInput, NotFound, Refused, Stale
from core.library import Library, Project
from core.steps import review, second_review
from tests.made import library, take

ANNA, BEN = "page:anna", "page:ben"
Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    """Ten clips that Anna decided, four of them rejected, and one that nobody did."""
    lib, project = library(data_root)
    for number in range(10):
        clip = take(lib, project, f"text {number}", name=f"{number}.wav")
        review.decide(lib, project, clip, "rejected" if number < 4 else "accepted", "todo", ANNA)
    take(lib, project, "open")
    return lib, project


def decide_all(lib: Library, project: Project, differing: int = 0) -> None:
    """Ben says the same as Anna but for the first few."""
    for place, one in enumerate(lib.second_reviews.of(project.id)):
        other = {"accepted": "rejected", "rejected": "accepted"}[one.first]
        second_review.decide(lib, project, one.id, other if place < differing else one.first, BEN)


def test_a_sample_is_drawn_by_its_seed_from_what_somebody_else_decided(made: Made) -> None:
    lib, project = made
    with pytest.raises(Refused, match="somebody else"):
        second_review.start(lib, project, 5, ANNA)
    drawn = [one.clip_id for one in second_review.start(lib, project, 5, BEN, seed=3)]
    assert [one.clip_id for one in second_review.start(lib, project, 5, BEN, seed=3)] == drawn
    assert [one.clip_id for one in second_review.start(lib, project, 5, BEN, seed=4)] != drawn
    assert len(second_review.start(lib, project, 50, BEN)) == 10
    with pytest.raises(BadInput, match="at least 1"):
        second_review.start(lib, project, 0, BEN)


def test_the_second_never_changes_a_clip(made: Made) -> None:
    lib, project = made
    second_review.start(lib, project, 10, BEN)
    before, last = [v.clip for v in lib.clips.views(project.id)], lib.changes.last_id(project.id)
    decide_all(lib, project, differing=3)
    assert [v.clip for v in lib.clips.views(project.id)] == before
    assert lib.changes.last_id(project.id) == last
    assert second_review.following(lib, project) is None


def test_one_by_one_each_once_and_back(made: Made) -> None:
    lib, project = made
    first, second, *_ = second_review.start(lib, project, 3, BEN)
    assert second_review.following(lib, project) == first
    second_review.decide(lib, project, first.id, "rejected", BEN)
    following = second_review.following(lib, project)
    assert following is not None and following.id == second.id
    with pytest.raises(Stale):
        second_review.decide(lib, project, first.id, "accepted", BEN)
    second_review.decide(lib, project, first.id, "", BEN)
    again = second_review.following(lib, project)
    assert again is not None and again.id == first.id
    with pytest.raises(Refused, match="You decided on this clip first"):
        second_review.decide(lib, project, first.id, "accepted", ANNA)
    with pytest.raises(BadInput, match="no decision"):
        second_review.decide(lib, project, first.id, "todo", BEN)
    with pytest.raises(NotFound, match="older second review"):
        second_review.decide(lib, project, 99999, "accepted", BEN)


def test_the_last_decision_is_taken_back_by_who_made_it(made: Made) -> None:
    lib, project = made
    first, second, *_ = second_review.start(lib, project, 3, BEN)
    assert not second_review.take_back(lib, project, BEN)
    for one in (first, second):
        second_review.decide(lib, project, one.id, "accepted", BEN)
    assert not second_review.take_back(lib, project, ANNA)
    assert second_review.take_back(lib, project, BEN)
    following = second_review.following(lib, project)
    assert following is not None and following.id == second.id


def test_the_agreement_and_what_is_to_settle(made: Made) -> None:
    lib, project = made
    assert second_review.standing(lib, project).agreement is None
    second_review.start(lib, project, 10, BEN)
    decide_all(lib, project, differing=2)
    found = second_review.standing(lib, project)
    assert found.agreement is not None and (found.n, found.n_done, found.agreement.n_same) == (10, 10, 8)
    assert [one.is_settled for one in found.differences] == [False, False]
    one = found.differences[0]
    review.decide(lib, project, one.clip_id, one.second, one.first, ANNA)
    assert [one.is_settled for one in second_review.standing(lib, project).differences] == [True, False]


def test_another_text_is_a_difference_too(made: Made) -> None:
    lib, project = made
    one, other = second_review.start(lib, project, 2, BEN)
    second_review.decide(lib, project, one.id, one.first, BEN, text=f"{one.first_text.upper()}!")
    second_review.decide(lib, project, other.id, other.first, BEN, text="something  else")
    assert [(d.clip_id, d.text) for d in second_review.standing(lib, project).differences] == [
        (other.clip_id, "something else")]


def test_a_clip_that_is_gone_for_good_leaves_the_sample(made: Made) -> None:
    lib, project = made
    drawn = second_review.start(lib, project, 3, BEN)
    review.trash(lib, project, [drawn[0].clip_id], ANNA)
    following = second_review.following(lib, project)
    assert following is not None and following.id == drawn[1].id
    review.empty_trash(lib, project)
    assert len(lib.second_reviews.of(project.id)) == 2
