"""Numbers to words on the takes of a project: shown, made, changed, accepted, undone."""

from __future__ import annotations

import pytest

from core.config import DataRoot
from core.errors import NotFound, Stale
from core.library import Library, Project
from core.steps import review
from core.steps.convert import accept_matching, choose_reading, convert_all, unclean
from tests.made import library, take

WHO = "page:anna"
Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    return library(data_root)


def texts(lib: Library, project: Project) -> list[str | None]:
    return [view.text for view in lib.clips.views(project.id)]


def test_all_numbers_become_words_in_one_batch(made: Made) -> None:
    lib, project = made
    for text in ("order 12", "good morning", "code 7"):
        take(lib, project, text)
    take(lib, project)
    take(lib, project, "room 5", decision="rejected")
    done = convert_all(lib, project, WHO)
    assert [(c.before, c.after) for c in done] == [("order 12", "order one two"), ("code 7", "code seven")]
    assert texts(lib, project) == ["order one two", "good morning", "code seven", None, "room 5"]
    assert convert_all(lib, project, WHO) == [], "a second time there is nothing to do"
    review.undo(lib, project, WHO)
    assert texts(lib, project) == ["order 12", "good morning", "code 7", None, "room 5"]


def test_a_dry_run_only_shows(made: Made) -> None:
    lib, project = made
    take(lib, project, "order 12", prompt="order twelve")
    before = lib.changes.last_id(project.id)
    done = convert_all(lib, project, WHO, dry_run=True)
    assert (done[0].after, done[0].items[0].written) == ("order twelve", "12")
    assert texts(lib, project) == ["order 12"]
    assert lib.changes.last_id(project.id) == before


def test_another_reading_is_chosen_kept_and_undone(made: Made) -> None:
    lib, project = made
    clip = take(lib, project, "order 12 to gate 34")
    convert_all(lib, project, WHO)
    version = lib.clips.get(clip).transcript_id
    assert (
        choose_reading(lib, project, clip, 1, "cardinal", version, WHO) == "order one two to gate thirty four"
    )
    items = lib.clips.view(clip).details["items"]
    assert items[0]["reason"] != "chosen by hand", "only the second was"
    assert items[1]["reason"] == "chosen by hand"
    version = lib.clips.get(clip).transcript_id
    assert (
        choose_reading(lib, project, clip, 0, "cardinal", version, WHO) == "order twelve to gate thirty four"
    )
    review.undo(lib, project, WHO)
    assert texts(lib, project) == ["order one two to gate thirty four"]


def test_a_choice_on_what_changed_meanwhile_is_stale(made: Made) -> None:
    lib, project = made
    clip = take(lib, project, "order 12")
    convert_all(lib, project, WHO)
    seen = lib.clips.get(clip).transcript_id
    review.edit(lib, project, clip, "order twelve", seen, "page:ben")
    with pytest.raises(Stale):
        choose_reading(lib, project, clip, 0, "cardinal", seen, WHO)
    assert texts(lib, project) == ["order twelve"]


def test_only_what_is_there_can_be_chosen(made: Made) -> None:
    lib, project = made
    plain, converted = take(lib, project, "good morning"), take(lib, project, "order 12")
    convert_all(lib, project, WHO)

    def choose(clip: str, index: int, name: str) -> None:
        choose_reading(lib, project, clip, index, name, lib.clips.get(clip).transcript_id, WHO)

    with pytest.raises(NotFound, match="not made from numbers"):
        choose(plain, 0, "cardinal")
    for index, name, sentence in (
        (5, "cardinal", "no number 6"),
        (-1, "cardinal", "no number"),
        (0, "x", "named “x”"),
    ):
        with pytest.raises(NotFound, match=sentence):
            choose(converted, index, name)
    assert texts(lib, project) == ["good morning", "order one two"]


def test_what_says_its_prompt_is_accepted_as_one_batch(made: Made) -> None:
    lib, project = made
    right = take(lib, project, "order one oh two", prompt="Order: one zero two!")
    wrong = take(lib, project, "order one two", prompt="order one three")
    rejected = take(lib, project, "five", prompt="five", decision="rejected")
    unasked, unheard = take(lib, project, "six"), take(lib, project, prompt="seven")
    ordinary = take(lib, project, "the sun", prompt="the sun", role="regression")
    assert accept_matching(lib, project, WHO) == 1
    found = {view.clip.id: view.clip.decision for view in lib.clips.views(project.id)}
    assert found == {
        right: "accepted",
        wrong: "todo",
        rejected: "rejected",
        unasked: "todo",
        unheard: "todo",
        ordinary: "todo",
    }
    assert accept_matching(lib, project, WHO) == 0
    assert review.undo(lib, project, WHO) == "Undone: a decision of 1 take."
    assert lib.clips.get(right).decision == "todo"


def test_what_is_left_is_named(made: Made) -> None:
    lib, project = made
    take(lib, project, "one two", name="clean.wav")
    take(lib, project, "costs $ 5", name="bad.wav")
    take(lib, project, "7", name="rejected.wav", decision="rejected")
    take(lib, project, name="unheard.wav")
    assert unclean(lib, project) == [("bad.wav", ["$", "5"])]
    convert_all(lib, project, WHO)
    assert unclean(lib, project) == []


def test_dashed_number_words_are_judged_in_the_project_s_language(data_root: DataRoot) -> None:
    lib = Library(data_root)
    for language in ("en", "fr"):
        project = lib.projects.add(language, language, "blank", language)
        take(lib, project, "forty-five", name="english.wav")
        take(lib, project, "vingt-deux", name="french.wav")
    left = {slug: [name for name, _ in unclean(lib, lib.projects.get(slug))] for slug in ("en", "fr")}
    assert left == {"en": ["english.wav"], "fr": ["french.wav"]}
