"""Loudness of a clip as ears weigh it: integrated LUFS of ITU-R BS.1770-4, by pyloudnorm."""
from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

BLOCK_SECONDS = 0.4
"""The standard measures blocks of this length: what is shorter has no loudness."""
GATE_LUFS = -70.0
"""What is softer than this counts as silence there."""


def loudness_lufs(samples: npt.NDArray[np.float32], rate: int) -> float | None:
    """Integrated loudness of mono `samples` (n,) in -1..1 at `rate` Hz in LUFS.

    None where the standard knows none: for less than 0.4 s, and where nothing is louder than its gate.
    """
    import pyloudnorm

    if len(samples) < BLOCK_SECONDS * rate + 1:
        return None
    found = float(pyloudnorm.Meter(rate).integrated_loudness(samples.astype(np.float64)))
    return round(found, 2) if math.isfinite(found) and found >= GATE_LUFS else None
