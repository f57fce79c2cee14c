"""Whole-set figures, held against exact counts and tables."""
from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest

from core.quality.sets import (
    beyond_the_set,
    duplicates,
    histograms,
    upper_bound,
    upper_count,
    what_it_proves,
)


def test_histograms_count_everything_once() -> None:
    columns = {"snr_db": [1.0, 2.0, 2.5, None, float("nan"), 9.0], "lead": [None], "none": []}
    found = histograms(columns, n_bins=4)
    assert found["snr_db"].counts.tolist() == [3, 0, 0, 1]
    assert found["snr_db"].edges.tolist() == [1.0, 3.0, 5.0, 7.0, 9.0]
    assert found["snr_db"].n_missing == 2
    assert found["lead"].counts.sum() == 0 and found["lead"].n_missing == 1
    assert len(found["none"].edges) == 2
    same = histograms({"x": [3.0] * 5})["x"]
    assert same.counts.sum() == 5 and np.isfinite(same.edges).all()


def test_duplicates_by_content() -> None:
    shas = {"a": "1", "b": "2", "c": "1", "d": "", "e": "", "f": "2", "g": "3"}
    assert duplicates(shas) == [("a", "c"), ("b", "f")]
    assert duplicates({}) == []


# Clopper-Pearson, one-sided 95 %: 0 wrong has the closed form 1 - 0.05 ** (1 / n).
@pytest.mark.parametrize(
    ("n_wrong", "n", "bound"),
    [(0, 30, 0.0950), (0, 59, 0.0495), (0, 100, 0.0295), (1, 30, 0.1486), (2, 100, 0.0616), (5, 10, 0.7776),
     (3, 3, 1.0)],
)
def test_the_bound_of_clopper_and_pearson(n_wrong: int, n: int, bound: float) -> None:
    assert upper_bound(n_wrong, n) == pytest.approx(bound, abs=1e-4)
    if n_wrong == 0:
        assert upper_bound(n_wrong, n) == pytest.approx(1 - 0.05 ** (1 / n), abs=1e-9)


@pytest.mark.parametrize(("n_wrong", "n"), [(0, 3_000), (40, 5_000), (2_500, 5_000)])
def test_the_bound_holds_for_large_samples(n_wrong: int, n: int) -> None:
    share, bound = n_wrong / n, upper_bound(n_wrong, n)
    assert share < bound < share + 0.02


@pytest.mark.parametrize(("n_wrong", "n", "n_total"), [(0, 30, 60), (1, 10, 25), (0, 5, 400), (3, 20, 21)])
def test_a_finite_set_against_counting_in_fractions(n_wrong: int, n: int, n_total: int) -> None:
    def tail(n_bad: int) -> Fraction:
        ways = sum(comb(n_bad, i) * comb(n_total - n_bad, n - i) for i in range(n_wrong + 1))
        return Fraction(ways, comb(n_total, n))

    possible = [bad for bad in range(n_wrong, n_total - (n - n_wrong) + 1) if tail(bad) > Fraction(1, 20)]
    assert upper_count(n_wrong, n, n_total) == max(possible)


@pytest.mark.parametrize(
    ("right", "wrong", "total", "words"),
    [
        (30, 0, None, "30 of 30 right: with 95 % confidence at most 9.5 % of the clips are wrong."),
        (28, 2, None, "28 of 30 right: with 95 % confidence at most 19.5 % of the clips are wrong."),
        (0, 4, None, "0 of 4 right: with 95 % confidence at most 100.0 % of the clips are wrong."),
        (30, 0, 60, "30 of 30 right: with 95 % confidence at most 4 of the 60 clips (6.7 %) are wrong."),
        (49, 1, 50, "49 of 50 right, and all were checked: 2.0 % of the clips are wrong."),
        (0, 0, 50, "Nothing was checked yet: mark clips as right or wrong to learn how many are wrong."),
    ],
)
def test_what_a_sample_proves(right: int, wrong: int, total: int | None, words: str) -> None:
    assert what_it_proves(right, wrong, total) == words


def test_more_checking_proves_more_and_a_higher_level_less() -> None:
    bounds = [upper_bound(0, n) for n in (10, 30, 100, 300)]
    assert bounds == sorted(bounds, reverse=True)
    assert "99 % confidence at most 14.2 %" in what_it_proves(30, 0, level=0.99)


def test_what_holds_for_clips_of_the_same_making() -> None:
    assert beyond_the_set(30, 0) == (
        "Of clips made in the same way, however many there will be, at most 9.5 % are wrong.")
    assert "19.5 %" in beyond_the_set(28, 2) and beyond_the_set(0, 0) == ""
