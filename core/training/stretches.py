"""The long files of a corpus in windows, of which each is a row of its own, made when it is asked for: a
year of sound takes eight bytes a window, and its sound is read by seek, as that of any row that is a part of
a file.

All windows come once an epoch, in an order that is a pure function of (seed, epoch, index)
(core/training/sampling.py).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import overload

import numpy as np
import numpy.typing as npt

from core.types import Row

LEAST = 1.0
"""Seconds: what is left at the end of a file and is shorter is left out."""


class Stretches(Sequence[Row]):
    """Each long row of a corpus from its start on in windows of `seconds`, the last one as long as is left;
    other rows whole."""

    def __init__(self, rows: Sequence[Row], seconds: float) -> None:
        self.files, self._window = list(rows), seconds
        self._ends = list(accumulate(self._n_of(row) for row in self.files))

    def _n_of(self, row: Row) -> int:
        if not row.stamp or row.seconds <= self._window:
            return 1
        whole, left = divmod(row.seconds, self._window)
        return int(whole) + (left >= LEAST)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        place = range(len(self))[index]  # IndexError for one outside
        number = bisect_right(self._ends, place)
        row = self.files[number]
        if self._n_of(row) == 1:
            return row
        return stretch(row, (place - (self._ends[number - 1] if number else 0)) * self._window, self._window)

    def seconds(self) -> npt.NDArray[np.float64]:
        """Length of each window (n,), without making one."""
        found = np.full(len(self), self._window)
        for row, (begin, end) in zip(self.files, pairwise([0, *self._ends]), strict=True):
            last = row.seconds - (end - begin - 1) * self._window
            found[end - 1] = last if end - begin == 1 else min(self._window, last)
        return found


def stretch(row: Row, begin: float, seconds: float) -> Row:
    """At most `seconds` of `row` from `begin` on, with the words that begin there."""
    end = min(begin + seconds, row.seconds)
    words = tuple(replace(word, start=word.start - begin, end=word.end - begin)
                  for word in row.words if begin <= word.start < end)
    text = " ".join(word.text for word in words) if row.words else row.text
    return replace(row, id=f"{row.id}@{begin:g}s", start=row.start + begin, end=row.start + end, words=words,
                   text=text)
