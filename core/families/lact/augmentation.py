"""Disturbed copies of a clip's features (SpecAugment, arXiv 1904.08779, and tempo); every draw is a pure
function of (seed, epoch, clip id)."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

from core.alignment.viterbi import frames_needed
from core.families.base import Example
from core.families.lact.options import LactOptions
from core.modelling.lact.asr_config import SUBSAMPLING
from core.modelling.lact.features import SECONDS_PER_FRAME

Floats = npt.NDArray[Any]


def augment(example: Example, options: LactOptions, seed: int, epoch: int) -> Example:
    """`example` at another tempo, with hidden stretches and bands."""
    key = int.from_bytes(hashlib.sha256(example.id.encode("utf-8")).digest()[:8], "little")
    rng = np.random.default_rng([seed, epoch, key])
    mel = _other_tempo(example.features, options.tempo, frames_needed(example.labels) * SUBSAMPLING, rng)
    mean = float(mel.mean())
    for _ in range(options.frequency_masks):
        width, start = _stretch(mel.shape[1], options.frequency_mask_share * mel.shape[1], rng)
        mel[:, start : start + width] = mean
    for _ in range(options.time_masks):
        width, start = _stretch(len(mel), options.time_mask_seconds / SECONDS_PER_FRAME, rng)
        mel[start : start + width] = mean
    return dataclasses.replace(example, features=mel)


def _stretch(n: int, widest: float, rng: np.random.Generator) -> tuple[int, int]:
    """(width, start) of what is hidden among `n` places."""
    return int(rng.uniform(0, widest)), int(rng.integers(0, n))


def _other_tempo(mel: Floats, share: float, fewest: int, rng: np.random.Generator) -> Floats:
    """A copy of `mel` (frames, bins) as of somebody who speaks up to `share` faster or slower; no shorter
    than `fewest` frames, unless it was so before."""
    n = max(min(len(mel), fewest), round(len(mel) / rng.uniform(1 - share, 1 + share)))
    at = np.linspace(0, len(mel) - 1, n)
    left = np.floor(at).astype(int)
    part = (at - left)[:, None]
    made = mel[left] * (1 - part) + mel[np.minimum(left + 1, len(mel) - 1)] * part
    return np.asarray(made, np.float32)
