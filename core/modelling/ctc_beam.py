"""Prefix beam search over CTC frames: the likeliest text, where the best path finds only the likeliest way
to write one (Hannun et al. 2014, arXiv 1408.2873, without a language model)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

NEVER = -np.inf
FAR = 12.0
"""Tokens that are so many nats below the best one of their frame begin no new text."""


@dataclass(frozen=True)
class Found:
    """A text as its `tokens`, and the natural logarithm of its probability over the paths that were kept."""

    tokens: tuple[int, ...]
    log_probability: float


@dataclass
class _Ways:
    """Log-probabilities of all kept ways to a prefix: those that end in a blank, and those that do not."""

    blank: float = NEVER
    token: float = NEVER

    @property
    def total(self) -> float:
        return float(np.logaddexp(self.blank, self.token))


def search(log_probs: npt.NDArray[Any], beam: int, blank: int = 0) -> list[Found]:
    """The `beam` likeliest texts of `log_probs` (frames, vocabulary), best first; exact where the beam holds
    every prefix and no token is `FAR`."""
    kept: dict[tuple[int, ...], _Ways] = {(): _Ways(blank=0.0)}
    for row in log_probs.astype(np.float64):
        near = [int(i) for i in np.flatnonzero(row > row.max() - FAR) if i != blank]
        kept = _best(_grown(kept, row.tolist(), near, blank), beam)
    return [Found(prefix, ways.total) for prefix, ways in kept.items()]


def _grown(
    kept: dict[tuple[int, ...], _Ways], row: list[float], near: list[int], blank: int
) -> dict[tuple[int, ...], _Ways]:
    """All prefixes after one more frame: the same, the last token held, or one token more."""
    grown: dict[tuple[int, ...], _Ways] = defaultdict(_Ways)
    for prefix, ways in kept.items():
        total, same = ways.total, grown[prefix]
        same.blank = float(np.logaddexp(same.blank, total + row[blank]))
        if prefix:
            same.token = float(np.logaddexp(same.token, ways.token + row[prefix[-1]]))
        for token in near:
            # a token after itself is a new one only behind a blank
            before = ways.blank if prefix and token == prefix[-1] else total
            if before == NEVER:
                continue
            longer = grown[(*prefix, token)]
            longer.token = float(np.logaddexp(longer.token, before + row[token]))
    return grown


def _best(grown: dict[tuple[int, ...], _Ways], beam: int) -> dict[tuple[int, ...], _Ways]:
    """The `beam` likeliest, best first; of equally likely ones the first by its tokens."""
    ranked = sorted(grown.items(), key=lambda item: (-item[1].total, item[0]))
    return dict(ranked[:beam])


def log_softmax(logits: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Natural logarithms of probabilities (frames, vocabulary)."""
    exact = logits.astype(np.float64)
    shifted = exact - exact.max(-1, keepdims=True)
    made: npt.NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return made
