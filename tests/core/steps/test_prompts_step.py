"""The script of a project: filled, ordered, cleaned; what was recorded stays, and all of it can be undone."""
from __future__ import annotations

import pytest

from core.config import DataRoot
from core.errors import BadInput, NotFound, Stale
from core.library import Change, Library, Project
from core.steps import prompts as step
from core.steps import record
from core.text.script_file import Draft
from tests.made import library, take
from tests.pace import within

ANNA = "anna"
Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    return library(data_root)


def fill(made: Made, *texts: str) -> list[int]:
    """Prompts of those texts, added by Anna; their ids in order."""
    step.add(*made, [Draft(text, "g", "en") for text in texts], ANNA)
    return [prompt.id for prompt in step.listing(*made)]


def texts(made: Made) -> list[str]:
    return [prompt.text for prompt in step.listing(*made)]


def test_drafts_come_in_once_with_all_they_say(made: Made) -> None:
    drafts = [Draft("one", "a", "en", must=True), Draft("deux", "b", "fr"), Draft("one", "c", "en")]
    added = step.add(*made, drafts, ANNA)
    assert (added.n_new, added.sentence) == (2, "2 new prompts. 1 prompt was in the project already.")
    assert [(p.text, p.grp, p.language, p.must) for p in step.listing(*made)] == [
        ("one", "a", "en", True), ("deux", "b", "fr", False)
    ]
    assert step.add(*made, drafts[:2], ANNA).n_new == 0


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.json"])
def test_a_project_s_script_goes_out_and_comes_in_again(made: Made, data_root: DataRoot, name: str) -> None:
    drafts = [Draft("one, two", "a", "en", must=True), Draft("مرحبا", "b", "ar")]
    step.add(*made, drafts, ANNA)
    lib, other = library(data_root, "q")
    assert step.import_file(lib, other, step.export_file(*made, name), name, ANNA).n_new == 2
    assert [Draft(p.text, p.grp, p.language, p.must) for p in step.listing(lib, other)] == drafts


def test_a_file_says_what_it_left_out_and_a_bad_one_leaves_nothing(made: Made) -> None:
    added = step.import_file(*made, b"one\n\none\ntwo\n", "x.txt", ANNA)
    assert (added.n_new, len(added.notes)) == (2, 2)
    with pytest.raises(BadInput, match=r"Line 3 of x\.csv"):
        step.import_file(*made, b"text,must\nthree,\nfour,perhaps\n", "x.csv", ANNA)
    assert texts(made) == ["one", "two"]


def test_generated_prompts_are_in_the_project_s_language_and_new(made: Made, data_root: DataRoot) -> None:
    options = step.options(made[1], "orders", n="12", digits="5")
    assert step.generate(*made, "orders", options, 1, ANNA).n_new == 12
    assert step.generate(*made, "orders", options, 1, ANNA).n_new == 0
    assert step.generate(*made, "orders", options, 2, ANNA).n_new == 12
    german = Library(data_root).projects.add("de", "De", "blank", "de")
    assert step.options(german, "orders").language == "de"
    assert step.options(german, "orders", language="fr").language == "fr"
    with pytest.raises(BadInput, match="no generator"):
        step.options(german, "nix")


def test_coverage_leaves_out_what_is_skipped_and_what_is_suggested_raises_it(made: Made) -> None:
    ids = fill(made, "order one two three", "order four five six", "order seven eight nine")
    assert step.coverage(*made).n_codes == 3
    step.skip(*made, ids[:1], "too hard", ANNA)
    before = step.coverage(*made)
    assert before.n_codes == 2
    step.add(*made, [each.draft for each in step.suggest(*made, 4)], ANNA)
    assert step.coverage(*made).share_of_pairs > before.share_of_pairs


def test_a_text_is_mended_unless_somebody_else_did_or_it_was_recorded(made: Made) -> None:
    lib, project = made
    first, second = fill(made, "oen two", "three")
    step.edit(lib, project, first, " one  two ", "oen two", ANNA)
    assert texts(made) == ["one two", "three"]
    with pytest.raises(Stale, match="nothing was overwritten"):
        step.edit(lib, project, first, "one too", "oen two", "ben")
    with pytest.raises(BadInput, match="has a prompt “three” already"):
        step.edit(lib, project, first, "three", "one two", ANNA)
    with pytest.raises(BadInput, match="is empty"):
        step.edit(lib, project, first, " ", "one two", ANNA)
    take(lib, project, prompt="three")
    with pytest.raises(BadInput, match="“three” was read as it stands in 1 take"):
        step.edit(lib, project, second, "tree", "three", ANNA)
    step.edit(lib, project, second, "tree", "three", ANNA, although_recorded=True)
    assert texts(made) == ["one two", "tree"]
    assert [row["after"] for row in lib.prompts.history(first) if row["field"] == "text"] == ['"one two"']


def test_a_skip_says_why_and_can_be_taken_back(made: Made) -> None:
    lib, project = made
    first, second = fill(made, "one", "two")
    step.skip(lib, project, [first, first], "  a word I\n cannot say ", ANNA)
    assert [p.skipped for p in step.listing(*made)] == ["a word I cannot say", ""]
    assert record.queue(lib, project).next_index == 1
    step.unskip(lib, project, [first, second], ANNA)
    assert [p.skipped for p in step.listing(*made)] == ["", ""]
    for reason in (" ", "x" * 201):
        with pytest.raises(BadInput, match="why the prompt is skipped"):
            step.skip(lib, project, [first], reason, ANNA)


def test_what_was_recorded_is_not_deleted(made: Made) -> None:
    lib, project = made
    ids = fill(made, "one", "two", "three")
    clip = take(lib, project, prompt="two")
    with pytest.raises(BadInput, match="“two” has 1 take, so it stays"):
        step.delete(lib, project, ids, ANNA)
    assert texts(made) == ["one", "two", "three"], "none of them went"
    step.delete(lib, project, [ids[0], ids[2]], ANNA)
    assert texts(made) == ["two"]
    lib.changes.apply(project.id, [Change(clip, "trashed", 0, 1)], ANNA)
    step.delete(lib, project, [ids[1]], ANNA)
    assert texts(made) == []
    lib.changes.undo(project.id, ANNA)
    assert texts(made) == ["two"], "its take came back from the trash"


def test_a_take_of_a_prompt_that_was_deleted_meanwhile_brings_it_back(made: Made) -> None:
    lib, project = made
    ids = fill(made, "one", "two")
    step.delete(lib, project, ids, ANNA)
    take(lib, project, prompt="two")
    assert texts(made) == ["two"]


def test_a_deleted_prompt_is_not_there_any_more(made: Made) -> None:
    ids = fill(made, "one", "two")
    step.delete(*made, ids[:1], ANNA)
    for again in (lambda: step.delete(*made, ids, ANNA), lambda: step.skip(*made, ids, "why", ANNA)):
        with pytest.raises(NotFound, match=f"no prompt {ids[0]} in the project “P”; reload"):
            again()
    with pytest.raises(BadInput, match="or a deleted one"):
        step.edit(*made, ids[1], "one", "two", ANNA)


def test_a_deleted_prompt_can_be_added_again(made: Made) -> None:
    ids = fill(made, "one", "two")
    step.skip(*made, ids[:1], "hard", ANNA)
    step.delete(*made, ids[:1], ANNA)
    assert step.add(*made, [Draft("one", "new", "en", must=True)], ANNA).n_new == 1
    assert [(p.text, p.grp, p.must, p.skipped) for p in step.listing(*made)] == [
        ("two", "g", False, ""), ("one", "new", True, "")
    ]
    assert step.listing(*made)[1].id == ids[0]


@pytest.mark.parametrize(
    ("which", "to", "order"), [(0, 3, "bcad"), (3, 1, "dabc"), (1, 2, "abcd"), (2, 4, "abdc")]
)
def test_a_prompt_is_moved_to_a_place(made: Made, which: int, to: int, order: str) -> None:
    ids = fill(made, *"abcd")
    step.move(*made, ids[which], to, ANNA)
    assert "".join(texts(made)) == order
    step.add(*made, [Draft("z", "", "en")], ANNA)
    assert "".join(texts(made)) == order + "z"


def test_places_are_those_of_the_list_that_is_shown(made: Made) -> None:
    ids = fill(made, *"abcd")
    step.delete(*made, ids[1:2], ANNA)
    step.move(*made, ids[3], 2, ANNA)
    assert "".join(texts(made)) == "adc"
    for to in (0, 4):
        with pytest.raises(BadInput, match=f"no place {to} in a list of 3 prompts"):
            step.move(*made, ids[0], to, ANNA)


def test_shuffling_is_decided_by_the_seed_and_leaves_recorded_ones_in_place(made: Made) -> None:
    fill(made, *"abcdefghij")
    take(*made, prompt="c")
    step.shuffle(*made, 1, ANNA)
    first = texts(made)
    assert first != list("abcdefghij") and sorted(first) == list("abcdefghij") and first[2] == "c"
    step.undo(*made, ANNA)
    assert texts(made) == list("abcdefghij")
    assert step.shuffle(*made, 1, ANNA) == "9 prompts without takes mixed."
    assert texts(made) == first
    step.undo(*made, ANNA)
    step.shuffle(*made, 2, ANNA)
    assert texts(made) != first


def test_duplicates_go_but_those_with_takes_stay(made: Made) -> None:
    lib, project = made
    fill(made, "Order one!", "order one", "two", "TWO", "Two.", "three", "!?", "…")
    for text in ("TWO", "Two."):
        take(lib, project, prompt=text)
    must = [prompt.id for prompt in step.listing(*made) if prompt.text in ("order one", "two")]
    step.mark_must(lib, project, must, True, ANNA)
    assert step.deduplicate(*made, ANNA) == "2 duplicates deleted. 1 more stayed: they have takes."
    assert [(p.text, p.must) for p in step.listing(*made)] == [
        ("Order one!", True), ("TWO", True), ("Two.", False), ("three", False), ("!?", False), ("…", False)
    ]
    assert step.deduplicate(*made, ANNA).startswith("0 duplicates deleted.")
    assert step.undo(*made, ANNA) == "Taken back for 4 prompts."
    assert len(texts(made)) == 8


def test_everything_is_undone_step_by_step(made: Made) -> None:
    lib, project = made
    ids = fill(made, "one", "two", "three")
    states = [step.listing(*made)]
    for do in (
        lambda: step.edit(lib, project, ids[0], "eins", "one", ANNA),
        lambda: step.move(lib, project, ids[0], 3, ANNA),
        lambda: step.skip(lib, project, ids[1:], "later", ANNA),
        lambda: step.mark_must(lib, project, ids, True, ANNA),
        lambda: step.delete(lib, project, ids[:2], ANNA),
        lambda: step.add(lib, project, [Draft("eins", "again", "de"), Draft("new", "", "en")], ANNA),
        lambda: step.shuffle(lib, project, 1, ANNA),
    ):
        do()
        states.append(step.listing(*made))
    for state in reversed(states[:-1]):
        assert step.undo(lib, project, "ben") == "There is nothing to undo.", "others undo their own"
        step.undo(lib, project, ANNA)
        assert step.listing(*made) == state
    assert step.undo(lib, project, ANNA) == "Taken back for 3 prompts."
    assert texts(made) == []
    assert step.undo(lib, project, ANNA) == "There is nothing to undo."


def test_undoing_an_addition_keeps_what_was_recorded_since(made: Made) -> None:
    fill(made, "one", "two")
    take(*made, prompt="two")
    assert step.undo(*made, ANNA) == "Taken back for 2 prompts. 1 of them stay in the list: they have takes."
    assert texts(made) == ["two"]


def test_an_undo_never_overwrites_somebody_else(made: Made) -> None:
    (first,) = fill(made, "one")
    step.edit(*made, first, "eins", "one", ANNA)
    step.edit(*made, first, "un", "eins", "ben")
    with pytest.raises(Stale):
        step.undo(*made, ANNA)
    assert texts(made) == ["un"]


def test_prompts_of_another_project_are_left_alone(made: Made, data_root: DataRoot) -> None:
    lib, other = library(data_root, "q")
    (mine,) = fill(made, "one")
    for do in (
        lambda: step.edit(lib, other, mine, "two", "one", ANNA),
        lambda: step.skip(lib, other, [mine], "why", ANNA),
        lambda: step.delete(lib, other, [mine], ANNA),
        lambda: step.move(lib, other, mine, 1, ANNA),
        lambda: step.mark_must(lib, other, [0], True, ANNA),
    ):
        with pytest.raises(NotFound, match="in the project “Q”"):
            do()
    assert texts(made) == ["one"]


def test_thousands_of_prompts_stay_quick(made: Made) -> None:
    fill(made, *(f"prompt {n}" for n in range(3_000)))

    def shuffle_and_undo() -> None:
        step.shuffle(*made, 1, ANNA)
        step.undo(*made, ANNA)
        assert texts(made)[:2] == ["prompt 0", "prompt 1"]

    within(3, shuffle_and_undo)
