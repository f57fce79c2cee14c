"""The inner loops of the aligner, compiled by numba when they are first used and kept on the disk.

`before` is the row of the frame before: the log-probability of being in each state then. The row before the
first frame has 0 in state 0 and minus infinity elsewhere.
"""
from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit  # type: ignore[import-untyped,unused-ignore]

Array = npt.NDArray[np.float32]
States = npt.NDArray[np.int32]


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator,unused-ignore]
def forward(emitted: Array, labels: States, jumps: Array, step: int, kept: Array) -> Array:
    """Log-probability of the best path into each state at the last frame; `kept[k]` gets the row before frame
    `k * step`.

    States from which the end cannot be reached any more are left out; nothing that is read later comes from
    them.
    """
    n_frames, n_states = emitted.shape[0], labels.shape[0]
    before = np.full(n_states, -np.inf, np.float32)
    now = np.full(n_states, -np.inf, np.float32)
    before[0] = 0.0
    for frame in range(n_frames):
        if frame % step == 0:
            kept[frame // step, :] = before
        row = emitted[frame]
        low, high = max(0, n_states - 2 * (n_frames - frame)), min(n_states, 2 * frame + 2)
        for state in range(max(2, low), high):
            best = max(before[state], before[state - 1])
            now[state] = max(best, before[state - 2] + jumps[state]) + row[labels[state]]
        if low <= 1:
            now[1] = max(before[1], before[0]) + row[labels[1]]
        if low == 0:
            now[0] = before[0] + row[labels[0]]
        before, now = now, before
    return before


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator,unused-ignore]
def back_through(emitted: Array, labels: States, jumps: Array, first: Array, begin: int, end: int, state: int,
                 path: States) -> int:
    """Fill `path` for frames `begin` to `end` (exclusive), given the state at the last of them and the row
    before the first; returns the state at the frame before `begin`."""
    n = end - begin
    low = max(0, state - 2 * n)
    width = state - low + 1
    before, now = first[low:state + 1].copy(), np.empty(width, np.float32)
    moves = np.zeros((n, width), np.int8)
    for frame in range(n):
        row = emitted[begin + frame]
        for at in range(width):
            best, move = before[at], 0
            if at >= 1 and before[at - 1] > best:
                best, move = before[at - 1], 1
            if at >= 2 and before[at - 2] + jumps[low + at] > best:
                best, move = before[at - 2] + jumps[low + at], 2
            now[at] = best + row[labels[low + at]]
            moves[frame, at] = move
        before, now = now, before
    for frame in range(n - 1, -1, -1):
        path[begin + frame] = state
        state -= moves[frame, state - low]
    return state


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator,unused-ignore]
def total(emitted: Array, labels: States, jumps: Array) -> float:
    """Log-probability of all paths together, in double precision."""
    n_frames, n_states = emitted.shape[0], labels.shape[0]
    before = np.full(n_states, -np.inf)
    now = np.full(n_states, -np.inf)
    before[0] = 0.0
    for frame in range(n_frames):
        row = emitted[frame]
        for state in range(min(n_states, 2 * frame + 2)):
            stay = before[state]
            step = before[state - 1] if state >= 1 else -np.inf
            jump = before[state - 2] + jumps[state] if state >= 2 else -np.inf
            best = max(stay, step, jump)
            if best == -np.inf:
                now[state] = -np.inf
            else:
                parts = np.exp(stay - best) + np.exp(step - best) + np.exp(jump - best)
                now[state] = best + np.log(parts) + row[labels[state]]
        before, now = now, before
    if n_states == 1:
        return before[0]
    best = max(before[n_states - 1], before[n_states - 2])
    if best == -np.inf:
        return best
    return best + np.log(np.exp(before[n_states - 1] - best) + np.exp(before[n_states - 2] - best))
