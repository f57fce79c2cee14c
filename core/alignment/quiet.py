"""Silence between words of a long recording: how much there is, and the quietest moment in it for an edge."""
from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.alignment.words import Times
from core.audio.levels import FRAME_SECONDS, HOP_SECONDS


class Silences:
    """Looked up by time: `runs` of speech (start, end) in order, and `levels` (frames,) in dBFS or None. An
    edge keeps `nearest` to `farthest` seconds of silence, less only where there is less."""

    def __init__(self, runs: Sequence[Times], levels: npt.NDArray[np.float32] | None, nearest: float,
                 farthest: float) -> None:
        self._starts, self._ends = [start for start, _ in runs], [end for _, end in runs]
        self._levels, self._nearest, self._farthest = levels, nearest, farthest

    def longest(self, start: float, end: float) -> float:
        """Seconds of the longest stretch without speech."""
        return max((to - from_ for from_, to in self._between(start, end)), default=0.0)

    def speech(self, start: float, end: float) -> float:
        """Seconds of speech."""
        return max(0.0, end - start) - sum(to - from_ for from_, to in self._between(start, end))

    def edges(self, start: float, end: float) -> tuple[float, float]:
        """Where a segment closes whose last word ends at `start`, and where one opens whose first word begins
        at `end`: each in the silence beside its own word, the first never after the second."""
        quiet = self._between(start, end)
        if not quiet:
            return start, end
        (after, close), (open_, before) = quiet[0], quiet[-1]
        middle = (start + end) / 2
        # A word may be a little longer in the sound than on the path; not where other speech follows it.
        if after > start + self._nearest:
            after = close = start
        if before < end - self._nearest:
            before = open_ = end
        return self._quietest(after, max(after, min(close, middle))), self._quietest(
            before, min(before, max(open_, middle)))

    def _quietest(self, word: float, limit: float) -> float:
        """The quietest moment at the right distance from the edge of a word, no farther than the limit."""
        way, room = math.copysign(1.0, limit - word), abs(limit - word)
        far = word + way * min(self._farthest, room)
        low, high = sorted((word + way * min(self._nearest, room), far))
        if self._levels is None:
            return far
        # The level at n is that of the frame from n to n + 1 hops later: of its middle.
        first = max(0, math.ceil((low - FRAME_SECONDS / 2) / HOP_SECONDS - 1e-9))
        last = math.floor((high - FRAME_SECONDS / 2) / HOP_SECONDS + 1e-9) + 1
        part = self._levels[first:last]
        if not len(part):
            return far
        return min(high, max(low, (first + int(part.argmin())) * HOP_SECONDS + FRAME_SECONDS / 2))

    def _between(self, start: float, end: float) -> list[Times]:
        """The stretches without speech from `start` to `end`."""
        found, at = [], start
        for run in range(bisect_right(self._ends, start), bisect_left(self._starts, end)):
            if self._starts[run] > at:
                found.append((at, self._starts[run]))
            at = self._ends[run]
        return [*found, (at, end)] if at < end else found
