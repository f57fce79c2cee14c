"""What chance alone makes of pairs, so that a chain counts only where chance does not come near it."""
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.alignment.matching import Floats, Ints
from core.alignment.weights import runs

CHANCE = 1e-4  # random chains that are taken for true ones, expected in a whole recording
ENOUGH = 1000  # matches on random chains, for the slope of their scores
SHUFFLES = 12
PHRASE = 8  # words in a row that another text may share
BLOCKS = 50  # at least, or there is no order to destroy
DRIFT = 4.0  # times the loss at which random chains neither gain nor lose


@dataclass(frozen=True)
class Noise:
    """`loss`: what a chain loses with each word that it passes, so that random ones lose more than they gain;
    `typical` and `scale`: median and mean excess of the scores of `n` random chains, which fall off
    exponentially (Karlin and Altschul 1990, https://doi.org/10.1073/pnas.87.6.2264)."""

    loss: float
    typical: float
    scale: float
    n: float

    def chance(self, score: float) -> float:
        """How many random chains of at least this score are to be expected."""
        return self.n * math.exp(-max(0.0, score - self.typical) / self.scale)

    def least(self, chance: float = CHANCE) -> float:
        """The score from which on no more than `chance` random chains are to be expected."""
        return self.typical + self.scale * math.log(max(1.0, self.n / chance))


def best(text: Ints, place: Ints, weight: Floats) -> Ints:
    """Which pairs (n,) are on the heaviest chain in which text and place both rise strictly, in that order.

    O(n log n): sorted by text, and by falling place within a word, so that no two of one word can follow each
    other; the heaviest chain up to each place is kept in a Fenwick tree.
    """
    from core.alignment import _chain_kernels  # numba takes its time

    n_places = int(place.max(initial=0)) + 1
    order = np.argsort(text * n_places - place, kind="stable")
    before = np.empty(len(order), np.int64)
    last = _chain_kernels.heaviest(place[order], weight[order], n_places, before)
    found = []
    while last >= 0:
        found.append(order[last])
        last = before[last]
    return np.array(found[::-1], np.int64)


def noise(text: Ints, place: Ints, weight: Floats, n_places: int) -> Noise:
    """The chains that pairs (n,) make when the `n_places` places are dealt anew: the same words, the same
    rarities (`weight`, without runs), the same phrases, no order."""
    rng = np.random.default_rng(0)
    gains, steps = [], []
    for _ in range(SHUFFLES):
        dealt = _dealt(n_places, rng)[place]
        heavy = weight * runs(text, dealt)
        chosen = best(text, dealt, heavy)
        gains.append(heavy[chosen])
        steps.append(passed(text[chosen], dealt[chosen]))
        if sum(map(len, gains)) > ENOUGH:
            break
    loss = DRIFT * float(np.concatenate(gains).sum()) / max(1, int(np.concatenate(steps).sum()))
    nets = [gain - loss * step for gain, step in zip(gains, steps, strict=True)]
    scores = [peak for net in nets for peak in _excursions(net)]
    typical = float(np.median(scores)) if scores else 0.0
    excess = [score - typical for score in scores if score > typical]
    scale = float(np.mean(excess)) if excess else max(1.0, typical)
    return Noise(loss, typical, scale, max(1.0, len(scores) / len(gains)))


def _dealt(n_places: int, rng: np.random.Generator) -> Ints:
    """The places in blocks, the blocks in random order: phrases stay, as other texts have them too."""
    block = np.arange(n_places) // max(1, min(PHRASE, n_places // BLOCKS))
    return np.argsort(np.argsort(rng.permutation(block[-1] + 1)[block], kind="stable"))


def passed(text: Ints, place: Ints) -> Ints:
    """Words from each match of a chain to the one before, on the side that has more; 0 for the first."""
    return np.maximum(np.diff(text, prepend=text[:1]), np.diff(place, prepend=place[:1]))


def _excursions(net: Floats) -> list[float]:
    """The peaks of the sum that begins anew wherever it falls to zero."""
    peaks, total, peak = [], 0.0, 0.0
    for value in net.tolist():
        total += value
        peak = max(peak, total)
        if total <= 0:
            if peak > 0:
                peaks.append(peak)
            total = peak = 0.0
    return [*peaks, peak] if peak > 0 else peaks
