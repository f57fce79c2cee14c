"""How fast two models are, by turns on the same clips: real-time factor, first-word delay and their ratio."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Fate = Literal["faster", "slower", "as fast", "unclear"]
FEWEST_PAIRS = 6
EQUAL = 0.1
MERGING = " Its adapter was computed beside the base; merging takes that time away."
SAID: dict[Fate, str] = {
    "faster": "faster than its base", "slower": "slower than its base", "as fast": "as fast as its base",
    "unclear": "not clearly faster or slower than its base"}


@dataclass(frozen=True)
class Spread:
    """A median and the bounds of the middle half (the quartiles)."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Pace:
    """Base and tuned on `n` clips: seconds of work for a second of sound, and seconds until the first word.

    `ratio` is the median of tuned / base, clip by clip, between `low` and `high` (95 %). `has_adapter`: the
    tuned model computed its adapter beside the base, which a merged one does not.
    """

    n: int
    base_factor: Spread
    tuned_factor: Spread
    base_delay: Spread
    tuned_delay: Spread
    ratio: float
    low: float
    high: float
    has_adapter: bool = False

    @property
    def fate(self) -> Fate:
        """What the interval says: within a tenth of 1, which nobody notices, on one side of it, or too wide
        to say."""
        if max(1 - self.low, self.high - 1) <= EQUAL:
            return "as fast"
        if self.high < 1 or self.low > 1:
            return "faster" if self.high < 1 else "slower"
        return "unclear"


def pace(base: Sequence[float], tuned: Sequence[float], lengths: Sequence[float], n_resamples: int = 2000,
         seed: int = 0) -> Pace | None:
    """From the seconds that each model took for each clip, whose `lengths` are in seconds; None for fewer
    than six clips.

    No model here writes before it has heard a clip whole, so the delay of the first word is the time of the
    whole pass. The interval is a percentile bootstrap over the clips, of the median of the ratios, because
    what else runs on the machine makes single passes slow.
    """
    if len(base) < FEWEST_PAIRS:
        return None
    was, now, sound = (np.asarray(values, float) for values in (base, tuned, lengths))
    ratios = now / was
    drawn = np.random.default_rng(seed).integers(0, len(ratios), (n_resamples, len(ratios)))
    low, high = np.quantile(np.median(ratios[drawn], axis=1), [0.025, 0.975])
    return Pace(len(ratios), _spread(was / sound), _spread(now / sound), _spread(was), _spread(now),
                float(np.median(ratios)), float(low), float(high))


def _spread(values: Array) -> Spread:
    low, median, high = np.quantile(values, [0.25, 0.5, 0.75])
    return Spread(float(median), float(low), float(high))


def in_words(found: Pace) -> str:
    """The pace as a sentence, with what its figures mean."""
    sure = f"95 % sure: {found.low:.2f} to {found.high:.2f}"
    return (f"The tuned model is {SAID[found.fate]}: {found.ratio:.2f} times the time ({sure}, on {found.n} "
            f"clips by turns); after a clip the first word is out within {found.base_delay.median:.2f} s and "
            f"{found.tuned_delay.median:.2f} s, for both hear a clip whole before they write."
            + (MERGING if found.has_adapter and found.fate == "slower" else ""))
