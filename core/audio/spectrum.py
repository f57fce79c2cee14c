"""Where the power of speech lies: three usual figures of its spectrum, and the span of its levels.

All are relative to the clip itself: a louder copy has the same ones, as long as the same frames count as
spoken.
"""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.audio.levels import HOP_SECONDS, Samples

WINDOW = 0.04  # seconds
LOW, HIGH = 100.0, 4000.0
"""Hz: below is hum and rumble; up to 4000 Hz every recording has a spectrum, a telephone's too."""
ROLLOFF = 0.85
SOFT, LOUD = 10, 95
"""Percentiles of levels between which the dynamic range lies, as EBU Tech 3342 takes them for loudness."""
_MOST_FRAMES = 200
_FEWEST = 5


@dataclass(frozen=True)
class Spectrum:
    """Means over spoken frames, weighted by their power.

    `centroid_hz`: the middle of the power; `rolloff_hz`: below it lie 85 % (both as in G. Tzanetakis and
    P. Cook, IEEE Trans. Speech Audio Process. 10, 2002). `flatness`: geometric over arithmetic mean of the
    power from 100 to 4000 Hz, near 0 for a tone and 0.56 for white noise (as in ISO/IEC 15938-4).
    """

    centroid_hz: float
    rolloff_hz: float
    flatness: float


def spectrum(samples: Samples, rate: int, mask: npt.NDArray[np.bool_]) -> Spectrum | None:
    """The spectrum of what is said in mono `samples` (n,); `mask` (n_frames,) are the spoken frames of 20 ms,
    every 10 ms. None where hardly anything is said."""
    frames = _spoken(samples, rate, mask)
    if len(frames) < _FEWEST:
        return None
    window = np.hanning(frames.shape[1]).astype(np.float32)
    power = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
    hertz = np.fft.rfftfreq(frames.shape[1], 1 / rate)
    power[:, hertz < LOW] = 0.0
    total = power.sum(1)
    if total.sum() <= 0:
        return None
    mean = power.sum(0)
    below = np.searchsorted(np.cumsum(mean), ROLLOFF * mean.sum())
    return Spectrum(float(mean @ hertz / mean.sum()), float(hertz[min(int(below), len(hertz) - 1)]),
                    _flatness(power[:, (hertz >= LOW) & (hertz < HIGH)], total))


def dynamic_range_db(levels: Samples, mask: npt.NDArray[np.bool_]) -> float | None:
    """From the soft to the loud in what is said, in dB: the 10th and the 95th percentile of the spoken frames
    of `levels` (n_frames,). None where hardly anything is said."""
    spoken = levels[mask]
    if len(spoken) < _FEWEST:
        return None
    soft, loud = np.percentile(spoken, [SOFT, LOUD])
    return float(loud - soft)


def _spoken(samples: Samples, rate: int, mask: npt.NDArray[np.bool_]) -> Samples:
    """Windows (n_frames, width) from spoken moments on, evenly chosen where there are many."""
    width = int(WINDOW * rate)
    at = (np.flatnonzero(mask) * HOP_SECONDS * rate).astype(np.int64)
    at = at[at + width <= len(samples)]
    at = at[:: 1 + len(at) // _MOST_FRAMES]
    return samples[at[:, None] + np.arange(width)]


def _flatness(power: npt.NDArray[np.float64], weight: npt.NDArray[np.float64]) -> float:
    """Mean flatness of the frames of `power` (n_frames, n_bins); one without power is left out."""
    arithmetic = power.mean(1)
    some = arithmetic > 0
    floor = 1e-12 * arithmetic[some, None]
    geometric = np.exp(np.log(np.maximum(power[some], floor)).mean(1))
    return float(np.average(geometric / arithmetic[some], weights=weight[some]))
