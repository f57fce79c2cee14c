"""Figures of a whole set of clips: histograms, duplicates, and what a checked sample proves."""
from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Histogram:
    """`counts` (n_bins,) between `edges` (n_bins + 1,); `n_missing` values were None or not finite."""

    edges: npt.NDArray[np.float64]
    counts: npt.NDArray[np.int64]
    n_missing: int


def histograms(values: Mapping[str, Sequence[float | None]], n_bins: int = 20) -> dict[str, Histogram]:
    """A histogram for each metric over its own range; a metric without any number gets one empty bin."""
    return {name: _histogram(column, n_bins) for name, column in values.items()}


def _histogram(column: Sequence[float | None], n_bins: int) -> Histogram:
    """Bins and counts of the finite numbers in `column`."""
    numbers = np.array([value for value in column if value is not None and math.isfinite(value)], np.float64)
    n_missing = len(column) - len(numbers)
    if not len(numbers):
        return Histogram(np.array([0.0, 1.0]), np.zeros(1, np.int64), n_missing)
    counts, edges = np.histogram(numbers, bins=n_bins)
    return Histogram(edges.astype(np.float64), counts.astype(np.int64), n_missing)


def duplicates(sha_of: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Groups of clip ids with one content hash, in the order of first sight; no hash, no group."""
    groups: dict[str, list[str]] = {}
    for clip_id, sha in sha_of.items():
        if sha:
            groups.setdefault(sha, []).append(clip_id)
    return [tuple(ids) for ids in groups.values() if len(ids) > 1]


def what_it_proves(n_right: int, n_wrong: int, n_total: int | None = None, level: float = 0.95) -> str:
    """What a *random* sample of checked clips proves, in words (a sample of the riskiest ones proves nothing
    of the kind).

    "30 of 30 right: with 95 % confidence at most 9.5 % of the clips are wrong." With `n_total` the set is
    finite:
    the bound is exact for it, and a full check leaves no doubt.
    """
    n = n_right + n_wrong
    if n == 0:
        return "Nothing was checked yet: mark clips as right or wrong to learn how many are wrong."
    head = f"{n_right} of {n} right"
    if n_total is None:
        bound = _percent(upper_bound(n_wrong, n, level))
        return f"{head}: with {100 * level:g} % confidence at most {bound} of the clips are wrong."
    if n >= n_total:
        return f"{head}, and all were checked: {_percent(n_wrong / n)} of the clips are wrong."
    most = upper_count(n_wrong, n, n_total, level)
    bound = f"{most} of the {n_total} clips ({_percent(most / n_total)})"
    return f"{head}: with {100 * level:g} % confidence at most {bound} are wrong."


def beyond_the_set(n_right: int, n_wrong: int, level: float = 0.95) -> str:
    """The same for clips of the same making, however many (exact binomial); "" before anything was
    checked."""
    n = n_right + n_wrong
    if not n:
        return ""
    bound = _percent(upper_bound(n_wrong, n, level))
    return f"Of clips made in the same way, however many there will be, at most {bound} are wrong."


def upper_bound(n_wrong: int, n: int, level: float = 0.95) -> float:
    """Largest share of wrong ones that a sample of `n` with `n_wrong` does not rule out: exact, one-sided.

    C. J. Clopper and E. S. Pearson, Biometrika 26 (1934).
    """
    if n_wrong >= n:
        return 1.0
    low, high = n_wrong / n, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _binomial_tail(n_wrong, n, middle) > 1 - level else (low, middle)
    return high


def upper_count(n_wrong: int, n: int, n_total: int, level: float = 0.95) -> int:
    """The same for a set of `n_total`: the largest number of wrong ones not ruled out (hypergeometric)."""

    def is_possible(n_bad: int) -> bool:
        return _drawn_tail(n_wrong, n, n_bad, n_total) > 1 - level

    return _last(n_wrong, n_total - (n - n_wrong), is_possible)


def _last(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """Largest whole number from `low` to `high` for which `holds`, which is true first and then false."""
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _binomial_tail(k: int, n: int, p: float) -> float:
    """P(X <= k) for n draws with chance p, 0 < p < 1."""
    yes, no = math.log(p), math.log1p(-p)
    return math.fsum(math.exp(_log_choose(n, i) + i * yes + (n - i) * no) for i in range(k + 1))


def _drawn_tail(k: int, n: int, n_bad: int, n_total: int) -> float:
    """P(at most k bad ones among n drawn without return from n_total with n_bad bad ones)."""
    n_good = n_total - n_bad
    whole = _log_choose(n_total, n)
    return math.fsum(
        math.exp(_log_choose(n_bad, i) + _log_choose(n_good, n - i) - whole)
        for i in range(max(0, n - n_good), min(k, n_bad) + 1)
    )


def _log_choose(n: int, k: int) -> float:
    """Logarithm of n over k, 0 <= k <= n."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _percent(share: float) -> str:
    """A share as "9.5 %"; never "0 %" for something that is more than nothing."""
    return f"{100 * share:.1f} %" if share == 0 or share >= 0.001 else f"{100 * share:.2g} %"
