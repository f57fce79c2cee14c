"""How well a text and its sound agree: what the model would rather have written along its path."""
from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.alignment.viterbi import STAR, Span

WINDOW = 0.5  # seconds: about a word


@dataclass(frozen=True)
class Fit:
    """`agreement` 0..1: the likelihood of the text against that of what the model writes freely, a letter;
    `worst`: the mean distance of the two, nats a frame, in the worst half second. A word too many or too few
    hardly moves the first and shows in the second."""

    agreement: float
    worst: float


def fit(
    log_probs: npt.NDArray[np.float32], spans: Sequence[Span], blank: int, seconds_per_frame: float
) -> Fit:
    """Of the most likely path `spans` of a text through `log_probs` (frames, vocabulary); a star agrees with
    anything."""
    said = [span for span in spans if span.token != STAR]
    gaps = shortfall(log_probs, spans, blank)
    width = min(len(gaps), max(1, round(WINDOW / seconds_per_frame)))
    sums = np.cumsum(np.concatenate(([0.0], gaps)))
    worst = float((sums[width:] - sums[:-width]).max()) / width
    return Fit(round(math.exp(-float(sums[-1]) / max(1, len(said))), 4), round(worst, 4))


def shortfall(
    log_probs: npt.NDArray[np.float32], spans: Sequence[Span], blank: int
) -> npt.NDArray[np.float32]:
    """By how many nats each frame (frames,) of the path lies below the best column; 0 where a star is."""
    path = np.full(len(log_probs), blank)
    for span in spans:
        path[span.start : span.end] = span.token
    own = log_probs[np.arange(len(path)), np.maximum(path, 0)]
    gaps: npt.NDArray[np.float32] = np.where(path == STAR, 0.0, log_probs.max(1) - own)
    return gaps
