"""Long curves as few points: the lowest and highest value of equal stretches of steps, so no peak is lost."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
STRETCHES = 1000
"""At most so many stretches a curve; each gives two points, so that a curve has at most 2,000."""


@dataclass(frozen=True)
class Stretches:
    """Equal stretches of steps, `width` long; those with numbers `start` <= number < `end` are meant."""

    width: int
    start: int
    end: int


def stretches(ends: Sequence[float], is_over: bool) -> Stretches:
    """All stretches between the first and last steps in `ends` that are over.

    Their width is a power of two: it changes seldom while the steps go on.
    """
    if not ends:
        return Stretches(1, 0, 0)
    first, last, width = int(min(ends)), int(max(ends)), 1
    while last // width - first // width + 1 > STRETCHES:
        width *= 2
    return Stretches(width, 0, last // width + (is_over or width == 1))


def thinned(part: Stretches, steps: array[float], values: array[float]) -> tuple[list[int], list[float]]:
    """(steps, values) of the stretches that are meant, in the order of the steps; what is no number is left
    out."""
    begin, stop = bisect_left(steps, part.start * part.width), bisect_left(steps, part.end * part.width)
    # copies: an array that is looked into cannot grow
    at, found = np.array(steps[begin:stop]), np.array(values[begin:stop])
    at, found = at[np.isfinite(found)], found[np.isfinite(found)]
    if part.width > 1 and len(at):
        kept = _extremes(at // part.width, found)
        at, found = at[kept], found[kept]
    return [int(step) for step in at], [float(f"{value:.5g}") for value in found]


def _extremes(stretches: Numbers, values: Numbers) -> npt.NDArray[np.intp]:
    """Where the lowest and the highest value of each stretch stand."""
    order = np.lexsort((values, stretches))
    ends = np.flatnonzero(np.diff(stretches[order], append=np.inf))
    starts = np.concatenate(([0], ends[:-1] + 1))
    return np.unique(np.concatenate((order[starts], order[ends])))


def smooth(values: array[float], known: array[float], window: int) -> None:
    """Continue `known`, the exponential mean of `values` over about `window` of them, its start corrected for
    the missing past; what is no number is passed over."""
    keep = 1 - 1 / window
    mean, weight = _state(values, known, keep)
    made = []
    for value in values[len(known):]:
        if value == value:  # not NaN
            mean, weight = keep * mean + (1 - keep) * value, keep * weight + 1 - keep
        made.append(mean / weight if weight else nan)
    known.extend(made)


def _state(values: array[float], known: array[float], keep: float) -> tuple[float, float]:
    """The sum and the weight behind the last value of `known`."""
    if not known:
        return 0.0, 0.0
    seen = np.array(values[:len(known)])
    weight = 1 - keep ** int(np.isfinite(seen).sum())
    return (known[-1] * weight if weight else 0.0), weight
