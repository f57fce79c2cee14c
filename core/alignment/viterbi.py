"""The most likely CTC path of known tokens through log-probabilities, exact, in little memory.

A full trellis of an hour of speech has 180,000 frames by 90,000 states. The forward pass here keeps only
every C-th row (C = the square root of the number of frames) and no back-pointers. Then, block by block from
the end, it computes again the few states that the path can reach: it moves by at most two states a frame.
"""
from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from core.errors import BadInput

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Span:
    """Where one token is spoken: frames `start` to `end` (exclusive) of the path that are its own, and their
    mean log-probability."""

    token: int
    start: int
    end: int
    score: float


def frames_needed(tokens: Sequence[int]) -> int:
    """The fewest frames on which CTC can write `tokens`: equal neighbours need a blank between them."""
    return len(tokens) + sum(a == b for a, b in pairwise(tokens))


def align(log_probs: Array, tokens: Sequence[int], blank: int = 0) -> list[Span]:
    """The spans of `tokens` (n,) on the most likely path through `log_probs` (frames, vocabulary) of a model
    with CTC (Graves et al. 2006, https://doi.org/10.1145/1143844.1143891).

    Where two paths are equally likely the earlier token holds its place for longer. Memory beside the
    input: about 8 n sqrt(frames) bytes. Raises BadInput where the frames are too few for the tokens, where
    a token is the blank or no column, and where no path has a probability above zero.
    """
    emitted = np.ascontiguousarray(log_probs, dtype=np.float32)
    labels, jumps = _states(emitted, tokens, blank)
    if not len(tokens):
        return []
    needed = frames_needed(tokens)
    if np.isnan(emitted.max(initial=-np.inf)):
        raise BadInput("The model's output holds values that are no numbers (NaN) for this sound.")
    if len(emitted) < needed:
        raise BadInput(f"The text needs {needed} frames of sound and there are {len(emitted)}: it is too "
                       "long for this sound. Check that the two belong together.")
    path = _path(emitted, labels, jumps)
    return _spans(path, emitted, labels)


def _states(emitted: Array, tokens: Sequence[int], blank: int) -> tuple[npt.NDArray[np.int32], Array]:
    """Column of each of the 2 n + 1 states, and what a move from two states before it costs (0, or minus
    infinity where it is not allowed)."""
    given = np.asarray(tokens, dtype=np.int64)
    if given.size and (given.min() < 0 or given.max() >= emitted.shape[1] or (given == blank).any()):
        raise BadInput(f"A token is not one of the model's {emitted.shape[1]} or is its blank ({blank}).")
    labels = np.full(2 * len(given) + 1, blank, np.int32)
    labels[1::2] = given
    jumps = np.full(len(labels), -np.inf, np.float32)
    jumps[3::2] = np.where(given[1:] != given[:-1], 0.0, -np.inf)
    return labels, jumps


def _path(emitted: Array, labels: npt.NDArray[np.int32], jumps: Array) -> npt.NDArray[np.int32]:
    """The state of each frame."""
    from core.alignment import _kernels  # numba takes its time

    n_frames, n_states = len(emitted), len(labels)
    step = max(1, math.isqrt(n_frames))
    kept = np.empty((-(-n_frames // step), n_states), np.float32)
    last = _kernels.forward(emitted, labels, jumps, step, kept)
    state = n_states - 1 if last[-1] > last[-2] else n_states - 2
    if not np.isfinite(last[state]):
        raise BadInput("No way through the sound has a probability above zero for this text: the model's "
                       "output holds impossible values.")
    path = np.empty(n_frames, np.int32)
    for block in range(len(kept) - 1, -1, -1):
        begin, end = block * step, min((block + 1) * step, n_frames)
        state = _kernels.back_through(emitted, labels, jumps, kept[block], begin, end, state, path)
    return path


def _spans(path: npt.NDArray[np.int32], emitted: Array, labels: npt.NDArray[np.int32]) -> list[Span]:
    scores = emitted[np.arange(len(path)), labels[path]].astype(np.float64)
    odd = np.flatnonzero(path % 2)
    edges = np.flatnonzero(np.diff(path[odd], prepend=-1, append=-1))
    return [
        Span(int(labels[path[odd[a]]]), int(odd[a]), int(odd[b - 1]) + 1, float(scores[odd[a:b]].mean()))
        for a, b in pairwise(edges.tolist())
    ]


def log_likelihood(log_probs: Array, tokens: Sequence[int], blank: int = 0) -> float:
    """Natural logarithm of the probability that the model writes `tokens` on these frames, over all paths;
    minus infinity where they do not fit. Raises BadInput as `align` does for tokens that are no columns."""
    from core.alignment import _kernels

    emitted = np.ascontiguousarray(log_probs, dtype=np.float32)
    labels, jumps = _states(emitted, tokens, blank)
    if len(emitted) < max(1, frames_needed(tokens)):
        return -math.inf
    return float(_kernels.total(emitted, labels, jumps))
