"""Fresh prompts: the kinds of the old ones, and none of their numbers."""

from __future__ import annotations

from collections import Counter

import pytest

from core.errors import BadInput
from core.text.fresh import Known, fresh_drafts, numbers_of
from core.text.generator_options import Options
from core.text.generators import GENERATORS
from core.text.script_file import Draft
from core.text.scripts import numbers_script
from core.text.spoken import to_digits


def known_of(drafts: list[Draft], language: str = "en", digits: tuple[str, ...] | None = None) -> Known:
    known = Known(language, digits)
    for draft in drafts:
        known.add(draft.text, draft.group)
    return known


def asked(drafts: list[Draft]) -> list[tuple[str, str]]:
    return [(draft.text, draft.group) for draft in drafts]


def test_ten_of_the_numbers_script_are_of_its_kinds_and_new() -> None:
    old = numbers_script()
    made = fresh_drafts(asked(old), known_of(old), 10)
    assert Counter(draft.group for draft in made) == {
        "order number": 3, "location code": 3, "phone number": 2, "mixed code": 2}
    said = set().union(*(numbers_of(draft.text, "en") for draft in old))
    new = [numbers_of(draft.text, "en") for draft in made]
    assert all(new) and not said & set().union(*new)
    assert len(set().union(*new)) == sum(map(len, new)), "no number twice among the new ones either"
    lengths = {len(number) for number in said}
    assert {len(number) for number in set().union(*new)} <= lengths
    assert not any(char.isdigit() for draft in made for char in draft.text)


def test_the_seed_decides() -> None:
    old = numbers_script()
    one, again, other = (fresh_drafts(asked(old), known_of(old), 10, seed) for seed in ("a", "a", "b"))
    assert one == again != other


@pytest.mark.parametrize("language", ["en", "fr", "de"])
@pytest.mark.parametrize("generator", sorted(GENERATORS))
def test_every_generator_s_prompts_have_fresh_ones(generator: str, language: str) -> None:
    old = GENERATORS[generator](Options(n=20, language=language), 1)
    made = fresh_drafts(asked(old), known_of(old, language), 10)
    assert len({draft.text for draft in made}) == 10
    assert not {draft.text for draft in made} & {draft.text for draft in old}
    assert {draft.group for draft in made} == {old[0].group} and made[0].language == language


def test_own_words_for_digits_are_used_where_a_language_has_no_number_names() -> None:
    digits = tuple("zo wa tu ti fo fa si se et na".split())
    old = [Draft("kode wa tu ti fo", "code", "tvl"), Draft("kode na zo zo et", "code", "tvl")]
    made = fresh_drafts(asked(old), known_of(old, "tvl", digits), 4)
    said = [draft.text.split() for draft in made]
    assert all(words[0] == "kode" and set(words[1:]) <= set(digits) for words in said)
    assert not {to_digits(d.text, "tvl", digits) for d in made} & {"kode 1234", "kode 9008"}


def test_what_cannot_be_fresh_is_refused() -> None:
    with pytest.raises(BadInput, match="three digits or more"):
        fresh_drafts([("the sun is out", "ordinary"), ("gate four", "gate")], Known("en"), 10)
    full = Known("en", numbers={f"{number:03}" for number in range(1000)})
    with pytest.raises(BadInput, match="none is fresh"):
        fresh_drafts([("code one two three", "code")], full, 1)


def test_a_number_is_known_in_any_words_and_in_digits() -> None:
    known = Known("en")
    known.add("Order one two nine six")
    assert known.has("please check order 1296") and known.has("code one two nine six now")
    assert not known.has("order one two nine seven") and not known.has("gate one")
