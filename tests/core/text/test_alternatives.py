"""Other ways to say a whole text, and what decides: the prompt, the sound, the words around, the default."""
from __future__ import annotations

import json
import random

import pytest

from core.errors import BadInput
from core.evaluation.rates import digit_errors, exact_numbers, score_item
from core.text.alternatives import MOST, alternatives, explained
from core.text.convert import leftovers, to_words
from core.text.spoken import digit_strings, to_digits

TOKELAU = ("helo", "tahi", "lua", "tolu", "fa", "lima", "ono", "fitu", "valu", "iva")


def test_the_sound_decides_where_there_is_no_prompt() -> None:
    item = to_words("room 101", scores={0: {"cardinal": -1.2, "digit by digit": -0.5}}).items[0]
    assert (item.chosen.name, item.runner_up, item.margin) == ("digit by digit", "cardinal", 0.7)
    assert item.reason == "the sound fits “one zero one” best"
    assert to_words("room 101").items[0].chosen.name == "digit by digit with oh"


def test_an_exact_prompt_outweighs_the_sound_and_a_near_one_does_not() -> None:
    scores = {0: {"digit by digit": 5.0, "year": 1.0}}
    exact = to_words("flight 2491", prompt="flight twenty four ninety one", scores=scores).items[0]
    assert exact.chosen.text == "twenty four ninety one" and exact.reason.startswith("the prompt says")
    near = to_words("flight 2491", prompt="flight twenty four ninety", scores=scores).items[0]
    assert near.chosen.text == "two four nine one" and near.reason.startswith("the sound fits")
    assert to_words("flight 2491", prompt="flight twenty four ninety").text == "flight twenty four ninety one"


@pytest.mark.parametrize(
    "scores",
    [
        {},
        {1: {"cardinal": 2.0, "digit by digit": 1.0}},
        {0: {"cardinal": 2.0}},
        {0: {"cardinal": 2.0, "digit by digit with oh": 2.0}},
        {0: {"cardinal": float("nan"), "digit by digit": 1.0}},
        {0: {"cardinal": float("inf"), "digit by digit": 1.0}},
        {0: {"no such reading": 3.0, "cardinal": 2.0}},
    ],
)
def test_scores_that_compare_nothing_do_not_decide(scores: dict[int, dict[str, float]]) -> None:
    assert to_words("room 101", scores=scores) == to_words("room 101")


def test_each_number_has_its_own_scores() -> None:
    scores = {1: {"digit by digit": 1.0, "cardinal": 3.0}}
    assert to_words("12 and 13", scores=scores).text == "one two and thirteen"


def test_every_choice_names_its_runner_up() -> None:
    assert to_words("1296").items[0].runner_up == "year"
    assert to_words("in 1984").items[0].runner_up == "digit by digit"
    assert to_words("1296", prompt="twelve ninety six").items[0].runner_up != "year"
    assert to_words("#", "fi").items == ()


def test_the_projects_default_is_for_bare_digits_only() -> None:
    assert to_words("1296", default="cardinal").text == "one thousand two hundred ninety six"
    assert to_words("40213", default="pairs").text == "four oh two thirteen"
    assert to_words("00417", default="cardinal").text == "zero zero four one seven"
    assert to_words("order 1296", default="cardinal").text == "order one two nine six"
    assert to_words("14:30", default="digit by digit").text == "fourteen thirty"
    assert "so cardinal" in to_words("1296", default="cardinal").items[0].reason
    assert to_words("99", "fr", default="cardinal").text == "quatre vingt dix neuf"


def test_alternatives_are_different_bounded_and_start_with_the_choice() -> None:
    found = alternatives("order 1296 for 25 people")
    assert found[0] == to_words("order 1296 for 25 people").text
    assert len(found) == len(set(found)) == MOST
    assert "order twelve ninety six for twenty five people" in found
    assert alternatives("nothing here") == ["nothing here"]
    assert alternatives("order 7") == ["order seven", "order seventh"]
    assert len(alternatives("1296, " * 30, most=5)) == 5
    assert alternatives("room 101", scores={0: {"cardinal": 2.0, "digit by digit": 1.0}})[:2] == [
        "room one hundred one",
        "room one zero one",
    ]


def test_explained_is_ready_for_json_and_lists_the_choice_first() -> None:
    rows = explained(["room 101", "hello"])
    assert json.loads(json.dumps(rows)) == rows
    assert list(rows[0]) == ["text", "alternatives", "items"]
    assert rows[0]["text"] == rows[0]["alternatives"][0]
    (item,) = rows[0]["items"]
    assert item["written"] == "101"
    assert item["readings"][0] == {"name": "digit by digit with oh", "text": "one oh one", "score": 0.5}
    assert rows[1] == {"text": "hello", "alternatives": ["hello"], "items": []}


def test_ten_typed_words_read_and_score_a_language_without_names() -> None:
    assert to_words("numela 0420", "tkl", digits=TOKELAU).text == "numela helo fa lua helo"
    assert to_words("$12.50, A12, 14:30", "tkl", digits=TOKELAU).text.count("tahi") == 3
    assert digit_strings("numela helo fa lua helo", "tkl", TOKELAU) == ["0420"]
    assert to_digits("helo fa", "tkl", TOKELAU) == "04"
    assert digit_errors(["0420"], ["helo fa lua"], "tkl", TOKELAU).errors == 1
    assert exact_numbers(["0420"], ["helo fa lua helo"], "tkl", TOKELAU).errors == 0
    assert score_item("a", "42", "fa lua", "tkl", TOKELAU).digit_errors == 0


def test_typed_words_also_rename_the_digits_of_a_known_language() -> None:
    words = ["nul", *"ien twa trije fjouwer fiif seis sân acht njoggen".split()]
    assert to_words("42", "nl", digits=words).text == "fjouwer twa"
    assert to_words("42", "en", digits=words).text == "four two"


@pytest.mark.parametrize(
    "digits",
    [(), ("a",) * 10, tuple("abcdefghi"), (*"abcdefghi", ""), (*"abcdefghi", "j1"), tuple("abcdefghijk")],
)
def test_ten_words_that_are_none_get_a_sentence(digits: tuple[str, ...]) -> None:
    with pytest.raises(BadInput, match="ten different words"):
        to_words("12", "tkl", digits=digits)
    assert to_words("no number", "tkl", digits=digits).text == "no number"


def test_what_a_language_without_a_table_reads_comes_back_clean() -> None:
    rng = random.Random(31)
    shapes = "{a} {a}.{b} {a}-{b} A{a}B {a}:{b} #{a} {a}/{b} 2024-03-{b} {a}kg +{a}{a}{a} 1,{a}".split()
    for _ in range(200):
        written = rng.choice(shapes).format(a=rng.randrange(1, 10**4), b=rng.randrange(10, 28))
        once = to_words(f"o {written} e", "tkl", digits=TOKELAU).text
        assert leftovers(once, "tkl") == [] and once.startswith("o ") and once.endswith(" e"), (written, once)
        assert to_words(once, "tkl", digits=TOKELAU).text == once
