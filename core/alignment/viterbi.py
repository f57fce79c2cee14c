"""The most likely CTC path of known tokens through log-probabilities, exact, in little memory.

A full trellis of an hour of speech has 180,000 frames by 90,000 states. The forward pass here keeps 64 of its
rows and no back-pointers. Then, block by block from the end, it computes again the few states that the path
can reach, since a path gains at most one token a frame; a long block is divided the same way.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import BadInput

Array = npt.NDArray[np.float32]
Rows = npt.NDArray[np.float64]

STAR = -2  # among the tokens: anything may be said here, or nothing (-1 is what a failed look-up gives)
# Nats a frame that a star lies below the best column. Measured on 150 made recordings of three texts each, of
# which the middle one is known (the starter, 40 to 5 dB of noise). A star of probability 1, as elsewhere,
# squeezes 67 % of the words where the model is unsure of all that it hears (log-probabilities a quarter as
# far apart); measured from the best column, 1 %. Without a cost, a text that shares a phrase with what is
# said around it lands there twice as often (13 % of its outer words at 12 dB, 8 % at 0.5); with a high one,
# its outer words spread over sound that is not theirs (at 5 dB 7 % at 0.5, 14 % at 2, 35 % at 4).
STAR_COST = 0.5
_ROWS = 64  # kept of a stretch; a 64th of it is then computed again for its pairs
_SMALL = 2**17  # pairs by frames of which all rows are kept: 2 MB


@dataclass(frozen=True, slots=True)
class Span:
    """Where one token is spoken: frames `start` to `end` (exclusive) of the path that are its own, and their
    mean log-probability. A star has all frames between its neighbours, maybe none: then its score is 0."""

    token: int
    start: int
    end: int
    score: float


def frames_needed(tokens: Sequence[int]) -> int:
    """The fewest frames on which CTC can write `tokens`: equal neighbours need a blank between them (or
    something that a star swallows), a star by itself needs none."""
    said = [token for token in tokens if token != STAR]
    return len(said) + sum(a == b for a, b in pairwise(said))


def align(log_probs: Array, tokens: Sequence[int], blank: int = 0) -> list[Span]:
    """The spans of `tokens` (n,) on the most likely path through `log_probs` (frames, vocabulary) of a model
    with CTC (Graves et al. 2006, https://doi.org/10.1145/1143844.1143891).

    A `STAR` among the tokens, anywhere, swallows whatever is said there. Where two paths are equally likely
    the earlier token holds its place for longer. Log-probabilities that are contiguous float32 are never
    copied; memory beside them: about 1 kB a token. Raises BadInput where the frames are too few for the
    tokens, where a token is the blank or no column, and where no path has a probability above zero.
    """
    emitted = np.ascontiguousarray(log_probs, dtype=np.float32)
    said = np.array([token for token in tokens if token != STAR], np.int64)
    columns, jumps = _pairs(emitted, said, blank)
    if not len(tokens):
        return []
    needed = frames_needed(tokens)
    if np.isnan(emitted.max(initial=-np.inf)):
        raise BadInput("The model's output holds values that are no numbers (NaN) for this sound.")
    if len(emitted) < needed:
        raise BadInput(f"The text needs {needed} frames of sound and there are {len(emitted)}: it is too "
                       "long for this sound. Check that the two belong together.")
    states = _states(tokens)
    starred = np.zeros(len(columns), np.bool_)
    starred[states[states % 2 == 0] // 2] = True
    silence = emitted[:, blank].copy()
    search = _Search(emitted, silence, _free(emitted, silence) if starred.any() else silence, columns, jumps,
                     starred, np.empty(len(emitted), np.int32))
    search.run()
    return _spans(search, tokens, states)


def _pairs(emitted: Array, said: npt.NDArray[np.int64], blank: int) -> tuple[npt.NDArray[Any], Rows]:
    """Of each token with the gap that follows it, after a pair 0 that is only a gap: the token's column, and
    what it costs to come to it from the token before (0, or minus infinity where it is not allowed)."""
    if said.size and (said.min() < 0 or said.max() >= emitted.shape[1] or (said == blank).any()):
        raise BadInput(f"A token is not one of the model's {emitted.shape[1]} or is its blank ({blank}).")
    columns = np.concatenate(([blank], said)).astype(np.min_scalar_type(emitted.shape[1]))
    jumps = np.full(len(columns), -np.inf)
    jumps[2:] = np.where(said[1:] != said[:-1], 0.0, -np.inf)
    return columns, jumps


def _states(tokens: Sequence[int]) -> npt.NDArray[np.int64]:
    """The state of each token: 1, 3, ... and for a star that of the gap where it stands, 0, 2, ..."""
    stars = np.asarray(tokens) == STAR
    return 2 * np.cumsum(~stars) - ~stars


def _free(emitted: Array, silence: Array) -> Array:
    """What a star emits (frames,): the best column less `STAR_COST`, or the blank where that is better."""
    free: Array = np.maximum(emitted.max(1, initial=-np.inf) - np.float32(STAR_COST), silence)
    return free


@dataclass(frozen=True)
class _Search:
    """What is searched, and the state of each frame on the best path once it is found (frames,)."""

    emitted: Array
    silence: Array
    free: Array
    columns: npt.NDArray[Any]
    jumps: Rows
    starred: npt.NDArray[np.bool_]
    path: npt.NDArray[np.int32]

    def run(self) -> None:
        """Find the path."""
        first = np.full((2, len(self.columns)), -np.inf)
        first[1, 0] = 0.0
        self._back(0, len(self.path), 0, first, None)

    def _back(self, begin: int, end: int, low: int, first: Rows, state: int | None) -> int:
        """Fill the path from frame `begin` to `end` (exclusive): of the pairs from `low` on, whose row before
        is `first`, it ends in the last (in `state`); returns the state before."""
        from core.alignment import _kernels  # numba takes its time

        n, frames = first.shape[1], slice(begin, end)
        step = 1 if n * (end - begin) <= _SMALL else -(-(end - begin) // _ROWS)
        pairs = slice(low, low + n)
        kept, last = _kernels.forward(
            self.emitted[frames], self.silence[frames], self.free[frames], self.columns[pairs],
            self.jumps[pairs], self.starred[pairs], first, 0 if state is None else n - 1, step)
        if state is None:
            state = _final(last)
        if step == 1:
            before = _kernels.back(kept, self.jumps[pairs], state - 2 * low, self.path[frames])
            self.path[frames] += 2 * low
            return before + 2 * low
        for block in range(len(kept) - 1, -1, -1):
            from_, to = begin + block * step, min(begin + (block + 1) * step, end)
            high = (state + 1) // 2 + 1
            lowest = max(low, high - 1 - (to - from_))
            window = np.ascontiguousarray(kept[block, :, lowest - low:high - low])
            state = self._back(from_, to, lowest, window, state)
        return state


def _final(last: Rows) -> int:
    """The state in which the best path ends, given the last row."""
    said, gap = last[:, -1].tolist()
    if max(said, gap) == -math.inf:
        raise BadInput("No way through the sound has a probability above zero for this text: the model's "
                       "output holds impossible values.")
    return 2 * (last.shape[1] - 1) - int(said >= gap)


def _spans(search: _Search, tokens: Sequence[int], states: npt.NDArray[np.int64]) -> list[Span]:
    """The frames of each token's state; a second star in one gap finds nothing left."""
    path, odd = search.path, search.path % 2 == 1
    scores = np.where(odd, search.emitted[np.arange(len(path)), search.columns[(path + 1) // 2]], search.free)
    sums = np.concatenate(([0.0], np.cumsum(scores, dtype=np.float64)))
    starts, ends = np.searchsorted(path, states), np.searchsorted(path, states, side="right")
    again = np.flatnonzero(states[1:] == states[:-1]) + 1
    starts[again] = ends[again]
    means = (sums[ends] - sums[starts]) / np.maximum(1, ends - starts)
    return [Span(int(token), start, end, score) for token, start, end, score
            in zip(tokens, starts.tolist(), ends.tolist(), means.tolist(), strict=True)]


def log_likelihood(log_probs: Array, tokens: Sequence[int], blank: int = 0) -> float:
    """Natural logarithm of the probability that the model writes `tokens` on these frames, over all paths;
    minus infinity where they do not fit. Raises BadInput as `align` does for tokens that are no columns."""
    from core.alignment import _kernels

    emitted = np.ascontiguousarray(log_probs, dtype=np.float32)
    columns, jumps = _pairs(emitted, np.asarray(tokens, np.int64), blank)
    if len(emitted) < max(1, frames_needed(tokens)):
        return -math.inf
    return float(_kernels.total(emitted, columns, jumps, blank))
