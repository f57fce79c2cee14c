"""Every reading of every kind of number: the whole list, its order and its names."""
from __future__ import annotations

import random
from pathlib import Path

import pytest

from core.errors import BadInput
from core.text.convert import leftovers
from core.text.names import between, digit_names, known, must_know, number_words, say
from core.text.numerals import find, fold, has_number
from core.text.readings import Reading, readings
from core.text.say_digits import doubled, english, pairs, spelled


def table() -> dict[str, list[tuple[str, str]]]:
    """Written number -> (name, words) lines of the golden file."""
    found: dict[str, list[tuple[str, str]]] = {}
    written = ""
    for line in (Path(__file__).parent / "readings_en.tsv").read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            written = line[3:]
            found[written] = []
        else:
            name, words = line.split("\t")
            found[written].append((name, words))
    return found


def of(written: str, language: str = "en") -> tuple[Reading, ...]:
    numerals = find(written, language)
    assert [numeral.written for numeral in numerals] == [written]
    return readings(numerals[0], language)


def texts(written: str, language: str = "en") -> list[str]:
    return [reading.text for reading in of(written, language)]


@pytest.mark.parametrize(("written", "wanted"), list(table().items()))
def test_golden_readings(written: str, wanted: list[tuple[str, str]]) -> None:
    assert [(reading.name, reading.text) for reading in of(written)] == wanted


def test_the_first_reading_scores_highest_and_all_differ() -> None:
    for written in table():
        found = of(written)
        scores = [reading.score for reading in found]
        assert scores[0] == 1 and scores == sorted(scores, reverse=True) and min(scores) > 0
        assert (
            len({reading.text for reading in found}) == len({reading.name for reading in found}) == len(found)
        )


def test_no_reading_leaves_a_digit_a_sign_or_a_dash() -> None:
    rng = random.Random(2)
    shapes = [
        "{a}",
        "{a}-{b}",
        "{a}/{b}",
        "{a}.{b}",
        "${a}.{b}",
        "{a}%",
        "A{a}B",
        "{a}th",
        "#{a}",
        "{a}:{b}",
        "v{a}.{b}",
        "€{a}",
        "{a}s",
    ]
    for _ in range(400):
        text = rng.choice(shapes).format(a=rng.randrange(10 ** rng.randint(1, 8)), b=rng.randrange(100))
        for numeral in find(text):
            for reading in readings(numeral):
                assert leftovers(reading.text) == [] and "  " not in reading.text, (text, reading)
                assert reading.text == reading.text.strip() != "", (text, reading)


def test_leading_zeros_are_never_lost_in_a_cardinal() -> None:
    assert not any(reading.name.startswith("cardinal") for reading in of("00417"))
    assert texts("0")[0] == "zero"
    assert "zero zero four one seven" in texts("00417") and "oh oh four one seven" in texts("00417")


def test_a_number_too_long_for_a_name_is_still_said_digit_by_digit() -> None:
    assert of("1" * 16)[0].text == " ".join(["one"] * 16)
    assert not any(reading.name.startswith("cardinal") for reading in of("1" * 16))
    assert any(reading.name.startswith("cardinal") for reading in of("1" * 15))


@pytest.mark.parametrize(
    ("digits", "words"),
    [
        ("1296", "twelve ninety six"),
        ("40213", "four oh two thirteen"),
        ("1900", "nineteen hundred"),
        ("101", "one oh one"),
        ("0042", "oh oh forty two"),
        ("911", "nine eleven"),
    ],
)
def test_pairs(digits: str, words: str) -> None:
    assert pairs(digits) == words


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("55", "double five"),
        ("555", "triple five"),
        ("5555", "double five double five"),
        ("55555", "triple five double five"),
        ("555-5512", "triple five double five one two"),
        ("+4400", "plus double four double zero"),
        ("123", "one two three"),
    ],
)
def test_double_and_triple_stay_within_a_group(written: str, words: str) -> None:
    assert doubled(written) == words


def test_letters_are_spelled_when_they_are_few_capitals() -> None:
    assert spelled("BA2490") == "B A two four nine zero"
    assert spelled("SERIES7") == "SERIES seven"
    assert spelled("covid19", cardinals=True) == "covid nineteen"
    assert spelled("B052", "oh", cardinals=True) == "B oh five two"
    assert english("+44 0", "oh") == "plus four four oh"


def test_languages_are_known_by_every_usual_code() -> None:
    assert [
        known(code)
        for code in ("en", "EN", "en-GB", "en_US", "eng", "pt-BR", "pt-PT", "deu", "est", "tvl", "")
    ] == [
        "en",
        "en",
        "en",
        "en",
        "en",
        "pt_BR",
        "pt",
        "de",
        None,
        None,
        None,
    ]
    with pytest.raises(BadInput, match="“est”"):
        must_know("est")


def test_the_engine_gives_names_without_dashes_and_none_where_it_has_none() -> None:
    assert (
        say(1_296_803, "cardinal", "en")
        == "one million two hundred and ninety six thousand eight hundred and three"
    )
    assert say(10**16, "cardinal", "en") is None
    assert digit_names("de") == tuple("null eins zwei drei vier fünf sechs sieben acht neun".split())
    assert between("de") == ("minus", "Komma") and between("fr") == ("moins", "virgule")
    assert {"forty", "oh", "million", "fifth"} <= number_words("en") and "and" not in number_words("en")


@pytest.mark.parametrize(
    "language",
    (
        "am ar az be ca cs cy da de eo es fa fi fr he hu id is "
        "it ja kn ko lt lv nl no pl pt ro ru sk sl sr sv te th tr uk vi"
    ).split(),
)
def test_every_language_says_a_code_and_a_number(language: str) -> None:
    names = digit_names(known(language) or "")
    assert texts("0420", language)[0] == " ".join(names[int(digit)] for digit in "0420")
    assert leftovers(texts("0420", language)[0], language) == []
    assert any(reading.name == "cardinal" for reading in of("21", language))
    assert not any(char.isdigit() for text in texts("1296803", language) for char in text)


def test_amounts_elsewhere() -> None:
    assert texts("3,5", "de") == ["drei Komma fünf", "drei fünf"]
    assert texts("3,25", "ru")[0] == "три целых двадцать пять сотых"
    assert texts("-7", "fr") == ["moins sept"]
    assert texts("12 %", "es")[0] == "doce por ciento"
    assert texts("A12", "de") == ["A eins zwei", "A zwölf"]


def test_folding_keeps_every_offset() -> None:
    text = "１２٣ – ＄５٪ 10\u202f000 ①²"
    assert len(fold(text)) == len(text)
    assert fold(text) == "123 - $5% 10 000 12"
    assert has_number("x²") and has_number("٪") and not has_number("forty-five # +")
