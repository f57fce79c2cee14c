"""The coverage meter and its suggestions: counts that can be checked by hand, and suggestions that help."""
from __future__ import annotations

from collections import Counter

import pytest

from core.errors import BadInput
from core.text.convert import leftovers
from core.text.coverage import coverage
from core.text.generator_options import options_for
from core.text.generators import GENERATORS
from core.text.script_file import Draft
from core.text.scripts import numbers_script
from core.text.suggestions import suggest
from tests.pace import within


def drafts(*texts: str, group: str = "", language: str = "en") -> list[Draft]:
    return [Draft(text, group, language) for text in texts]


def test_digits_pairs_and_phrases_are_counted() -> None:
    found = coverage(drafts("Order one two two", "order oh two.", "No number here"))
    assert (found.n_prompts, found.n_codes, found.n_digits) == (3, 2, 5)
    assert [{d: n for d, n in enumerate(row) if n} for row in found.places] == [{0: 1, 1: 1}, {2: 2}, {2: 1}]
    said = {f"{a}{b}": n for a, row in enumerate(found.pairs) for b, n in enumerate(row) if n}
    assert said == {"12": 1, "22": 1, "02": 1}
    assert found.carriers == {"order {}": 2}
    assert (len(found.missing_places), len(found.missing_pairs)) == (26, 97)
    assert (found.share_of_places, found.share_of_pairs) == (pytest.approx(4 / 30), pytest.approx(0.03))


def test_words_and_digits_are_the_same_script() -> None:
    spoken = drafts("order one two nine six", "call five five five, oh one double two", "пин ноль два")
    written = drafts("order 1296", "call 555-0122", "пин 02")
    assert coverage(spoken[:2]) == coverage(written[:2])
    russian = coverage(drafts("пин ноль два", language="ru"))
    assert russian == coverage(drafts("пин 02", language="ru"))
    assert russian.carriers == {"пин {}": 1}


def test_letters_and_dates_belong_to_the_number_and_not_to_the_phrase() -> None:
    said = (
        "Booking A K four nine",
        "booking alpha kilo two two",
        "On March third nineteen eighty four",
        "on the twenty first of May two thousand five",
        "On May twenty first two thousand five",
        "You may call five five",
    )
    assert coverage(drafts(*said)).carriers == {"on {}": 3, "booking {}": 2, "you may call {}": 1}
    made = GENERATORS["dates"](options_for("dates", n=200), 1)
    assert set(coverage(made).carriers.values()) == {50}


def test_rare_is_less_than_half_of_an_even_share() -> None:
    texts = [f"{a}{b}" for a in range(10) for b in range(10) for _ in range(4)]
    texts = [text for text in texts if text != "37"] + ["37"]
    found = coverage(drafts(*texts))
    assert (found.missing_pairs, found.rare_pairs, found.rare_places) == ((), ("37",), ())
    assert found.sentence.endswith("Nothing is missing. Rare: pairs 37.")


def test_each_group_has_its_own_figures() -> None:
    found = coverage([*drafts("one two", group="a"), *drafts("three", "four", group="b"), *drafts("hello")])
    assert {name: (group.n_prompts, group.n_digits) for name, group in found.groups.items()} == {
        "a": (1, 2), "b": (2, 2), "": (1, 0)
    }


def test_the_sentence_says_what_is_there_and_what_is_missing() -> None:
    assert coverage([]).sentence == "There are no prompts yet, so there is nothing to cover."
    assert coverage(drafts("hello")).sentence.startswith("1 prompt without a number")
    told = coverage(drafts("order one two")).sentence
    assert told.startswith("1 number in 1 prompt: 2 of 20 digits in their places, 1 of 100 pairs of digits")
    assert "Missing: pairs 00, 01, 02, 03, 04 and 94 more, and 0 as digit 1" in told


def test_a_thousand_prompts_in_well_under_a_second() -> None:
    script = [draft for name in GENERATORS for draft in GENERATORS[name](options_for(name, n=170), 1)]
    assert coverage(script).n_prompts == 1020
    within(0.5, lambda: coverage(script))


@pytest.mark.parametrize("seed", range(4))
def test_suggestions_raise_coverage_more_than_as_many_made_ones(seed: int) -> None:
    orders = options_for("orders", n=20)
    script = GENERATORS["orders"](orders, seed)
    suggested = [each.draft for each in suggest(script, 10, seed)]
    more = GENERATORS["orders"](options_for("orders", n=10), seed + 100)
    before, after, other = coverage(script), coverage([*script, *suggested]), coverage([*script, *more])
    assert len(after.missing_pairs) < len(other.missing_pairs) < len(before.missing_pairs)
    assert len(after.missing_pairs) <= 1


def test_a_place_that_lacks_a_digit_gets_it() -> None:
    script = drafts(*(f"code {digit}{digit}" for digit in "012345678"), group="code")
    found = suggest(script, 2)
    assert any(each.draft.text.split()[1] == "nine" for each in found)
    assert any("9 as digit 1" in each.sentence for each in found)


def test_suggestions_are_new_in_words_and_in_the_phrases_of_the_script() -> None:
    script = numbers_script()
    found = suggest(script, 60, seed=3)
    texts = {each.draft.text for each in found}
    assert len(texts) == 60 and texts.isdisjoint(draft.text for draft in script)
    assert not any(leftovers(text) for text in texts)
    both = coverage([*script, *(each.draft for each in found)])
    assert set(both.carriers) == set(coverage(script).carriers)
    assert {each.draft.group for each in found} <= {draft.group for draft in script}
    assert all(each.sentence.endswith(".") for each in found)
    assert suggest(script, 60, seed=3) == found
    assert suggest(script, 60, seed=4) != found


def test_phrases_that_are_rarely_used_come_first() -> None:
    script = [*drafts(*(f"order {n}" for n in range(1000, 1040))), *drafts("parcel 1234")]
    phrases = Counter(each.draft.text.split()[0] for each in suggest(script, 6))
    assert phrases["parcel"] >= 5


def test_suggestions_in_other_languages_and_for_an_empty_script() -> None:
    assert suggest([], 1)[0].draft.text.startswith("Order number ")
    german = suggest(drafts("Nummer eins zwei drei", language="de"), 3)
    names = set("null eins zwei drei vier fünf sechs sieben acht neun".split())
    for each in german:
        assert each.draft.text.startswith("Nummer ") and set(each.draft.text.split()[1:]) <= names
        assert each.draft.language == "de"


def test_what_cannot_be_suggested_gets_a_sentence() -> None:
    for n in (0, 1001):
        with pytest.raises(BadInput, match="ask for 1 to 1,000"):
            suggest([], n)
    with pytest.raises(BadInput, match="“tvl”"):
        suggest(drafts("O le numera lima", language="tvl"), 1)
    assert len(suggest(drafts(*(f"gate {n}" for n in range(9))), 5)) == 1, "only one gate is left"
