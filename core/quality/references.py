"""Which takes of a speaker show a model best how they sound, with the reasons."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from core.quality.figures import Material, figure
from core.quality.words import sentence

FLOOR = 0.2
"""What a figure that is as bad as can be leaves of a score: one bad figure does not hide the others."""
UNKNOWN = 0.7
"""What a figure is worth that nobody has measured: less than a good one, more than a bad one."""
_Ramp = tuple[tuple[float, ...], tuple[float, ...]]

WORTH: Mapping[str, _Ramp] = MappingProxyType({
    "seconds": ((1, 3, 12, 25), (0, 1, 1, 0)),
    "snr_db": ((10, 30), (0, 1)),
    "clipped_ratio": ((0, 0.001), (1, 0)),
    "speech_dbfs": ((-42, -28, -12, -6), (0, 1, 1, 0)),
    "longest_silence": ((0.5, 2), (1, 0)),
    "silence_ratio": ((0.4, 0.8), (1, 0)),
    "edge_cer": ((0, 0.4), (1, 0)),
})
"""By figure, at which values it is worth how much, straight lines between them: 3 to 12 seconds, as much
voice as a model needs and no more than it can attend to, loud enough and far from the noise, no clipping, few
pauses, and the first and last words as they were heard."""

MEASURED: Mapping[str, str] = MappingProxyType({
    "snr_db": "signal to noise ", "clipped_ratio": "clipping ", "longest_silence": "longest pause ",
    "silence_ratio": "silence "})
"""What a figure measures, where its unit and its word do not say so."""


@dataclass(frozen=True)
class Take:
    """A take that may serve: what its figures are made of, and whether a person has accepted it."""

    clip_id: str
    material: Material
    is_accepted: bool = True


@dataclass(frozen=True)
class Candidate:
    """A take with its worth as a reference, 0..1, and a reason for each figure: "24 dB: fair"."""

    clip_id: str
    score: float
    reasons: tuple[str, ...]


def ranked(takes: Iterable[Take]) -> list[Candidate]:
    """The takes that may be a reference, the best first; equals in the order of their ids.

    Only what a person has accepted, has a text and was measured may be one. The score is the product of what
    the figures are worth, so that a take has to be good in all of them.
    """
    found = [_judged(take) for take in takes if _may_be(take)]
    return sorted(found, key=lambda one: (-one.score, one.clip_id))


def _may_be(take: Take) -> bool:
    seconds = figure(take.material, "seconds")
    return take.is_accepted and bool((take.material.text or "").strip()) and seconds is not None


def _judged(take: Take) -> Candidate:
    values = {name: figure(take.material, name) for name in WORTH}
    score = math.prod(FLOOR + (1 - FLOOR) * _worth(name, value) for name, value in values.items())
    reasons = tuple(_reason(name, value) for name, value in values.items())
    return Candidate(take.clip_id, round(score, 4), reasons)


def _worth(name: str, value: float | None) -> float:
    return UNKNOWN if value is None or not math.isfinite(value) else float(np.interp(value, *WORTH[name]))


def _reason(name: str, value: float | None) -> str:
    """The figure with its unit and a word of meaning."""
    if name == "edge_cer":
        return _edges(value)
    if name == "seconds" and value is not None:
        (_, least, most, _), _ = WORTH[name]
        word = "short" if value < least else "long" if value > most else "good"
        return f"{value:.1f} s: {word} for a reference ({least:g} to {most:g} s)"
    return MEASURED.get(name, "") + sentence(name, value)


def _edges(value: float | None) -> str:
    if value is None:
        return "no recogniser has heard its first and last words"
    return f"its first and last words differ by {100 * value:.0f} % from what was heard"
