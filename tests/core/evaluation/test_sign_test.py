"""The sign test against values worked out by hand, and its words."""

from __future__ import annotations

from fractions import Fraction

import pytest

from core.evaluation.sign_test import in_words, sign_test


@pytest.mark.parametrize(("wins", "losses", "p"), [
    (0, 0, 1.0), (1, 0, 1.0), (5, 0, 0.0625), (6, 0, 0.03125), (0, 6, 0.03125), (5, 5, 1.0),
    (8, 2, 2 * 56 / 1024), (9, 1, 2 * 11 / 1024), (15, 5, 2 * 21700 / 2**20), (4, 3, 1.0)])
def test_p_is_the_exact_two_sided_one(wins: int, losses: int, p: float) -> None:
    assert sign_test(wins, losses) == pytest.approx(p, abs=1e-12)


def test_it_is_the_share_of_all_ways_that_are_as_far_from_even() -> None:
    """Every sequence of eight throws, counted."""
    for wins in range(9):
        as_far = sum(abs(bin(way).count("1") - 4) >= abs(wins - 4) for way in range(256))
        assert Fraction(sign_test(wins, 8 - wins)).limit_denominator(1000) == Fraction(as_far, 256)
    with pytest.raises(ValueError, match="-1 wins"):
        sign_test(-1, 3)


def test_a_p_is_told_in_words() -> None:
    assert "prove nothing" in in_words(5, 0)
    assert in_words(6, 4) == "That may well be chance (p = 0.75: a coin would do as much in 75 of 100 tries)."
    assert "unlikely to be chance (p = 0.021" in in_words(9, 1)
    assert "fewer than 1 of 100" in in_words(12, 0)
