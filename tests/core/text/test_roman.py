"""Roman numerals: where they are numbers, and where the same letters are words."""
from __future__ import annotations

import pytest

from core.text.convert import to_words
from core.text.languages import TABLES
from core.text.numerals import find
from core.text.readings import readings
from core.text.roman import has_roman, value


@pytest.mark.parametrize(
    ("numeral", "number"),
    [
        ("I", 1),
        ("IV", 4),
        ("IX", 9),
        ("XIV", 14),
        ("XL", 40),
        ("XC", 90),
        ("CD", 400),
        ("MCMLXXXIV", 1984),
        ("MMXXIV", 2024),
        ("IIII", 0),
        ("VX", 0),
        ("IC", 0),
        ("", 0),
    ],
)
def test_values(numeral: str, number: int) -> None:
    assert value(numeral) == number


@pytest.mark.parametrize(
    "text",
    [
        "I think I can",
        "a MIX of things",
        "DIV and CD and MD and XL",
        "In Chapter I think so",
        "David V. Smith",
        "the IV drip",
        "Malcolm X",
        "vitamin C, plan D",
        "CIVIL MIX LIVID VIM",
        "Henry, I said",
        "chapters i and v",
        "I'm in DC.",
        "XIV-a and A.I.",
        "Dr. Mix V",
    ],
)
def test_words_stay_words(text: str) -> None:
    conversion = to_words(text)
    assert (conversion.text, conversion.items) == (text, ())


def test_both_ways_to_say_it_are_listed() -> None:
    numeral = find("Henry VIII")[0]
    assert (numeral.written, numeral.start, numeral.end, numeral.kind) == ("VIII", 6, 10, "roman")
    assert [(r.name, r.text) for r in readings(numeral)] == [
        ("roman", "the eighth"),
        ("cardinal", "eight"),
        ("ordinal", "eighth"),
    ]
    assert to_words("Rocky III", prompt="Rocky the third").text == "Rocky the third"


def test_a_text_without_capitals_has_none() -> None:
    assert not has_roman("xiv mix i and v")
    assert has_roman("XIV") and has_roman("Henry V") and has_roman("le XXe")


def test_a_language_without_romans_leaves_them() -> None:
    for code, own in TABLES.items():
        if own.roman is None:
            assert to_words("Henry VIII", code).items == ()
    assert to_words("Henry VIII", "tkl").items == ()
    assert to_words("Фёдор II", "ru").text == "Фёдор II"
