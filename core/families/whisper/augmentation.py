"""Clips with hidden stretches and bands (SpecAugment, arXiv 1904.08779); every draw is a pure function of
(seed, epoch, clip id)."""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np

from core.families.base import Example
from core.families.whisper.options import WhisperOptions

PER_SECOND = 100.0  # mel frames


def augment(example: Example, options: WhisperOptions, seed: int, epoch: int) -> Example:
    """`example` with parts of its sound at the clip's own mean. The last frame stays: it is what the rest of
    the 30 seconds is filled with."""
    key = int.from_bytes(hashlib.sha256(example.id.encode("utf-8")).digest()[:8], "little")
    rng = np.random.default_rng([seed, epoch, key])
    mel = example.features.copy()
    sound, quiet = mel[:-1], example.features.mean(axis=0, dtype=np.float64).astype(np.float32)
    for _ in range(options.frequency_masks):
        width = int(rng.uniform(0, options.frequency_mask_share) * mel.shape[1])
        start = int(rng.integers(0, mel.shape[1]))
        sound[:, start : start + width] = quiet[start : start + width]
    for _ in range(options.time_masks):
        width = int(rng.uniform(0, options.time_mask_seconds) * PER_SECOND)
        start = int(rng.integers(0, len(mel)))
        sound[start : start + width] = quiet
    return dataclasses.replace(example, features=mel)
