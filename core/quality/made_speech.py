"""What can be measured of speech that a model made: its length against the text, silence, variety."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.audio.silence import silence
from core.quality.diversity import Diversity, diversity, silence_loop


@dataclass(frozen=True)
class MadeSpeech:
    """Figures of one made sound: `seconds` of it; `duration_ratio`, those over what the speaker would take
    (None where the text has no letters), so that silence which runs on shows in it; `silence`, the share of
    it without speech, 0..1; one Diversity a codebook; `loops`, whether it hangs in one sound; `stopped`,
    whether the model ended by itself."""

    seconds: float
    duration_ratio: float | None
    silence: float
    diversity: tuple[Diversity, ...]
    loops: bool
    stopped: bool

    def row(self) -> dict[str, Any]:
        """As events and results hold it."""
        rounded = {name: round(getattr(self, name), 4) for name in ("seconds", "silence")}
        ratio = None if self.duration_ratio is None else round(self.duration_ratio, 4)
        return {**asdict(self), **rounded, "duration_ratio": ratio,
                "diversity": [asdict(book) for book in self.diversity]}


def measure(samples: npt.NDArray[np.float32], rate: int, codes: npt.NDArray[np.integer], codebook_size: int,
            frame_rate: float, stopped: bool, expected_seconds: float) -> MadeSpeech:
    """Measure mono `samples` (n,) at `rate` Hz, made from `codes` (frames, codebooks) at `frame_rate` a
    second; `expected_seconds` is what the speaker of the text would take (Pace.expected_seconds)."""
    seconds = len(samples) / rate
    books = diversity(codes, codebook_size)
    return MadeSpeech(
        seconds=seconds,
        duration_ratio=seconds / expected_seconds if expected_seconds > 0 else None,
        silence=silence(samples, rate).ratio,
        diversity=books,
        loops=silence_loop(books, len(codes), frame_rate) is not None,
        stopped=stopped,
    )
