"""The rate check: a match whose time lies off the pace of the speech around it is none."""
from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from core.alignment.matching import Floats, Ints

SIDE = 5  # matches on one side, whose median says where this one should be
AROUND = 25  # on each side, for the pace and its spread
SPREADS = 8.0
EVEN = 0.35  # seconds: nobody speaks more evenly
FAR = 9.0  # robust deviations
FLOOR = 2.0  # seconds: the pauses around a single word


def on_pace(words: Ints, seconds: Floats) -> npt.NDArray[np.bool_]:
    """Which matches (n,) of a chain lie where the speaking rate around them says, from the side before or
    from the side behind: a pause, or text that is not spoken, lies on one side only.

    Where it should be is the median over the `SIDE` nearest on a side, each continued to this word at the
    local pace; what is allowed is `SPREADS` robust deviations of that in its surroundings.
    """
    if len(words) < 4:
        return np.ones(len(words), np.bool_)
    pace = _pace(words, seconds)
    off = np.fmin(_off(words, seconds, pace), _off(-words[::-1], -seconds[::-1], pace[::-1])[::-1])
    spread = np.nanmedian(_windows(off, AROUND, AROUND), axis=1) * 1.4826
    return off <= np.maximum(FLOOR, SPREADS * spread)


def _windows(values: Floats, before: int, behind: int) -> Floats:
    """Each value with those around it (n, before + 1 + behind); NaN beyond the ends."""
    padded = np.concatenate((np.full(before, np.nan), values, np.full(behind, np.nan)))
    view: Floats = sliding_window_view(padded, before + 1 + behind)
    return view


def _pace(words: Ints, seconds: Floats) -> Floats:
    """Seconds a word around each match: the median over single steps, so that pauses do not count."""
    steps = np.diff(seconds) / np.diff(words)
    windows = _windows(np.concatenate((steps, [np.nan])), AROUND, AROUND)
    pace: Floats = np.nanmedian(windows, axis=1)
    return pace


def _off(words: Ints, seconds: Floats, pace: Floats) -> Floats:
    """Seconds from where the matches before say that each should be; NaN for the first."""
    earlier = _windows(words.astype(np.float64), SIDE, 0)[:, :-1]
    at = _windows(seconds, SIDE, 0)[:, :-1]
    expected = at + pace[:, None] * (words[:, None] - earlier)
    expected[0] = np.inf  # nothing before
    off: Floats = np.abs(seconds - np.nanmedian(expected, axis=1))
    off[0] = np.nan
    return off


def nearness(words: Ints, seconds: Floats, others: Ints, at: Floats) -> Floats:
    """How near each of `others` (m,), words at seconds `at`, is to the line through the matches (n,) of a
    chain: 1 on it, falling as a bell, 0 where it lies `FAR` times as far off as is usual there."""
    pace = _pace(words, seconds)
    around = _windows(words.astype(np.float64), SIDE, SIDE)
    line = np.nanmedian(_windows(seconds, SIDE, SIDE) + pace[:, None] * (words[:, None] - around), axis=1)
    usual = np.nanmedian(_windows(np.abs(seconds - line), AROUND, AROUND), axis=1) * 1.4826
    usual = np.maximum(EVEN, np.interp(others, words, usual))
    off = (at - np.interp(others, words, line)) / usual
    near: Floats = np.where(np.abs(off) < FAR, np.exp(-off * off / 18), 0.0)
    return near
