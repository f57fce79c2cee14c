"""The way back to digits, for scoring: spoken and written numbers give the same strings."""
from __future__ import annotations

import random

import pytest

from core.text.convert import to_words
from core.text.numerals import Numeral, find
from core.text.readings import readings
from core.text.spoken import digit_strings, to_digits
from core.text.zero import zero_folded


@pytest.mark.parametrize(
    ("text", "strings"),
    [
        ("order 1296803", ["1296803"]),
        ("order one two nine six eight zero three", ["1296803"]),
        ("order 1,296,803.", ["1296803"]),
        ("pin oh four two oh", ["0420"]),
        ("pin zero four two o", ["0420"]),
        ("call five five five, oh one double two", ["5550122"]),
        ("call 555-0132", ["5550132"]),
        ("double oh seven", ["007"]),
        ("triple five oh one three two", ["5550132"]),
        ("twenty five people", ["25"]),
        ("twenty-five people", ["25"]),
        ("forty thousand two hundred and thirteen", ["40213"]),
        ("one million two hundred ninety six thousand eight hundred three", ["1296803"]),
        ("four oh two thirteen", ["40213"]),
        ("twelve ninety six", ["1296"]),
        ("nineteen eighty four", ["1984"]),
        ("two thousand and five", ["2005"]),
        ("a hundred and five", ["105"]),
        ("three point one zero", ["3", "10"]),
        ("3.10", ["3", "10"]),
        ("A one two B", ["12"]),
        ("A12B", ["12"]),
        ("٤٢٠ and １２", ["420", "12"]),
        ("ticket one two and invoice 34", ["12", "34"]),
        ("one moment please", ["1"]),
        ("1 moment please", ["1"]),
        ("oh dear, oh well", []),
        ("oh one moment", ["1"]),
        ("five o'clock", ["5"]),
        ("a hundred", ["100"]),
        ("hundreds of them", []),
        ("zero", ["0"]),
        ("", []),
    ],
)
def test_digit_strings(text: str, strings: list[str]) -> None:
    assert digit_strings(text) == strings


def test_to_digits_leaves_everything_else_as_it_is() -> None:
    assert to_digits("Order number one two nine, six: OK?") == "Order number 1296: OK?"
    assert to_digits("Nothing to do, O'Neill!") == "Nothing to do, O'Neill!"
    assert to_digits("order 12 nine six") == "order 1296"


def test_other_languages_by_their_digit_names() -> None:
    assert digit_strings("Bestellung null vier zwei", "de") == ["042"]
    assert digit_strings("commande zéro un 23", "fr") == ["0123"]
    assert digit_strings("one 42", "tvl") == ["42"]


def test_every_code_survives_the_way_there_and_back_in_each_spoken_style() -> None:
    rng = random.Random(5)
    for _ in range(300):
        code = "".join(rng.choice("0123456789") for _ in range(rng.randint(2, 10)))
        assert digit_strings(to_words(f"order {code}").text) == [code]
        for reading in readings(Numeral(code, 0, len(code), "digits", code)):
            if reading.name.startswith(("digit by digit", "double", "cardinal")):
                assert digit_strings(f"order {reading.text} please") == [code], reading


def test_cardinals_up_to_millions_come_back() -> None:
    rng = random.Random(6)
    for number in [*range(1, 130), *(rng.randrange(10**6) for _ in range(200)), 10**6, 2_000_003]:
        for reading in readings(Numeral(str(number), 0, 1, "digits", str(number))):
            if reading.name.startswith("cardinal"):
                assert digit_strings(reading.text) == [str(number)], reading


def test_zero_folding_needs_a_number_beside_it() -> None:
    assert zero_folded("oh oh seven".split()) == ["zero", "zero", "seven"]
    assert zero_folded("oh dear o my".split()) == ["oh", "dear", "o", "my"]
    assert zero_folded("twenty oh five o".split()) == ["twenty", "zero", "five", "zero"]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("555-0132", ["groups"]),
        ("10-15", ["range"]),
        ("010-15", ["groups"]),
        ("1,000", ["thousands"]),
        ("1,00", ["digits", "digits"]),
        ("14:30", ["time"]),
        ("25:99", ["ratio"]),
        ("$5 and 5 €", ["money", "money"]),
        ("9/11", ["slash"]),
        ("½", ["fraction"]),
        ("A12B", ["code"]),
        ("#7", ["hash"]),
        ("1980s", ["decade"]),
        ("2nd", ["ordinal"]),
        ("50 %", ["percent"]),
        ("20°", ["degrees"]),
        ("+44 20 7946 0018", ["phone"]),
        ("+5", ["digits"]),
        ("v2.1", ["version"]),
        ("3.10", ["decimal"]),
        ("5kg", ["quantity"]),
        ("1296803 4471", ["digits", "digits"]),
        ("-5", ["digits"]),
        ("top-5", ["digits"]),
        ("€", ["sign"]),
        ("none", []),
    ],
)
def test_kinds_and_offsets(text: str, kinds: list[str]) -> None:
    found = find(text)
    assert [numeral.kind for numeral in found] == kinds
    assert all(text[numeral.start : numeral.end] == numeral.written for numeral in found)


def test_group_marks_follow_the_language() -> None:
    assert [n.plain for n in find("1.000,5", "de")] == ["1,000.5"]
    assert [n.kind for n in find("1 000", "fr")] == ["thousands"]
    assert [n.kind for n in find("1 000", "en")] == ["digits", "digits"]
