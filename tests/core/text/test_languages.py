"""Numbers in the languages with a table: golden tables there and back, and what holds for any text."""
from __future__ import annotations

import random
from pathlib import Path

import pytest

from core.text.convert import leftovers, to_words
from core.text.languages import TABLES, table
from core.text.names import digit_names, known, say
from core.text.spoken import digit_strings

HERE = Path(__file__).parent
OTHERS = sorted(TABLES.keys() - {"en"})


def rows(name: str, columns: int) -> list[list[str]]:
    """The rows of a golden table without its head; every row is whole and names its source."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()[1:]
    found = [line.split("\t") for line in lines]
    assert all(len(row) == columns and row[-1] for row in found), name
    return [row[:-1] for row in found]


THERE = [(code, *row) for code in OTHERS for row in rows(f"numbers_{code}.tsv", 4)]
BACK = [(code, *row) for code in OTHERS for row in rows(f"spoken_{code}.tsv", 3)]


@pytest.mark.parametrize(("language", "text", "prompt", "words"), THERE)
def test_golden_table(language: str, text: str, prompt: str, words: str) -> None:
    once = to_words(text, language, prompt or None)
    assert once.text == words
    assert to_words(once.text, language).text == words
    assert leftovers(words, language) == []


@pytest.mark.parametrize(("language", "said", "strings"), BACK)
def test_golden_table_of_the_way_back(language: str, said: str, strings: str) -> None:
    assert digit_strings(said, language) == strings.split()


@pytest.mark.parametrize("language", OTHERS)
def test_the_tables_are_large(language: str) -> None:
    assert len([row for row in THERE if row[0] == language]) >= 60
    assert len([row for row in BACK if row[0] == language]) >= 15


PIECES = (
    "0420 1296803 7 21 1.000 1,5 12:30 14h30 50% -5 5°C $12.50 €5 5€ 10-15 3/4 ½ 2½ A12B v2.1 #7 "
    "2024-03-14 14.03.2024 01.02.99 1/2/2003 1er 3. 2e 1º ٤٢ １２ XIV VIII 5kg 12km 100% 16:9 1980er 00 "
    "9-1-1 +4420794600 06.12.34.56.78 1.2.3.4 12.345.678 $$5 5$5 1:2:3 5- -5- ..5 ² 99999999999999999 "
    "31.12 29.30 0:00 24:00 R$5 €5M $3k ₿5 IV."
).split()
WORDS = {
    "ar": "طلب من فضلك، الآن. و في",
    "de": "Bestellung, äußerst am März. um Größe Uhr",
    "es": "pedido ¿señor? mañana, a las de marzo",
    "fr": "commande, l'été où à mars. Ça",
    "it": "ordine, perché alle città. marzo",
    "nl": "bestelling, België om maart. uur",
    "pt": "pedido, amanhã às coração. de março",
    "sm": "ʻo le numera, faʻafetai ā o Mati.",
}


def made(rng: random.Random, language: str) -> str:
    """A text of numbers and words of the language, oddly glued."""
    words = WORDS[language].split()
    pieces = [rng.choice(PIECES if rng.random() < 0.5 else words) for _ in range(rng.randint(1, 8))]
    return "".join(piece + rng.choice((" ", " ", " ", ", ", "-", "  ")) for piece in pieces)


@pytest.mark.parametrize("language", OTHERS)
def test_any_text_comes_out_clean_and_twice_is_once(language: str) -> None:
    rng = random.Random(21)
    for _ in range(400):
        text = made(rng, language)
        once = to_words(text, language)
        assert leftovers(once.text, language) == [], text
        assert "  " not in once.text, text
        again = to_words(once.text, language)
        assert (again.text, again.items) == (once.text, ()), text


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_outside_the_numbers_changes(language: str) -> None:
    rng = random.Random(22)
    for _ in range(400):
        text = made(rng, language)
        conversion = to_words(text, language)
        at, left = 0, conversion.text
        for item in (*conversion.items, None):
            gap = text[at : item.start] if item else text[at:]
            for piece in gap.replace("-", " ").split():  # each word whole, with capitals and stops
                assert piece in left, (text, conversion.text)
                left = left[left.index(piece) + len(piece) :]
            at = item.end if item else at


@pytest.mark.parametrize("language", OTHERS)
def test_digit_by_digit_comes_back_with_its_zeros(language: str) -> None:
    rng = random.Random(23)
    for _ in range(200):
        code = "".join(rng.choice("0123456789") for _ in range(rng.randint(2, 9)))
        for reading in to_words(code, language).items[0].readings:
            if reading.name in ("digit by digit", "double/triple"):
                assert digit_strings(reading.text, language) == [code], reading


@pytest.mark.parametrize("language", OTHERS)
def test_every_cardinal_comes_back(language: str) -> None:
    rng = random.Random(24)
    for number in [*range(1, 130), *(rng.randrange(10**6) for _ in range(150)), 10**6, 2_000_003]:
        cardinal = say(number, "cardinal", language) or ""
        assert digit_strings(cardinal, language) == [str(number)], cardinal


def test_every_table_says_the_digits_of_the_engine() -> None:
    for code, own in TABLES.items():
        assert own.code == code and own.digits == digit_names(code)
        assert not own.months or len(own.months) == 12
    assert known("smo") == "sm" and known("sm-WS") == "sm"


def test_a_region_has_the_table_of_its_language_and_its_own_names() -> None:
    assert table("pt_BR") is not None and to_words("16 pessoas", "pt-BR").text == "dezesseis pessoas"
    assert to_words("16 pessoas", "pt-PT").text == "dezasseis pessoas"
    assert to_words("tu as 75 euros", "fr-BE").text == "tu as septante cinq euros"


@pytest.mark.parametrize("language", [*OTHERS, "ru"])
def test_absurd_input_neither_fails_nor_hangs(language: str) -> None:
    absurd = (
        "9" * 3000,
        "1-" * 500,
        "1/" * 300 + "1",
        "1.1." * 500,
        "06 " * 700,
        "1.000." * 300,
        "X" * 3000,
        "IV " * 300,
        "12:" * 500,
        "½" * 500,
        "€" * 500,
        "1 000 " * 300,
        "0." + "9" * 400,
        "9" * 17 + ",5",
    )
    for text in absurd:
        converted = to_words(text, language).text
        assert not any(char.isdigit() for char in converted)
        digit_strings(converted, language)
