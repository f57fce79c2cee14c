"""How loud, how clean and how wide: levels in dBFS (0 = full scale), ratios in dB, bandwidth in Hz."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

# Digital silence; a number, not -inf, so that it survives JSON, SQL and a histogram.
FLOOR_DBFS = -120.0
FRAME_SECONDS, HOP_SECONDS = 0.02, 0.01
# 16-bit sound reaches 32767/32768; three samples in a row up there are a flattened top, one is a peak.
_FULL_SCALE = 32766 / 32768
_CLIPPED_RUN = 3
# Below this, frames are padding that some editor put there, not the noise of a room.
_PADDING_DBFS = -100.0
_FFT, _MOST_FRAMES = 2048, 500
_BANDWIDTH_DB = 70.0


@dataclass(frozen=True)
class Clipped:
    """Samples in runs of at least three at full scale: their count and their share of all samples."""

    count: int
    share: float


def dbfs(amplitude: float) -> float:
    """An amplitude (1.0 = full scale) in dBFS, at least FLOOR_DBFS."""
    return max(FLOOR_DBFS, 20.0 * float(np.log10(max(amplitude, 1e-12))))


def peak_dbfs(samples: Samples) -> float:
    """The loudest single sample."""
    return dbfs(float(np.abs(samples).max(initial=0.0)))


def rms_dbfs(samples: Samples) -> float:
    """Root mean square of `samples` (a full-scale sine has -3 dBFS)."""
    power = float(np.einsum("i,i->", samples, samples, dtype=np.float64)) / max(len(samples), 1)
    return dbfs(float(np.sqrt(power)))


def clipped(samples: Samples) -> Clipped:
    """Clipping: runs of three or more samples at full scale."""
    full = np.abs(samples) >= _FULL_SCALE
    if not full.any():
        return Clipped(0, 0.0)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], full, [False])).astype(np.int8)))
    lengths = edges[1::2] - edges[::2]
    count = int(lengths[lengths >= _CLIPPED_RUN].sum())
    return Clipped(count, count / len(samples))


def dc_offset(samples: Samples) -> float:
    """Mean of the samples (1.0 = full scale); a healthy microphone stays within 0.01."""
    return float(samples.mean(dtype=np.float64)) if len(samples) else 0.0


def frame_levels(samples: Samples, rate: int) -> Samples:
    """Level of each frame of 20 ms, every 10 ms, without DC: dBFS, float32 (n_frames,), one at least."""
    if not len(samples):
        return np.zeros(0, np.float32)
    hop = max(1, min(round(HOP_SECONDS * rate), len(samples) // 2))
    n_blocks = len(samples) // hop
    centred = samples - np.float32(dc_offset(samples))
    blocks = centred[: n_blocks * hop].reshape(n_blocks, hop)
    power = np.einsum("ij,ij->i", blocks, blocks, dtype=np.float64) / hop
    pairs = (power[1:] + power[:-1]) / 2 if n_blocks > 1 else power
    return np.maximum(10.0 * np.log10(np.maximum(pairs, 1e-12)), FLOOR_DBFS).astype(np.float32)


def mean_dbfs(levels: Samples) -> float:
    """Mean power of frame levels (n_frames,) in dBFS; the floor where there are none."""
    if not len(levels):
        return FLOOR_DBFS
    return 10.0 * float(np.log10(np.mean(10.0 ** (levels.astype(np.float64) / 10))))


def noise_dbfs(levels: Samples) -> float:
    """Noise floor from frame levels (n_frames,): the quietest twentieth over 40 ms, without padding."""
    real = levels[levels > _PADDING_DBFS]
    if not len(real):
        return FLOOR_DBFS
    smooth = (real[2:] + real[1:-1] + real[:-2]) / 3 if len(real) >= 3 else real
    return float(np.percentile(smooth, 5))


def snr_db(levels: Samples, active: npt.NDArray[np.bool_]) -> float:
    """Speech over noise in dB: mean power of the `active` frames, less the noise; 0 if none is active."""
    if not active.any():
        return 0.0
    noise = 10.0 ** (noise_dbfs(levels) / 10)
    loud = float(np.mean(10.0 ** (levels[active].astype(np.float64) / 10)))
    return 10.0 * float(np.log10(max(loud - noise, 1e-12) / noise))


def bandwidth_hz(samples: Samples, rate: int) -> float:
    """Highest frequency within 70 dB of the strongest one in the mean spectrum; 0 for silence.

    Sound that was once sampled at 8 kHz shows about 4000 Hz here, whatever rate its file has now.
    """
    size = min(_FFT, len(samples))
    if size < 64:
        return 0.0
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    frames = frames[:: 1 + len(frames) // _MOST_FRAMES]
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(size).astype(np.float32), axis=1)) ** 2
    mean = spectrum.mean(axis=0)
    mean[:2] = 0.0  # DC and what leaks from it
    if mean.max() <= 1e-12:
        return 0.0
    wide = np.flatnonzero(mean >= mean.max() * 10.0 ** (-_BANDWIDTH_DB / 10))
    return float(wide[-1]) * rate / size
