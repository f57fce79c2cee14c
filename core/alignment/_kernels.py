"""The inner loops of the aligner, compiled by numba when they are first used and kept on the disk.

Every token makes a pair with the gap (blanks, or a star) that follows it; pair 0 is the gap before the first
one, and its token is never said. A row holds the log-probability of being in each state after some frame:
`row[0]` of the tokens, `row[1]` of the gaps, (2, pairs), in double precision: what 720,000 frames add up to
has no digits left in single precision.
"""
from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit  # type: ignore[import-untyped,unused-ignore]

Array = npt.NDArray[np.float32]
Rows = npt.NDArray[np.float64]
Columns = npt.NDArray[Any]  # the smallest unsigned integers: an index without a sign is quicker
Mask = npt.NDArray[np.bool_]

TILE = 512  # pairs whose rows stay in the nearest cache while all frames of a block pass over them


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator,unused-ignore]
def forward(emitted: Array, silence: Array, free: Array, columns: Columns, jumps: Rows, starred: Mask,
            first: Rows, highest: int, step: int) -> tuple[Rows, Rows]:
    """The rows before frames 0, `step`, 2 `step`, ... (n, 2, pairs), and the row after the last.

    `emitted` (frames, vocabulary) of the tokens, `silence` (frames,) of a gap, `free` (frames,) of one where
    `starred`; `first` is the row before the first frame and `highest` the highest pair in it that can be.
    A pair takes from itself and from the one below, never from above: so tile after tile of pairs goes
    through all frames of a block, given what the one below held at its upper edge. States from which the
    last pair cannot be reached in time are left out; nothing that is read later comes from them.
    """
    n_frames, n_pairs = emitted.shape[0], columns.shape[0]
    kept, row = np.empty((-(-n_frames // step), 2, n_pairs)), first.copy()
    edge = np.empty((2, min(step, n_frames)))
    for begin in range(0, n_frames, step):
        kept[begin // step] = row
        edge[:] = -np.inf
        for low in range(0, n_pairs, TILE):
            high = min(low + TILE, n_pairs)
            since = max(begin, low - highest - 1)
            until = max(since, min(begin + step, high + n_frames - n_pairs))
            edge[:, :since - begin] = -np.inf
            now = edge[:, since - begin:until - begin]
            _through(emitted[since:until], silence[since:until], free[since:until], columns[low:high],
                     jumps[low:high], starred[low:high], row[:, low:high], now)
            edge[:, until - begin:] = -np.inf
    return kept, row


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator,unused-ignore]
def _through(emitted: Array, silence: Array, free: Array, columns: Columns, jumps: Rows, starred: Mask,
             row: Rows, edge: Rows) -> None:
    """Move `row` of one tile over all frames; `edge` (2, frames) held the pair below before each of them, and
    gets the tile's highest pair."""
    n = columns.shape[0]
    tokens, gaps, now, heard = np.empty(n + 1), np.empty(n + 1), np.empty(n + 1), np.empty(n)
    tokens[1:], gaps[1:] = row[0], row[1]
    for frame in range(emitted.shape[0]):
        tokens[0], gaps[0] = edge[0, frame], edge[1, frame]
        edge[0, frame], edge[1, frame] = tokens[n], gaps[n]
        # Three plain loops: the compiler makes vectors of those that look nothing up.
        for at in range(n):
            heard[at] = emitted[frame, columns[at]]
        for at in range(n):
            moved, jumped = max(tokens[at + 1], gaps[at]), tokens[at] + jumps[at]
            now[at + 1] = max(moved, jumped) + heard[at]
        blank, star = np.float64(silence[frame]), np.float64(free[frame])
        for at in range(n):
            gaps[at + 1] = max(gaps[at + 1], tokens[at + 1]) + (star if starred[at] else blank)
        tokens, now = now, tokens
    row[0], row[1] = tokens[1:], gaps[1:]


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator,unused-ignore]
def back(kept: Rows, jumps: Rows, state: int, path: npt.NDArray[np.int32]) -> int:
    """Fill `path` (frames,) given the row before each frame and the state at the last; returns the state
    before the first. State 2 i is the gap of pair i and 2 i - 1 its token."""
    for frame in range(len(path) - 1, -1, -1):
        path[frame] = state
        tokens, gaps, pair = kept[frame, 0], kept[frame, 1], (state + 1) // 2
        if state % 2 == 0:
            state -= int(tokens[pair] > gaps[pair])
        else:
            best, move = tokens[pair], 0
            if gaps[pair - 1] > best:
                best, move = gaps[pair - 1], 1
            if tokens[pair - 1] + jumps[pair] > best:
                move = 2
            state -= move
    return state


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator,unused-ignore]
def total(emitted: Array, columns: Columns, jumps: Rows, blank: int) -> float:
    """Log-probability of all paths together."""
    n_frames, n_pairs = emitted.shape[0], columns.shape[0]
    tokens, gaps = np.full(n_pairs, -np.inf), np.full(n_pairs, -np.inf)
    gaps[0] = 0.0
    for frame in range(n_frames):
        row = emitted[frame]
        for pair in range(min(n_pairs - 1, frame + 1), 0, -1):  # from above: the one below is still as before
            gaps[pair] = _either(gaps[pair], tokens[pair]) + row[blank]
            moved = _either(tokens[pair], gaps[pair - 1])
            tokens[pair] = _either(moved, tokens[pair - 1] + jumps[pair]) + row[columns[pair]]
        gaps[0] += row[blank]
    return _either(tokens[-1], gaps[-1])


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator,unused-ignore]
def _either(a: float, b: float) -> float:
    """The logarithm of the sum of two probabilities, given theirs."""
    high, low = max(a, b), min(a, b)
    return high if low == -np.inf else high + np.log1p(np.exp(low - high))
