"""A stream of sound in the helper's process: pieces of it come in, what a model writes meanwhile goes out."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import soxr

from core.errors import BadInput, Refused, Stale
from core.families.base.sharing import Along, ListensAlong

LONGEST = 900.0
"""Seconds that one stream may last: what it has written is kept in memory."""
RATES = (8_000, 192_000)
"""Hz that a microphone may have."""


@dataclass
class Stream:
    """One model that listens along: `heard` seconds of sound so far, for which it `took` so many seconds."""

    along: Along
    model_rate: int
    heard: float = 0.0
    took: float = 0.0
    resampler: Any = None
    rate: int = 0

    def push(self, samples: np.ndarray[Any, np.dtype[np.float32]], rate: int) -> str:
        """What `samples` (n,), mono at `rate` Hz, add to the text. Refused for a stream that is too long."""
        if self.heard >= LONGEST:
            raise Refused(f"This stream has lasted {LONGEST / 60:.0f} minutes, which is the most; stop, and"
                          " start again.")
        if rate != self.rate:
            self.rate = rate
            self.resampler = soxr.ResampleStream(rate, self.model_rate, 1, dtype="float32")
        began = time.monotonic()
        given = self.resampler.resample_chunk(samples)
        added = "".join(step.text for step in self.along.push(given))
        self.took += time.monotonic() - began
        self.heard += len(samples) / rate
        return added

    def finish(self) -> str:
        """The rest of the text."""
        rest = self.resampler.resample_chunk(np.zeros(0, np.float32), last=True) if self.resampler else None
        added = "".join(step.text for step in self.along.push(rest)) if rest is not None and len(rest) else ""
        return added + "".join(step.text for step in self.along.finish())


def begin(model: Any) -> Stream:
    """A stream through a loaded model. BadInput for one that hears whole clips only."""
    if not isinstance(model, ListensAlong):
        raise BadInput("This model hears whole clips only; choose a Kyutai STT to listen along.")
    return Stream(model.listen(), model.stream_rate)


def answer(stream: Stream | None, request: dict[str, Any]) -> dict[str, Any]:
    """{text, heard, took} for {event: push, sound: base64 of float32, rate} or {event: finish}. Stale without
    a stream."""
    if stream is None:
        raise Stale("This stream has ended; press Start to begin another.")
    if request["event"] == "finish":
        added = stream.finish()
    else:
        samples = np.frombuffer(base64.b64decode(request["sound"]), "<f4")
        added = stream.push(samples, int(request["rate"]))
    return {"text": added, "heard": round(stream.heard, 3), "took": round(stream.took, 3)}
