"""Single prompts by command: text, place, must, skip, delete; mistakes are told, and all can be undone."""
from __future__ import annotations

from typing import Any

import pytest

from core.commands.prompts import prompts
from core.commands.told import Told
from core.config import DataRoot
from core.errors import BadInput, NotFound, StudioError
from core.library import Library, Project
from core.steps import prompts as step
from core.text.script_file import Draft
from tests.made import library, take

Made = tuple[Library, Project]


@pytest.fixture
def made(data_root: DataRoot) -> Made:
    """A project with the prompts one, two, three and four, whose ids are 1 to 4."""
    lib, project = library(data_root)
    step.add(lib, project, [Draft(text, "g", "en") for text in ("one", "two", "three", "four")], "anna")
    return lib, project


@pytest.fixture
def told() -> list[str]:
    """The lines of progress."""
    return []


@pytest.fixture
def ask(made: Made, told: list[str]) -> Any:
    """`ask(delete=[1])`: the command on that project."""

    def ask(**given: Any) -> Told:
        return prompts(told.append, "p", data=made[0].root.path, **given)

    return ask


def shown(made: Made) -> list[tuple[int, str, bool, str]]:
    return [(p.id, p.text, p.must, p.skipped) for p in step.listing(*made)]


BEFORE = [(1, "one", False, ""), (2, "two", False, ""), (3, "three", False, ""), (4, "four", False, "")]
CASES: list[tuple[dict[str, Any], str, list[tuple[int, str, bool, str]]]] = [
    ({"edit": ["2= a = b "]}, "Prompt 2 reads “a = b” now.",
     [BEFORE[0], (2, "a = b", False, ""), *BEFORE[2:]]),
    ({"must": [1, 3]}, "Prompts 1 and 3 are musts now.",
     [(1, "one", True, ""), BEFORE[1], (3, "three", True, ""), BEFORE[3]]),
    ({"skip": ["1=too  hard"]}, "Prompt 1 is skipped (too hard).",
     [(1, "one", False, "too hard"), *BEFORE[1:]]),
    ({"move": ["4=top"]}, "Prompt 4 stands at place 1 now.", [BEFORE[3], *BEFORE[:3]]),
    ({"move": ["2=Up"]}, "Prompt 2 stands at place 1 now.", [BEFORE[1], BEFORE[0], *BEFORE[2:]]),
    ({"move": ["2=down"]}, "Prompt 2 stands at place 3 now.", [BEFORE[0], BEFORE[2], BEFORE[1], BEFORE[3]]),
    ({"move": ["1=4"]}, "Prompt 1 stands at place 4 now.", [*BEFORE[1:], BEFORE[0]]),
    ({"delete": [4, 2, 1, 2]}, "Prompts 4, 2 and 1 are deleted.", [BEFORE[2]]),
]


@pytest.mark.parametrize(("given", "sentence", "after"), CASES)
def test_a_prompt_is_changed_told_and_taken_back(
    made: Made, ask: Any, given: dict[str, Any], sentence: str, after: list[tuple[int, str, bool, str]]
) -> None:
    done = ask(**given)
    assert (done.value["done"], done.text, shown(made)) == ([sentence], sentence, after)
    ask(undo=True)
    assert shown(made) == BEFORE


def test_marks_are_taken_off_again(made: Made, ask: Any) -> None:
    ask(must=[1, 2], skip=["3=later", "4=never"])
    done = ask(no_must=[1], unskip=[3, 4])
    assert done.value["done"] == ["Prompt 1 is no must any more.", "Prompts 3 and 4 are asked for again."]
    assert shown(made) == [BEFORE[0], (2, "two", True, ""), *BEFORE[2:]]


def test_the_list_shows_ids_and_places(made: Made, ask: Any) -> None:
    ask(move=["4=top"], delete=[1], must=[2])
    listed = ask()
    assert listed.text == "place  id  prompt\n    1   4  four\n    2   2  two  [must]\n    3   3  three"
    assert [(row["place"], row["id"], row["text"]) for row in listed.value["prompts"]] == [
        (1, 4, "four"), (2, 2, "two"), (3, 3, "three")
    ]


@pytest.mark.parametrize(("given", "sentence"), [
    ({"edit": ["9=x"]}, "There is no prompt 9 in the project “P”: `app.py prompts p` lists their ids."),
    ({"delete": [1, 9]}, "There is no prompt 9 "),
    ({"skip": ["0=x"]}, "There is no prompt 0 "),
    ({"edit": ["x"]}, "“x” does not say which prompt gets what; write --edit ID=TEXT."),
    ({"move": ["one=2"]}, "“one=2” does not say which prompt gets what; write --move ID=PLACE."),
    ({"move": ["1=left"]}, "“left” is no place in the list; give --move ID=PLACE a number from 1, or up"),
])
def test_what_cannot_be_meant_is_told_before_anything_is_done(
    made: Made, ask: Any, told: list[str], given: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(StudioError) as error:
        ask(**{"must": [1], "edit": ["1=changed"], **given})
    assert str(error.value).startswith(sentence)
    assert (shown(made), told) == (BEFORE, [])


@pytest.mark.parametrize(("given", "why"), [
    ({"edit": ["1="]}, "is empty"), ({"edit": ["1=two"]}, "has a prompt “two” already"),
    ({"skip": ["1= "]}, "why the prompt is skipped"), ({"move": ["1=up"]}, "no place 0"),
    ({"move": ["4=down"]}, "no place 5 in a list of 4 prompts"),
])
def test_what_was_done_before_a_mishap_is_told_and_stays(
    made: Made, ask: Any, told: list[str], given: dict[str, Any], why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        ask(**{**given, "edit": ["3=third", *given.get("edit", [])]})
    assert told == ["Prompt 3 reads “third” now."]
    assert shown(made) == [*BEFORE[:2], (3, "third", False, ""), BEFORE[3]]
    assert ask(undo=True).text == "Taken back for 1 prompt."
    assert ask(undo=True).text == "There is nothing to undo.", "Anna's own things stay hers to undo"


def test_what_has_takes_stays_and_keeps_its_words_unless_one_insists(made: Made, ask: Any) -> None:
    take(*made, prompt="two")
    with pytest.raises(BadInput, match="“two” has 1 take, so it stays"):
        ask(delete=[2, 3])
    with pytest.raises(BadInput, match="“two” was read as it stands in 1 take"):
        ask(edit=["2=too"])
    assert shown(made) == BEFORE
    assert ask(edit=["2=too"], although_recorded=True).text == "Prompt 2 reads “too” now."


def test_a_prompt_of_another_project_is_not_there(made: Made, ask: Any, data_root: DataRoot) -> None:
    lib, other = library(data_root, "q")
    step.add(lib, other, [Draft("five", "g", "en")], "anna")
    with pytest.raises(NotFound, match="no prompt 5 in the project “P”"):
        ask(delete=[5])
    assert [prompt.text for prompt in step.listing(lib, other)] == ["five"]
