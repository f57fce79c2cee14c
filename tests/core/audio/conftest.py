"""Made signals, and PulseAudio for the recorder."""
from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from tests.pulse import pulse

__all__ = ["pulse"]


@pytest.fixture
def chirp() -> npt.NDArray[np.float32]:
    """3 s at 48 kHz, 200 to 4000 Hz, with a wobbling level: it correlates with itself at one lag only."""
    time_s = np.arange(144_000) / 48_000
    sweep = np.sin(2 * np.pi * (200 * time_s + (4000 - 200) / 6 * time_s**2))
    return (0.4 * sweep * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * time_s))).astype(np.float32)
