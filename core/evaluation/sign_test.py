"""The sign test: whether one of two was preferred more often than chance would have it."""
from __future__ import annotations

from math import comb

from core.evaluation.verdict import FEWEST

SURE, VERY_SURE = 0.05, 0.01


def sign_test(wins: int, losses: int) -> float:
    """The exact two-sided p of so many wins and losses, ties left out (Dixon and Mood, 1946, "The
    statistical sign test"); 1.0 for none."""
    if min(wins, losses) < 0:
        raise ValueError(f"{wins} wins, {losses} losses")
    n, fewer = wins + losses, min(wins, losses)
    return min(1.0, 2 * sum(comb(n, k) for k in range(fewer + 1)) / 2**n)


def in_words(wins: int, losses: int) -> str:
    """What the test says as a sentence, for somebody who has never heard of a p."""
    n, p = wins + losses, sign_test(wins, losses)
    if n < FEWEST:
        return f"Fewer than {FEWEST} decided comparisons prove nothing (p = {p:.2g})."
    coin = f"a coin would do as much in {100 * p:.0f} of 100 tries"
    if p >= SURE:
        return f"That may well be chance (p = {p:.2g}: {coin})."
    if p >= VERY_SURE:
        return f"That is unlikely to be chance (p = {p:.2g}: {coin})."
    return f"That is no chance (p = {p:.2g}: a coin would do as much in fewer than 1 of 100 tries)."
