"""Log-mel features that need nothing of what comes later: 25 ms windows every 10 ms, on a scale that is
fixed, so that a stream and a whole clip give the same numbers."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

RATE = 16_000
WINDOW, HOP, SIZE = 400, 160, 512  # samples
SECONDS_PER_FRAME = HOP / RATE
FLOOR = 1e-6  # of the power; digital silence is no minus infinity
MEAN, SPREAD = -7.0, 4.0  # of the log power of speech at usual levels

Array = npt.NDArray[np.float32]


def n_frames(n_samples: int) -> int:
    """How many frames `log_mel` gives; what is shorter than a window gives one."""
    return 1 + max(0, n_samples - WINDOW) // HOP


def log_mel(samples: Array, bins: int = 80) -> Array:
    """Mono `samples` (n,) at 16 kHz as (frames, bins), about zero and of unit spread; frame t hears the
    samples from 160 t to 160 t + 399."""
    padded = np.pad(np.asarray(samples, np.float32), (0, max(0, WINDOW - len(samples))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(WINDOW + 1)[:-1], SIZE)) ** 2
    mel = power @ filters(bins).T
    return np.asarray((np.log(mel + FLOOR) - MEAN) / SPREAD, np.float32)


@cache
def filters(bins: int) -> npt.NDArray[np.float64]:
    """Triangles (bins, frequencies), evenly spread on the mel scale from 20 Hz to 8 kHz."""
    edges = _hertz(np.linspace(_mel(20.0), _mel(RATE / 2), bins + 2))
    at = np.fft.rfftfreq(SIZE, 1 / RATE)
    rising = (at - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - at) / (edges[2:] - edges[1:-1])[:, None]
    made: npt.NDArray[np.float64] = np.maximum(0.0, np.minimum(rising, falling))
    # the lowest triangles are narrower than a frequency step and may fall between two of them
    for row in np.flatnonzero(made.sum(1) == 0):
        made[row, np.abs(at - edges[row + 1]).argmin()] = 1.0
    return made


def _mel(hertz: float) -> float:
    """The mel scale as O'Shaughnessy (1987) has it."""
    return 2595.0 * float(np.log10(1.0 + hertz / 700.0))


def _hertz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
