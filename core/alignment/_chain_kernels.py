"""The inner loop of the chain, compiled by numba when it is first used and kept on the disk."""
from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit  # type: ignore[import-untyped,unused-ignore]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator,unused-ignore]
def heaviest(place: Ints, weight: Floats, n_places: int, before: Ints) -> int:
    """The last of the pairs on the heaviest chain whose `place` rises strictly, for pairs sorted by text,
    those of one word with the highest place first; `before` gets the pair before each, -1 for the first.

    A Fenwick tree over the places holds, of each range, the pair with the heaviest chain up to it.
    """
    tree = np.full(n_places + 1, -1, np.int64)
    total = np.empty(len(place), np.float64)
    last = -1
    for pair in range(len(place)):
        best = -1
        at = place[pair]
        while at > 0:
            if tree[at] >= 0 and (best < 0 or total[tree[at]] > total[best]):
                best = tree[at]
            at -= at & -at
        before[pair] = best
        total[pair] = weight[pair] + (total[best] if best >= 0 else 0.0)
        if last < 0 or total[pair] > total[last]:
            last = pair
        at = place[pair] + 1
        while at <= n_places:
            if tree[at] < 0 or total[pair] > total[tree[at]]:
                tree[at] = pair
            at += at & -at
    return last


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator,unused-ignore]
def behind(text: Ints, place: Ints, reach: int, length: Ints) -> None:
    """`length[pair]`: how many pairs the longest run that ends with this one has, for pairs sorted by text,
    then place. A run goes on by 1 to `reach` words on both sides."""
    rows = np.zeros(text[-1] + 2, np.int64)  # where the pairs of each word begin
    for pair in range(len(text)):
        rows[text[pair] + 1] += 1
    for row in range(1, len(rows)):
        rows[row] += rows[row - 1]
    for row in range(len(rows) - 1):
        for pair in range(rows[row], rows[row + 1]):
            length[pair] = 1
        for step in range(1, min(reach, row) + 1):
            at, end = rows[row - step], rows[row - step + 1]
            for pair in range(rows[row], rows[row + 1]):
                while at < end and place[at] < place[pair] - reach:
                    at += 1
                other = at
                while other < end and place[other] < place[pair]:
                    length[pair] = max(length[pair], length[other] + 1)
                    other += 1
