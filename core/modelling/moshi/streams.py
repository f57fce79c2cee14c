"""The streams of a conversation as the model reads and writes them.

At place p it has read frame p - 1 of all streams (at place 0 their starts) and writes frame p of the text and
of its own sound. Of each sound the first codebook comes at its frame and the others one frame later, as
transformers' own generation has it. Without torch."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
NOT_LEARNED = -100
DELAY = 1
"""Frames by which all codebooks but the first come later."""


def delayed(codes: Numbers, fill: int) -> Numbers:
    """`codes` (frames, codebooks) of one sound with all but the first codebook `DELAY` frames later, `fill`
    before them. What would come behind the last frame is dropped."""
    found = np.full_like(codes, fill)
    found[:, 0] = codes[:, 0]
    found[DELAY:, 1:] = codes[: max(0, len(codes) - DELAY), 1:]
    return found


def undelayed(written: Numbers) -> Numbers:
    """The codes (frames - DELAY, codebooks) of a sound as it was `written`: the last frames of the first
    codebook, whose others never came, are dropped."""
    n = max(0, len(written) - DELAY)
    return np.concatenate([written[:n, :1], written[DELAY:, 1:]], axis=1)


def sounds(codes: Numbers, codebooks: int, fill: int) -> Numbers:
    """Several sounds beside each other (frames, sounds * codebooks), each delayed for itself."""
    parts = np.split(codes, codes.shape[1] // codebooks, axis=1)
    return np.concatenate([delayed(part, fill) for part in parts], axis=1)


def read(text: Numbers, heard: Numbers, starts: tuple[int, int]) -> tuple[Numbers, Numbers]:
    """What is read at each place: text (frames,) and delayed sounds (frames, codes) one place later, the
    starts of (text, sound) at the first."""
    first = np.full((1, heard.shape[1]), starts[1], np.int64)
    return np.concatenate([[starts[0]], text[:-1]]), np.concatenate([first, heard[:-1]])


def learned(own: Numbers) -> Numbers:
    """What is to be written of a delayed sound (frames, codebooks): not what was filled up."""
    found = own.copy()
    found[:DELAY, 1:] = NOT_LEARNED
    return found
