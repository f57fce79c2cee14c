"""What a voice sounds like, in a few figures that do not depend on its level: to notice another speaker."""
from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from core.audio.levels import HOP_SECONDS, frame_levels
from core.audio.silence import active

BANDS = 12
LOW, HIGH = 120.0, 3600.0  # Hz: what a telephone hears, too
PITCH_LOW, PITCH_HIGH = 65.0, 400.0
WINDOW = 0.04  # seconds
MOST_FRAMES = 400


def timbre(samples: npt.NDArray[np.float32], rate: int) -> tuple[float, ...]:
    """Figures of the spoken frames of mono `samples` (n,): the median pitch (octaves over 65 Hz), then the
    mean level of `BANDS` bands (dB against their own mean). Empty where hardly anything is said."""
    frames = _spoken(samples, rate)
    if len(frames) < 10:
        return ()
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(frames.shape[1]), axis=1)) ** 2
    hertz = np.fft.rfftfreq(frames.shape[1], 1 / rate)
    edges = pairwise(np.geomspace(LOW, HIGH, BANDS + 1))
    power = np.stack([spectrum[:, (hertz >= low) & (hertz < high)].mean(1) for low, high in edges])
    bands = (10 * np.log10(power + 1e-12)).mean(1)
    return (round(_pitch(spectrum, rate, frames.shape[1]), 3), *np.round(bands - bands.mean(), 2).tolist())


def _spoken(samples: npt.NDArray[np.float32], rate: int) -> npt.NDArray[np.float64]:
    """Windows (n_frames, width) around spoken moments, evenly chosen where there are many."""
    width = int(WINDOW * rate)
    at = np.flatnonzero(active(frame_levels(samples, rate))) * int(HOP_SECONDS * rate)
    at = at[at + width <= len(samples)]
    at = at[:: max(1, len(at) // MOST_FRAMES)]
    return np.asarray(samples, np.float64)[at[:, None] + np.arange(width)]


def _pitch(spectrum: npt.NDArray[np.float64], rate: int, width: int) -> float:
    """Median over the more periodic half of the frames of the lag where the autocorrelation is highest."""
    lags = np.fft.irfft(spectrum, axis=1)[:, : int(rate / PITCH_LOW) + 1]
    first = int(rate / PITCH_HIGH)
    if lags.shape[1] <= first or lags.shape[1] > width // 2 + 1:
        lags = lags[:, : width // 2]
    peaks = lags[:, first:].max(1) / np.maximum(lags[:, 0], 1e-12)
    voiced = lags[peaks >= np.median(peaks)]
    return float(np.median(np.log2(rate / (first + voiced[:, first:].argmax(1)) / PITCH_LOW)))
