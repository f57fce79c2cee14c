"""Disturbed copies of a clip's features; every draw is a pure function of (seed, epoch, clip id)."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from core.alignment.viterbi import frames_needed
from core.families.base import Example, Prepared
from core.families.ctc.options import CtcOptions

Array = npt.NDArray[np.float32]
Floats = npt.NDArray[Any]  # float32 in, float64 while it is worked on; the spectrum is complex


def augment(example: Example, prepared: Prepared, options: CtcOptions, seed: int, epoch: int) -> Example:
    """`example` with another tempo and timbre, hidden stretches and bands, and noise."""
    key = int.from_bytes(hashlib.sha256(example.id.encode("utf-8")).digest()[:8], "little")
    rng = np.random.default_rng([seed, epoch, key])
    disturb = _mel if example.features.shape[1] > 1 else _waveform
    return dataclasses.replace(example, features=disturb(example, prepared, options, rng))


def _mel(example: Example, prepared: Prepared, options: CtcOptions, rng: np.random.Generator) -> Array:
    """Features (frames, bins x stride), normalised to unit spread, so that noise
    needs no scale of its own."""
    stride = int(prepared.extra["stride"])
    mel: Floats = example.features.reshape(len(example.features) * stride, -1)
    mel = _other_timbre(mel, options.formants, rng)
    fewest = math.ceil(frames_needed(example.labels) * 1.1) * stride
    mel = _other_tempo(mel, _new_length(len(mel), options.tempo, fewest, stride, rng))
    _hide_bands(mel, options, rng)
    _hide_stretches(mel, options, 100.0, rng)
    mel += rng.normal(0, rng.uniform(0, options.noise), mel.shape)
    return mel.astype(np.float32).reshape(len(mel) // stride, -1)


def _waveform(example: Example, prepared: Prepared, options: CtcOptions, rng: np.random.Generator) -> Array:
    """Samples (n, 1): tempo moves the pitch too, bands are hidden in the spectrum, noise is
    a share of the spread."""
    rate = int(prepared.extra["rate"])
    samples: Floats = example.features
    fewest = (
        math.ceil(frames_needed(example.labels) * 1.1 * float(prepared.extra["seconds_per_frame"]) * rate)
        + rate // 20
    )
    samples = _other_tempo(samples, _new_length(len(samples), options.tempo, fewest, 1, rng))
    spectrum = np.fft.rfft(samples, axis=0)
    _hide_bands(spectrum.T, options, rng)
    samples = np.fft.irfft(spectrum, len(samples), axis=0)
    _hide_stretches(samples, options, float(rate), rng)
    samples = samples + rng.normal(
        0, rng.uniform(0, options.noise) * (example.features.std() + 1e-9), samples.shape
    )
    return samples.astype(np.float32)


def _new_length(n: int, tempo: float, fewest: int, stride: int, rng: np.random.Generator) -> int:
    """Another length, a multiple of `stride`; never so short that the label no longer fits,
    unless it was so before."""
    new = round(n / rng.uniform(1 - tempo, 1 + tempo))
    return max(min(n, fewest), new, stride) // stride * stride


def _other_tempo(frames: Floats, n: int) -> Floats:
    """Linear interpolation of `frames` (n_old, width) to `n` frames."""
    at = np.linspace(0, len(frames) - 1, n)
    left = np.floor(at).astype(int)
    part = (at - left)[:, None]
    return frames[left] * (1 - part) + frames[np.minimum(left + 1, len(frames) - 1)] * part


def _other_timbre(mel: Floats, share: float, rng: np.random.Generator) -> Floats:
    """Bins read from slightly higher or lower places, as another throat would have it."""
    n = mel.shape[1]
    bins = np.clip(np.arange(n) * rng.uniform(1 - share, 1 + share), 0, n - 1)
    low = np.floor(bins).astype(int)
    part = bins - low
    return mel[:, low] * (1 - part) + mel[:, np.minimum(low + 1, n - 1)] * part


def _hide_bands(frames: Floats, options: CtcOptions, rng: np.random.Generator) -> None:
    n = frames.shape[1]
    for _ in range(options.frequency_masks):
        width, start = int(rng.uniform(0, options.frequency_mask_share) * n), int(rng.integers(0, n))
        frames[:, start : start + width] = 0


def _hide_stretches(frames: Floats, options: CtcOptions, per_second: float, rng: np.random.Generator) -> None:
    for _ in range(options.time_masks):
        width, start = int(rng.uniform(0, options.time_mask_seconds) * per_second), int(
            rng.integers(0, len(frames))
        )
        frames[start : start + width] = 0
