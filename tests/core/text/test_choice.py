"""What decides between readings: the prompt's words at the place of a number, and the words around it."""
from __future__ import annotations

import random

import pytest

from core.text.clues import clue, preferred
from core.text.convert import to_words
from core.text.numerals import find
from core.text.prompt_match import matches
from core.text.readings import readings
from core.text.scripts import numbers_script
from core.text.spoken import digit_strings, to_digits


def chosen(text: str, prompt: str) -> list[str | None]:
    numerals = find(text)
    found = matches(text, numerals, [readings(numeral) for numeral in numerals], prompt)
    return [match.reading.name if match else None for match in found]


def test_every_prompt_of_the_template_comes_back_word_by_word() -> None:
    for seed in range(4):
        for draft in numbers_script(seed):
            heard = to_digits(draft.text)
            assert to_words(heard, prompt=draft.text).text == draft.text
            assert to_words(heard).text == draft.text  # the carriers alone tell as much


def test_every_style_of_the_prompt_is_recognised() -> None:
    rng = random.Random(9)
    for _ in range(150):
        code = "".join(rng.choice("0123456789") for _ in range(rng.randint(3, 8)))
        for reading in readings(find(code)[0]):
            heard = to_words(f"please order {code} now", prompt=f"Please order {reading.text} now.")
            assert heard.text == f"please order {reading.text} now", reading


def test_one_wrong_digit_keeps_the_digits_and_takes_the_style() -> None:
    rng = random.Random(10)
    for draft in numbers_script():
        heard = to_digits(draft.text)
        place = rng.choice([at for at, char in enumerate(heard) if char.isdigit()])
        wrong = heard[:place] + str((int(heard[place]) + 1) % 10) + heard[place + 1 :]
        result = to_words(wrong, prompt=draft.text.replace("zero", "oh"))
        assert digit_strings(result.text) == digit_strings(wrong)
        assert "zero" not in result.text.split() or "oh" not in draft.text.replace("zero", "oh").split()


@pytest.mark.parametrize(
    ("text", "prompt", "names"),
    [
        (
            "order 1296 and 4471",
            "order twelve ninety six and four four seven one",
            ["year", "digit by digit"],
        ),
        ("1296 4471", "one two nine six four four seven one", ["digit by digit"]),
        ("order 12", "nothing of the kind", [None]),
        ("order 12", "order", [None]),
        ("order 12", "", [None]),
        ("order 1 2 and 3", "order one two and three", ["digit by digit"] * 3),
        ("ordre nummer 1296803", "Order number one two nine six eight oh three", ["digit by digit with oh"]),
        ("order 1296803 please", "order one twenty nine sixty eight oh three please", ["pairs"]),
        ("I paid $12.50", "I paid twelve dollars fifty cents", ["money without and"]),
        ("the 3/4 mark", "the three over four mark", ["fraction with over"]),
    ],
)
def test_which_reading_the_prompt_asks_for(text: str, prompt: str, names: list[str | None]) -> None:
    assert chosen(text, prompt) == names


@pytest.mark.parametrize(
    ("text", "style", "word"),
    [
        ("my order number is 12", "code", "order"),
        ("Order: 12", "code", "Order"),
        ("call me on 5550132", "phone", "call"),
        ("room 12", "label", "room"),
        ("in 1984", "year", "in"),
        ("in 12", None, None),
        ("May 5", "ordinal", "May"),
        ("you may 5", None, None),
        ("12 people", "quantity", "people"),
        ("12-hour", "quantity", "hour"),
        ("12. People", None, None),
        ("order 12 boxes", "quantity", "boxes"),
        ("order 12345 boxes", "code", "order"),
        ("at 5", "time", "at"),
        ("5 p.m. sharp", "half day", "p.m"),
        ("the order that we have long been waiting for is 12", None, None),
        ("it is 12", None, None),
    ],
)
def test_which_word_is_the_clue(text: str, style: str | None, word: str | None) -> None:
    assert clue(text, find(text)[0]) == (None if style is None else (style, word))


@pytest.mark.parametrize(
    ("style", "written", "name"),
    [
        ("code", "1984", "digit by digit"),
        ("code", "$5", None),
        ("code", "14:30", None),
        ("code", "10-15", "digit by digit"),
        ("label", "12", "cardinal"),
        ("label", "101", "digit by digit with oh"),
        ("label", "315", "digit by digit"),
        ("label", "007", "digit by digit"),
        ("label", "2490", "year"),
        ("label", "12345", "digit by digit"),
        ("year", "1984", "year"),
        ("year", "5", "ordinal"),
        ("year", "12345", None),
        ("time", "230", "pairs"),
        ("half day", "2:30", None),
        ("half day", "14:30", "time with 12 hours"),
        ("hours", "1430", "year"),
        ("hours", "150", "cardinal"),
        ("quantity", "25", "cardinal"),
        ("quantity", "0025", "digit by digit"),
        ("quantity", "3.10", None),
    ],
)
def test_what_a_style_asks_for(style: str, written: str, name: str | None) -> None:
    numeral = find(written)[0]
    wanted = preferred(style, numeral, readings(numeral))
    assert (wanted and wanted.name) == name
