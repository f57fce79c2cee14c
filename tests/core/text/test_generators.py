"""Generators of prompts: even, the same for a seed, never twice, all in words, or a sentence why not."""
from __future__ import annotations

import hashlib
import random
import re
from collections import Counter
from typing import Any

import pytest

from core.errors import BadInput
from core.text.convert import leftovers
from core.text.dates import MONTHS, spread_dates
from core.text.generator_options import HEEDED, options_for
from core.text.generators import GENERATORS
from core.text.script_file import Draft
from core.text.scripts import numbers_script
from core.text.spoken import digit_strings
from core.text.spread import DIGITS, codes


def made(name: str, seed: int = 1, **options: Any) -> list[Draft]:
    """What a generator makes of options as a form hands them in."""
    checked = options_for(name, **options)
    return GENERATORS[name](checked, seed)


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("n", [1, 7, 60, 500])
def test_as_many_as_wanted_all_different_and_in_words(name: str, n: int) -> None:
    drafts = made(name, n=n)
    assert len({draft.text for draft in drafts}) == n
    for draft in drafts:
        assert leftovers(draft.text) == [] and draft.text[0].isupper() and draft.language == "en"
        assert digit_strings(draft.text) or name == "dates"


@pytest.mark.parametrize("name", GENERATORS)
def test_options_and_seed_decide_and_nothing_else(name: str) -> None:
    first = made(name, seed=4, n=30)
    random.seed(0)
    assert made(name, seed=4, n=30) == first
    assert made(name, seed=5, n=30) != first


@pytest.mark.parametrize(("name", "usual"), [("orders", 7), ("locations", 6), ("phones", 10), ("codes", 4)])
@pytest.mark.parametrize("digits", [0, 3, 12])
def test_every_digit_stands_evenly_at_every_place(name: str, usual: int, digits: int) -> None:
    strings = [digit_strings(draft.text)[0] for draft in made(name, n=34, digits=digits)]
    assert {len(string) for string in strings} == {digits or usual}
    for place in zip(*strings, strict=True):
        counts = Counter(place)
        assert set(counts) == set(DIGITS) and set(counts.values()) <= {3, 4}


@pytest.mark.parametrize(("n", "n_digits"), [(10, 1), (7, 1), (37, 2), (50, 2), (51, 2), (100, 2), (999, 3)])
def test_codes_stay_even_and_different_until_there_are_no_more(n: int, n_digits: int) -> None:
    for seed in range(5):
        drawn = codes(random.Random(seed), n, [DIGITS] * n_digits)
        assert len(set(drawn)) == n
        for place in zip(*drawn, strict=True):
            counts = [Counter(place)[digit] for digit in DIGITS]
            assert max(counts) - min(counts) <= 1
    with pytest.raises(BadInput, match=f"only {10**n_digits:,} different codes"):
        codes(random.Random(1), 10**n_digits + 1, [DIGITS] * n_digits)


def test_carriers_come_in_even_turns_the_usual_ones_and_your_own() -> None:
    openings = Counter(re.split(r" (?:zero|one|two|three|four|five|six|seven|eight|nine)\b", d.text)[0]
                       for d in made("orders", n=40))
    assert len(openings) >= 4 and set(openings.values()) == {40 // len(openings)}
    own = made("orders", n=4, carriers="parcel {}, where is {} now")
    assert [draft.text.split()[0] for draft in own] == ["Parcel", "Where", "Parcel", "Where"]


def test_letters_are_read_by_name_or_by_the_radio_alphabet_and_never_look_like_digits() -> None:
    drafts = made("codes", n=48, letters=2, carriers="it is {}")
    letters = [draft.text.split()[2:4] for draft in drafts]
    assert {len(letter) for pair in letters for letter in pair} == {1}
    assert {"I", "O"}.isdisjoint(letter for pair in letters for letter in pair)
    assert set(Counter(pair[0] for pair in letters).values()) == {2}, "24 letters, each equally often"
    radio = made("codes", n=48, letters=2, carriers="it is {}", spelling="radio")
    assert [[word[0].upper() for word in draft.text.split()[2:4]] for draft in radio] == letters


def test_dates_are_spread_over_days_months_and_years() -> None:
    days = spread_dates(random.Random(1), 600)
    assert len(set(days)) == 600
    assert set(Counter(day.month for day in days).values()) == {50}
    assert set(Counter(day.year for day in days).values()) == {6}
    each = Counter(day.day for day in days)
    assert set(each) == set(range(1, 32)) and max(each.values()) <= 24 and min(each.values()) >= 14
    assert len(set(spread_dates(random.Random(2), 1200))) == 1200
    drafts = made("dates", n=24)
    assert {sum(month in draft.text for month in MONTHS) for draft in drafts} == {1}
    assert 0 < sum(" of " in draft.text for draft in drafts) < 24, "both ways to say a date"
    with pytest.raises(BadInput, match="At most 1,200 dates"):
        made("dates", n=1201)


def test_amounts_have_no_leading_zero_and_the_currency_that_was_asked_for() -> None:
    drafts = made("amounts", n=90, digits=2, currency="GBP")
    assert all("pounds" in draft.text for draft in drafts)
    wholes = [digit_strings(draft.text)[0] for draft in drafts]
    assert {len(whole) for whole in wholes} == {2}
    assert set(Counter(whole[0] for whole in wholes).values()) == {10}
    assert "euros" in made("amounts", n=1, currency="EUR")[0].text
    assert "Euro und" in made("amounts", n=1, currency="EUR", language="de")[0].text


@pytest.mark.parametrize("name", sorted(set(GENERATORS) - {"amounts"}))
def test_other_languages_get_the_digits_alone_or_in_carriers_of_their_own(name: str) -> None:
    names = set("null eins zwei drei vier fünf sechs sieben acht neun".split())
    drafts = made(name, n=12, language="de")
    words = [word for draft in drafts for word in draft.text.split() if len(word) > 1]
    assert set(words) <= names and {draft.language for draft in drafts} == {"de"}
    own = made(name, n=2, language="de", carriers=("die Nummer ist {}",))
    assert all(draft.text.startswith("die Nummer ist ") for draft in own)


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        ("parcels", {}, "no generator “parcels”; choose one of: orders"),
        ("orders", {"n": 0}, "“n” cannot be “0”"),
        ("orders", {"n": 2001}, "“n” cannot be “2001”"),
        ("orders", {"n": "many"}, "“n” cannot be “many”"),
        ("orders", {"digits": 16}, "“digits” cannot be “16”"),
        ("orders", {"letters": 3}, "“orders” has no option “letters”; its options are: n, language"),
        ("orders", {"colour": "red"}, "has no option “colour”"),
        ("orders", {"n": 11, "digits": 1}, "only 10 different codes"),
        ("orders", {"carriers": ("no place",)}, "“no place” must hold {} once"),
        ("orders", {"carriers": ("{} of seven",)}, "must hold {} once and no other number"),
        ("orders", {"carriers": ("x" * 300 + "{}",)}, "more than 200 characters"),
        ("orders", {"language": "tlh"}, "“tlh”"),
        ("amounts", {"digits": 10}, "at most 9 digits"),
        ("amounts", {"currency": "XYZ"}, "“currency” cannot be “XYZ”"),
        ("amounts", {"language": "hu"}, "Amounts of money cannot be put into words in the language “hu”"),
    ],
)
def test_what_cannot_be_made_gets_a_sentence(name: str, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInput, match=re.escape(sentence)) as told:
        made(name, **options)
    assert str(told.value).endswith(".") and "\n" not in str(told.value)


def test_each_generator_says_which_options_it_heeds() -> None:
    assert set(HEEDED) == set(GENERATORS)


def test_the_numbers_template_stays_as_it_was_to_the_byte() -> None:
    texts = "\n".join(draft.text for draft in numbers_script(11))
    assert hashlib.sha256(texts.encode()).hexdigest() == (
        "1c1756c7bf668ca58b16d9c8e8e40eeb36e080af463d7f80638a52d4c2916c13"
    )
