"""Greedy decoding of CTC logits into words with their times and scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from core.types import Word

BLOCK = 30_000  # frames


@dataclass(frozen=True)
class Alphabet:
    """What the columns of the logits mean: `tokens` id -> text, the blank's id, the word gap's id,
    ids that write nothing."""

    tokens: Mapping[int, str]
    blank: int
    delimiter: int
    silent: Set[int] = frozenset()


@dataclass(frozen=True)
class Emission:
    """One collapsed token: frames `start` to `end` (exclusive), and its mean probability."""

    token: int
    start: int
    end: int
    score: float


def emissions(logits: npt.NDArray[np.float32], alphabet: Alphabet) -> list[Emission]:
    """Best path of `logits` (frames, vocabulary): equal neighbours are one, blanks are gone."""
    best, probability = logits.argmax(-1), _of_best(logits)
    edges = [0, *(np.flatnonzero(np.diff(best)) + 1).tolist(), len(best)]
    return [
        Emission(int(best[a]), a, b, float(probability[a:b].mean()))
        for a, b in pairwise(edges)
        if a < b and best[a] != alphabet.blank
    ]


def _of_best(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """The probability of the best column of each frame (frames,); block by block, for hours of them."""
    found = [np.zeros(0)]
    for at in range(0, len(logits), BLOCK):
        block = logits[at : at + BLOCK].astype(np.float64)
        found.append(1.0 / np.exp(block - block.max(-1, keepdims=True)).sum(-1))
    return np.concatenate(found)


def words(logits: npt.NDArray[np.float32], alphabet: Alphabet, seconds_per_frame: float) -> tuple[Word, ...]:
    """The words that `logits` (frames, vocabulary) spell; times in seconds from the
    first frame, scores 0..1."""
    return grouped(emissions(logits, alphabet), alphabet, seconds_per_frame)


def grouped(
    emitted: Iterable[Emission], alphabet: Alphabet, seconds_per_frame: float
) -> tuple[Word, ...]:
    """The words that tokens spell, in order; times and scores as `words` gives them."""
    groups: list[list[Emission]] = [[]]
    for emission in emitted:
        if emission.token == alphabet.delimiter:
            groups.append([])
        elif emission.token not in alphabet.silent and emission.token in alphabet.tokens:
            groups[-1].append(emission)
    return tuple(_word(group, alphabet, seconds_per_frame) for group in groups if group)


def _word(group: list[Emission], alphabet: Alphabet, seconds_per_frame: float) -> Word:
    text = "".join(alphabet.tokens[e.token] for e in group)
    return Word(
        text,
        round(group[0].start * seconds_per_frame, 4),
        round(group[-1].end * seconds_per_frame, 4),
        round(sum(e.score for e in group) / len(group), 4),
    )


def mean_score(found: tuple[Word, ...]) -> float | None:
    """One score for a clip: the mean over its words by their length; None without words."""
    weights = [len(w.text) for w in found]
    if not sum(weights):
        return None
    return round(sum((w.score or 0.0) * n for w, n in zip(found, weights, strict=True)) / sum(weights), 4)
