"""From letters on the path to words with times: edges at pauses, the model's delay taken off."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

import numpy as np
import numpy.typing as npt

from core.alignment.words import SHORTEST, Times, delay, runs_of, settle
from core.audio.levels import HOP_SECONDS
from core.audio.silence import active
from core.runs.long.placing import Placed

BLOCK, AROUND = 30.0, 30.0  # seconds: speech and silence are told apart by the levels around each block
KEPT = 0.25  # seconds after its last letter within which the last word of a sentence ends, pause or not


def speech(levels: npt.NDArray[np.float32]) -> list[Times]:
    """Stretches of speech (or of other sound) in `levels` (n,) of any length, seconds."""
    block, around = round(BLOCK / HOP_SECONDS), round(AROUND / HOP_SECONDS)
    mask = np.zeros(len(levels), np.bool_)
    for at in range(0, len(levels), block):
        begin, end = max(0, at - around), min(len(levels), at + block + around)
        mask[at : at + block] = active(levels[begin:end])[at - begin : at - begin + block]
    return runs_of(mask)


def timed(placed: Sequence[Placed], runs: Sequence[Times], seconds: float, frame: float
          ) -> list[dict[int, Times]]:
    """For each sentence, in the order of their time, start and end of its words (by their places), seconds.

    A sentence that follows another without a pause has no onset of its own: it is as late as the others.
    """
    letters = [[(own[0].start * frame, own[-1].end * frame) for own in each.letters.values()]
               for each in placed]
    begins = [start for start, _ in runs]
    near: list[Sequence[Times]] = []
    for at, own in enumerate(letters):
        before = letters[at - 1][-1][1] if at else 0.0
        after = letters[at + 1][0][0] if at + 1 < len(letters) else seconds
        near.append(_near(runs, begins, before, own, min(after, own[-1][1] + KEPT)))
    late = [delay(own, those) for own, those in zip(letters, near, strict=True)]
    usual = median([each for each in late if each] or [0.0])
    found = []
    for each, own, those, own_late in zip(placed, letters, near, late, strict=True):
        end = those[-1][1] if those else own[-1][1]
        times = settle(own, those, max(end, own[-1][1]), own_late or usual)
        found.append(dict(zip(each.letters, times, strict=True)))
    for one, following in pairwise(found):
        _part(one, following)
    return found


def _part(own: dict[int, Times], following: dict[int, Times]) -> None:
    """Two sentences in each other's way meet where the second begins, or as soon as the first one lets it."""
    last, first = next(reversed(own)), next(iter(following))
    (start, end), (begin, stop) = own[last], following[first]
    if end > begin:
        meet = min(max(begin, start + SHORTEST), end)
        own[last] = (start, meet)
        following[first] = (meet, max(stop, meet + SHORTEST))


def _near(runs: Sequence[Times], begins: Sequence[float], before: float, own: Sequence[Times], after: float
          ) -> list[Times]:
    """The stretches of speech of a sentence: from the one in which its first letter lies to `after`; what the
    sentence before has of the first one is cut away."""
    first = max(0, bisect_left(begins, own[0][0] + HOP_SECONDS) - 1)
    found = []
    for start, end in runs[first:]:
        if start >= after:
            break
        if end > before:
            found.append((max(start, before), min(end, after)))
    return found
