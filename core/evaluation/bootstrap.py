"""How sure a difference or a share is: paired bootstrap over items, and the exact binomial interval."""
from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.errors import Refused
from core.evaluation.rates import ItemScore

Metric = Literal["wer", "cer", "digit_error_rate", "number_error_rate", "no_digit_share"]
METRICS: tuple[Metric, ...] = ("wer", "cer", "digit_error_rate", "number_error_rate", "no_digit_share")
Array = npt.NDArray[np.float64]
_CHUNK = 4_000_000


@dataclass(frozen=True)
class Interval:
    """`difference` tuned - base of a rate (0.01 is one point) or of another mean, and the bounds of its
    interval, over `n` items.
    """

    difference: float
    low: float
    high: float
    n: int


def counts(item: ItemScore, metric: Metric) -> tuple[int, int]:
    """(errors or hits, units) of one item for `metric`."""
    return {
        "wer": (item.word_errors, item.n_words),
        "cer": (item.char_errors, item.n_chars),
        "digit_error_rate": (item.digit_errors, item.n_digits),
        "number_error_rate": (item.number_errors, item.n_numbers),
        "no_digit_share": (int(not item.has_digits and not item.is_empty), 1),
    }[metric]


def ratio(items: Sequence[ItemScore], metric: Metric) -> float:
    """The rate of `metric` over all items: sum of errors by sum of units."""
    pairs = [counts(item, metric) for item in items]
    return sum(pair[0] for pair in pairs) / max(sum(pair[1] for pair in pairs), 1)


def paired(
    base: Sequence[ItemScore],
    tuned: Sequence[ItemScore],
    metric: Metric,
    n_resamples: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """Percentile interval of the difference tuned - base, both models scored on the same resampled items.

    After Bisani and Ney (2004), "Bootstrap estimates for confidence intervals in ASR performance evaluation".
    Refused when there is no item or when the two are not scored on the same items and references.
    """
    before, after = ([counts(item, metric) for item in items] for items in (base, _matched(base, tuned)))
    return paired_sums(before, after, n_resamples, seed, level)


def paired_sums(base: Sequence[tuple[float, float]], tuned: Sequence[tuple[float, float]],
                n_resamples: int = 2000, seed: int = 0, level: float = 0.95) -> Interval:
    """The same for anything that is a sum by units: (sum, units) of each item, at least one, the items of
    both in one order."""
    table = np.hstack([np.array(base, float), np.array(tuned, float)])
    drawn = _difference(_resampled(table, n_resamples, seed))
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(_difference(table.sum(0)[None])[0]), float(low), float(high), len(table))


def for_few(level: float, n: int) -> float:
    """The level at which a percentile interval over `n` items covers what `level` promises: over few items
    the plain one is too narrow. After Hesterberg (2015), "What Teachers Should Know About the Bootstrap"."""
    if n < 2:
        return 1.0
    t = _solve(lambda at: _t_above(at, n - 1) > (1 - level) / 2, 1000.0)
    return 1 - 2 * NormalDist().cdf(-math.sqrt(n / (n - 1)) * t)


def _t_above(t: float, freedom: int) -> float:
    """P(T > t) of Student's distribution, for t from 0 on, in steps that are fine where most of it lies."""
    angle = np.linspace(0, math.atan(t / math.sqrt(freedom)), 2001)
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(math.pi)
    return 0.5 - scale * float(np.trapezoid(np.cos(angle) ** (freedom - 1), angle))


def alone(items: Sequence[ItemScore], metric: Metric, n_resamples: int = 2000, seed: int = 0,
          level: float = 0.95) -> tuple[float, float] | None:
    """Percentile interval of one model's rate over resampled items, after the same paper; None for no item.

    A few dozen items prove little, and a rate alone hides that.
    """
    if not items:
        return None
    table = np.array([counts(item, metric) for item in items], float)
    sums = _resampled(table, n_resamples, seed)
    low, high = np.quantile(sums[:, 0] / np.maximum(sums[:, 1], 1), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def unpaired(one: Sequence[ItemScore], other: Sequence[ItemScore], metric: Metric, n_resamples: int = 2000,
             seed: int = 0, level: float = 0.95) -> Interval:
    """Percentile interval of the difference other - one of two sets that share no item, each resampled by
    itself; Refused where one of them is empty."""
    if not one or not other:
        raise Refused("There is no item on one of the sides, so there is no difference to measure.")
    tables = [np.array([counts(item, metric) for item in items], float) for items in (one, other)]
    sums = [_resampled(table, n_resamples, seed + at) for at, table in enumerate(tables)]
    low, high = np.quantile(_difference(np.hstack(sums)), [(1 - level) / 2, (1 + level) / 2])
    found = float(_difference(np.hstack([table.sum(0)[None] for table in tables]))[0])
    return Interval(found, float(low), float(high), len(one) + len(other))


def _resampled(table: Array, n_resamples: int, seed: int) -> Array:
    """The column sums of `table` (n, k) over items drawn with return, (n_resamples, k)."""
    n = len(table)
    rng = np.random.default_rng(seed)
    rows = max(1, _CHUNK // n)
    even = np.full(n, 1 / n)
    sizes = [min(rows, n_resamples - at) for at in range(0, n_resamples, rows)]
    return np.concatenate([rng.multinomial(n, even, size) @ table for size in sizes])


def _difference(sums: Array) -> Array:
    """tuned - base for each row of (base errors, base units, tuned errors, tuned units)."""
    difference: Array = sums[:, 2] / np.maximum(sums[:, 3], 1) - sums[:, 0] / np.maximum(sums[:, 1], 1)
    return difference


def _matched(base: Sequence[ItemScore], tuned: Sequence[ItemScore]) -> list[ItemScore]:
    """The tuned items in the order of the base items."""
    by_id = {item.id: item for item in tuned}
    if not base or not tuned:
        raise Refused(
            "There is no held-out item to compare on: add accepted takes so that the dataset has a test part."
        )
    if len(by_id) != len(tuned) or len(base) != len(tuned) or {item.id for item in base} != set(by_id):
        raise Refused(
            f"Base ({len(base)} items) and tuned ({len(tuned)} items) were not scored on the same "
            f"items: evaluate both again."
        )
    ordered = [by_id[item.id] for item in base]
    for one, other in zip(base, ordered, strict=True):
        if one.reference != other.reference:
            raise Refused(
                f"Item {one.id} has one text for the base and another for the tuned model: evaluate both "
                f"again."
            )
    return ordered


def share_interval(k: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Exact binomial interval (Clopper and Pearson, 1934) for a share of `k` in `n`; (0, 1) when n is 0."""
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n}")
    tail, ways = (1 - level) / 2, _log_ways(n)
    low = 0.0 if k == 0 else _solve(lambda p: 1 - _at_most(k - 1, ways, p) < tail)
    high = 1.0 if k == n else _solve(lambda p: _at_most(k, ways, p) > tail)
    return low, high


def _solve(below: Callable[[float], bool], high: float = 1.0) -> float:
    """The value from 0 to `high` at which `below` turns false, by bisection."""
    low = 0.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return (low + high) / 2


def _log_ways(n: int) -> Array:
    """log of "n choose i" for i = 0..n, shape (n + 1,)."""
    factorials = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, n + 1, dtype=np.float64)))))
    ways: Array = factorials[n] - factorials - factorials[::-1]
    return ways


def _at_most(k: int, ways: Array, p: float) -> float:
    """P(at most `k` of n), each with probability 0 < p < 1."""
    n, taken = len(ways) - 1, np.arange(k + 1)
    return float(np.exp(ways[: k + 1] + taken * math.log(p) + (n - taken) * math.log1p(-p)).sum())
