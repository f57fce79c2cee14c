"""How varied the codes of a sound are, codebook by codebook: a model that is stuck says one code over and
over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.types import Finding

LOOP_SECONDS = 1.0
"""One code that holds so long is no speech: even a drawn-out vowel changes sooner."""
LOOP_BITS = 2.0
"""Entropy of four codes in turn; speech of a second has more in every codebook."""
LOOP_SHARE = 0.5
"""Of the codebooks, from which on it is told."""


@dataclass(frozen=True)
class Diversity:
    """The codes of one codebook: `distinct_share`, how many different ones among as many as could be (the
    frames, or the codebook where that is smaller); `entropy_bits` of their frequencies, 0 for one code alone;
    and the frames of the `longest_run` of one code."""

    distinct_share: float
    entropy_bits: float
    longest_run: int


def diversity(codes: npt.NDArray[np.integer], codebook_size: int) -> tuple[Diversity, ...]:
    """One for each codebook of `codes` (frames, codebooks), ids from 0 to `codebook_size` - 1.

    The entropy is Shannon's, of the codes as they were counted. Raises ValueError for codes that the codebook
    does not have, or of another shape.
    """
    if codes.ndim != 2:
        raise ValueError(f"codes are (frames, codebooks), not of shape {codes.shape}")
    if codes.size and not 0 <= codes.min() <= codes.max() < codebook_size:
        raise ValueError(f"codes lie in 0..{codebook_size - 1}, not in {codes.min()}..{codes.max()}")
    return tuple(_of_one(codes[:, book], codebook_size) for book in range(codes.shape[1]))


def _of_one(codes: npt.NDArray[np.integer], codebook_size: int) -> Diversity:
    if not len(codes):
        return Diversity(0.0, 0.0, 0)
    counts = np.unique(codes, return_counts=True)[1]
    shares = counts / len(codes)
    edges = np.flatnonzero(np.diff(codes)) + 1
    runs = np.diff(np.concatenate(([0], edges, [len(codes)])))
    entropy = max(0.0, -float(np.sum(shares * np.log2(shares))))
    return Diversity(len(counts) / min(len(codes), codebook_size), entropy, int(runs.max()))


def silence_loop(found: Sequence[Diversity], n_frames: int, frame_rate: float) -> Finding | None:
    """The finding "silence_loop" where at least half of the codebooks hold one code for a second, or turn
    among four or fewer for longer; None for speech, and for what is shorter than a second.

    `n_frames` is the length of the codes, `frame_rate` the frames of a second.
    """
    long = LOOP_SECONDS * frame_rate
    stuck = [one for one in found if one.longest_run >= long or one.entropy_bits <= LOOP_BITS]
    if n_frames < long or not found or len(stuck) < LOOP_SHARE * len(found):
        return None
    seconds = max(one.longest_run for one in stuck) / frame_rate
    told = (f"{len(stuck)} of {len(found)} codebooks say the same over and over, one code for up to"
            f" {seconds:.1f} s: the sound hangs in silence or in one tone. Train for fewer steps or with a"
            " lower learning rate, and look for long silences in the takes.")
    return Finding("silence_loop", "warn", told, seconds)
