"""The interval of one rate: wide for few items, narrow for many, nothing for none."""

from __future__ import annotations

import pytest

from core.evaluation.bootstrap import alone, ratio
from core.evaluation.rates import ItemScore, score_item


def items(n: int, n_wrong: int) -> list[ItemScore]:
    """`n` texts of four words, `n_wrong` of them with one wrong word."""
    return [score_item(str(i), "one two three four", "one two three " + ("five" if i < n_wrong else "four"))
            for i in range(n)]


@pytest.mark.parametrize(("n", "width"), [(10, 0.2), (71, 0.07), (1000, 0.02)])
def test_the_interval_holds_the_rate_and_narrows(n: int, width: float) -> None:
    scored = items(n, n * 3 // 10)
    low, high = alone(scored, "wer") or (1.0, 0.0)
    assert low < ratio(scored, "wer") < high
    assert high - low < width and (low, high) == alone(scored, "wer")


def test_it_holds_the_truth_as_often_as_it_says() -> None:
    import random

    rng, held = random.Random(5), 0
    for _ in range(100):
        low, high = alone(items(60, sum(rng.random() < 0.4 for _ in range(60))), "wer", 400) or (1.0, 0.0)
        held += low <= 0.1 <= high
    assert held >= 88


def test_nothing_has_no_interval_and_no_error_a_narrow_one() -> None:
    assert alone([], "wer") is None
    assert alone(items(20, 0), "wer") == (0.0, 0.0)
