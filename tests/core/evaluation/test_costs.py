"""The verdict by what clips cost, from costs whose figures are known."""

from __future__ import annotations

import math
import statistics
from dataclasses import replace

import numpy as np
import pytest

from core.errors import BadInput, Refused
from core.evaluation import costs
from core.evaluation.bootstrap import for_few
from core.evaluation.costs import Cost

NAMES = tuple(costs.TERMS)


def spent(n: int, *names: str) -> list[Cost]:
    """Clips of 10 to 50 items whose items cost about 3 nats each."""
    rng = np.random.default_rng(1)
    sizes = rng.integers(10, 50, n)
    return [Cost(f"c{i}", {name: (float(size * rng.normal(3.0, 0.2)), float(size))
                           for name in names or NAMES}) for i, size in enumerate(sizes)]


def moved(base: list[Cost], spread: float = 0.0, **by: float) -> list[Cost]:
    """The same clips, an item of a term costing `by` nats more, and more or less as by `spread`."""
    rng = np.random.default_rng(2)
    return [replace(cost, terms={
        name: (nats + items * (by.get(name, 0.0) + float(rng.normal(0, spread) if spread else 0.0)), items)
        for name, (nats, items) in cost.terms.items()}) for cost in base]


def test_what_costs_surely_less_is_better_and_the_figures_are_those_of_all_items() -> None:
    base = spent(20)
    found = costs.judge(base, moved(base, text=-0.5, first_codebook=-0.25))
    text, first, others = found.terms
    assert (found.judgement, found.n, [term.name for term in found.terms]) == ("better", 20, list(NAMES))
    nats, items = (sum(cost.terms["text"][at] for cost in base) for at in (0, 1))
    assert text.base == pytest.approx(nats / items) and text.tuned == pytest.approx(text.base - 0.5)
    assert text.change.high < 0 and first.change.difference == pytest.approx(-0.25)
    assert (others.change.low, others.change.high) == (0.0, 0.0) and not (others.is_better or others.is_worse)
    assert found.plain.startswith("Better: ") and "not whether it speaks better" in found.plain
    assert found.sentence.startswith(found.plain) and "(-0.500, with 95 % confidence -0.5" in found.sentence


@pytest.mark.parametrize(("n", "t"), [(2, 12.7062), (6, 2.5706), (10, 2.2622), (30, 2.0452), (1000, 1.9623)])
def test_over_few_items_an_interval_is_as_wide_as_students(n: int, t: float) -> None:
    """`t` as tables have it."""
    tail = statistics.NormalDist().cdf(-t * math.sqrt(n / (n - 1)))
    assert for_few(0.95, n) == pytest.approx(1 - 2 * tail, abs=1e-5)
    assert for_few(0.95, 1) == 1.0


@pytest.mark.parametrize(("by", "judgement", "opening"), [
    ({}, "no clear change", "No difference could be shown"),
    ({"text": 1e-6}, "no clear change", "No difference could be shown"),
    ({"first_codebook": 0.3}, "worse", "Worse: "),
    ({"first_codebook": 0.3, "text": -0.3}, "no clear change", "Mixed: "),
])
def test_nothing_harm_and_both_are_called_so(by: dict[str, float], judgement: str, opening: str) -> None:
    found = costs.judge(spent(20), moved(spent(20), **by))
    assert found.judgement == judgement and found.plain.startswith(opening)


def test_chance_alone_finds_next_to_nothing() -> None:
    """Three terms over a dozen clips are three chances, and plain intervals are too narrow there."""
    rng, found = np.random.default_rng(3), 0
    for _ in range(60):
        base = [Cost(str(i), {name: (float(rng.normal(30, 3)), 10.0) for name in NAMES}) for i in range(12)]
        tuned = [replace(cost, terms={name: (nats + float(rng.normal(0, 1)), items)
                                      for name, (nats, items) in cost.terms.items()}) for cost in base]
        terms = costs.judge(base, tuned).terms
        found += any(term.is_better or term.is_worse for term in terms)
    assert found <= 7, "3 are meant; three plain intervals would find something in 21"


def test_sound_alone_has_no_figure_of_a_text_and_says_so() -> None:
    base = spent(12, "first_codebook", "other_codebooks")
    found = costs.judge(base, moved(base, first_codebook=-0.2))
    assert [term.name for term in found.terms] == ["first_codebook", "other_codebooks"]
    assert costs.NO_TEXT in found.sentence and "Text:" not in found.sentence
    some = [*spent(6), *[replace(cost, id=f"s{cost.id}") for cost in base]]
    assert {term.name: term.change.n for term in costs.judge(some, some).terms} == {
        "text": 6, "first_codebook": 18, "other_codebooks": 18}
    found = costs.judge(some, moved(some, spread=0.01, text=-1.0))
    assert found.judgement == "no clear change" and not found.terms[0].is_better, "six clips with words"


@pytest.mark.parametrize(("n", "judgement"), [(9, "no clear change"), (10, "better")])
def test_ten_clips_are_the_fewest_that_prove_something(n: int, judgement: str) -> None:
    found = costs.judge(spent(n), moved(spent(n), spread=0.01, text=-1.0))
    assert found.judgement == judgement and (costs.LITTLE in found.plain) == (n < 10)


def test_a_handful_of_clips_proves_nothing_and_other_clips_are_refused() -> None:
    base = spent(5)
    found = costs.judge(base, moved(base, text=-1.0))
    assert found.judgement == "no clear change" and costs.LITTLE in found.plain
    for other in (base[1:], list(reversed(base)), spent(5, "text")):
        with pytest.raises(Refused, match="same clips"):
            costs.judge(base, other)
    with pytest.raises(Refused, match="same clips"):
        costs.judge([], [])


def test_it_is_read_back_as_it_was_written() -> None:
    found = costs.judge(spent(12), moved(spent(12), spread=0.1, text=-0.1))
    assert costs.from_json(costs.to_json(found)) == found
    with pytest.raises(BadInput, match="cannot be read"):
        costs.from_json({"terms": []})
