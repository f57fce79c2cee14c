"""Numbers to words: the golden table, the choice and its reasons, and what holds for any text."""
from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from core.errors import BadInput, NotFound
from core.text.convert import choose, leftovers, to_words

TABLE = [
    line.split("\t")[:3]
    for line in (Path(__file__).parent / "numbers_en.tsv").read_text(encoding="utf-8").splitlines()[1:]
]
PIECES = [
    "order",
    "Code",
    "call",
    "um,",
    "the",
    "A12B",
    "0420",
    "1,000",
    "3.10",
    "14:30",
    "$12.50",
    "10-15",
    "9/11",
    "#7",
    "1980s",
    "2nd",
    "50%",
    "20°C",
    "555-0132",
    "+44 20 7946 0018",
    "٤٢٠",
    "１２",
    "well-known",
    "o'clock",
    "v2.1",
    "½",
    "%",
    "€",
    "—",
    "-",
    "people.",
    "(7)",
    "x5",
    "5x",
    "5-",
    "-5",
    "5/",
    "1:2:3",
    "1.2.3.4",
    "12:60",
    "00",
    "..5",
    "²",
    "$$5",
    "5$5",
]


@pytest.mark.parametrize(("text", "prompt", "words"), TABLE)
def test_golden_table(text: str, prompt: str, words: str) -> None:
    assert to_words(text, prompt=prompt or None).text == words


def test_the_table_is_large() -> None:
    assert len(TABLE) >= 250


def made_text(rng: random.Random) -> str:
    glue = [" ", " ", " ", "", "-", ", ", "  "]
    return "".join(rng.choice(PIECES) + rng.choice(glue) for _ in range(rng.randint(1, 7)))


def test_any_text_comes_out_clean_and_twice_is_once() -> None:
    rng = random.Random(7)
    for _ in range(800):
        text = made_text(rng)
        once = to_words(text)
        assert leftovers(once.text) == [], text
        assert "  " not in once.text, text
        again = to_words(once.text)
        assert (again.text, again.changed, again.items) == (once.text, False, ()), text


def test_nothing_outside_the_numbers_changes() -> None:
    rng = random.Random(11)
    for _ in range(800):
        text = made_text(rng)
        conversion = to_words(text)
        assert conversion.source == text
        at, rest = 0, ""
        for item in conversion.items:
            assert text[item.start : item.end] == item.written and item.start >= at
            rest, at = rest + text[at : item.start], item.end
        kept = [char for char in rest + text[at:] if char.isalpha() or char in ".,()'"]
        left = list(conversion.text)
        for char in kept:  # what is not a number stands in the result, in its order
            assert char in left, (text, conversion.text)
            del left[: left.index(char) + 1]


def test_the_prompt_outweighs_the_context_and_says_so() -> None:
    item = to_words("room 101", prompt="room one zero one").items[0]
    assert (item.chosen.name, item.reason) == ("digit by digit", "the prompt says “one zero one”")
    assert item.margin > 0
    assert to_words("room 101").items[0].reason == "“room” stands beside it"
    assert "no clue" in to_words("101").items[0].reason


def test_a_wrong_digit_takes_the_style_of_the_prompt_not_its_digits() -> None:
    conversion = to_words("flight 2491", prompt="flight twenty four ninety")
    assert conversion.text == "flight twenty four ninety one"
    assert "closest" in conversion.items[0].reason


def test_context_from_before_decides_where_the_text_has_no_clue() -> None:
    assert to_words("101", context="Which room?").text == "one oh one"
    assert to_words("1,296", context="the order").text == "one two nine six"
    assert to_words("1,296").text == "one thousand two hundred ninety six"


def test_a_counted_noun_in_the_next_sentence_is_no_clue() -> None:
    assert to_words("12. People came").text == "one two. People came"
    assert to_words("order 1296803 people").text == "order one two nine six eight zero three people"


def test_each_item_lists_distinct_readings_and_choose_takes_another() -> None:
    conversion = to_words("order 4400 or 25 people")
    names = [reading.name for reading in conversion.items[0].readings]
    texts = [reading.text for reading in conversion.items[0].readings]
    assert names[0] == "digit by digit" and len(set(texts)) == len(texts) == len(set(names))
    assert "double four double zero" in texts and "four four oh oh" in texts
    other = choose(conversion, 0, "double/triple")
    assert other.text == "order double four double zero or twenty five people"
    assert other.items[0].reason == "chosen by hand" and conversion.text.startswith(
        "order four four zero zero"
    )
    assert choose(other, 0, "digit by digit").text == conversion.text


def test_choosing_what_is_not_there_gets_a_sentence() -> None:
    conversion = to_words("order 12")
    with pytest.raises(NotFound, match="“12” has no reading named “year”; choose one of: digit by digit"):
        choose(conversion, 0, "year")
    with pytest.raises(NotFound, match="no number 2"):
        choose(conversion, 1, "cardinal")


def test_leftovers_name_every_digit_sign_and_dashed_number() -> None:
    assert leftovers("order one two") == []
    assert leftovers("a 12 b ٣ c $ 5% forty-five well-known") == ["12", "٣", "$", "5", "%", "forty-five"]
    assert leftovers("vingt-deux vingt-et-un cet-été-là", "fr") == ["vingt-deux", "vingt-et-un"]
    assert to_words("Vingt-et-un", "fr", undash=True).text == "Vingt et un"
    assert leftovers("le-le ma-le", "sm") == []
    assert leftovers("one-on-one") == []


def test_dashed_number_words_open_on_request_only() -> None:
    assert to_words("Forty-five and 5").text == "Forty-five and five"
    opened = to_words("Forty-five and 5", undash=True)
    assert opened.text == "Forty five and five" and leftovers(opened.text) == []
    assert to_words("a well-known twenty-one", undash=True).text == "a well-known twenty one"


def test_doubled_spaces_fold_and_lone_text_is_unchanged() -> None:
    assert to_words("a  b").text == "a b"
    same = to_words(" Nothing here, is there? ")
    assert (same.text, same.changed, same.items) == (" Nothing here, is there? ", False, ())
    assert to_words("").text == ""


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("de", "Bestellung 0420", "Bestellung null vier zwei null"),
        ("de", "1.000,5 kg", "eintausend Komma fünf kg"),
        ("de", "50% von 3.10", "fünfzig Prozent von drei Komma eins null"),
        ("fr", "commande 21, 7 €", "commande deux un, sept euros"),
        ("fr", "1\u202f000", "mille"),
        ("es", "pedido 905", "pedido nueve cero cinco"),
        ("pt-BR", "pedido 12", "pedido um dois"),
        ("eng", "order 12", "order one two"),
        ("en-GB", "order 12", "order one two"),
        ("ar", "طلب ٤٢", "طلب أربعة اثنان"),
        ("ru", "заказ 07", "заказ ноль семь"),
    ],
)
def test_other_languages(language: str, text: str, words: str) -> None:
    conversion = to_words(text, language)
    assert conversion.text == words
    assert leftovers(conversion.text, language) == []


def test_a_sign_without_a_name_stays_and_is_reported() -> None:
    assert leftovers(to_words("50%", "fi").text, "fi") == ["%"]


def test_an_unknown_language_is_refused_only_when_there_is_a_number() -> None:
    assert to_words("Tālofa koutou", "tvl").text == "Tālofa koutou"
    with pytest.raises(BadInput, match=r"language “tvl”.*by hand"):
        to_words("Tālofa 12", "tvl")


def test_absurd_input_neither_fails_nor_hangs() -> None:
    for text in (
        "9" * 6000,
        "$" + "9" * 6000,
        "1-" * 500,
        "1/" * 300 + "1",
        "9" * 5000 + "/2",
        "1 " * 2000,
        "9" * 20 + "th",
        "#" + "1" * 99,
    ):
        assert leftovers(to_words(text).text) == []


def best_rate(texts: list[str]) -> float:
    """Texts a second of CPU time, the best of three rounds (the machine may be busy)."""
    seconds = []
    for at in range(3):
        started = time.process_time()
        for text in texts[at::3]:
            to_words(text)
        seconds.append(time.process_time() - started)
    return len(texts) / 3 / min(seconds)


def test_speed() -> None:
    rng = random.Random(3)
    assert best_rate([f"order number {rng.randrange(10**7):07d} please" for _ in range(900)]) > 2000
    assert best_rate(["it was a quiet morning and nobody said a word about the weather"] * 6000) > 20000
