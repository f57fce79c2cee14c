"""A loaded CTC recogniser: a plain folder, or a training run's base with its adapter."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.audio.read import read
from core.errors import BadInput
from core.families.base import Clip, Example, Prepared
from core.families.ctc import folder as folders
from core.families.ctc import network
from core.families.ctc.aligning import CtcAligner
from core.families.ctc.labels import prepared_from
from core.modelling import devices
from core.types import Prediction

PIECE, CONTEXT = (
    30.0,
    2.0,
)  # seconds: longer clips are heard in pieces, each with what lies before and after it


class Heard(NamedTuple):
    """Mono samples (n,) of a clip at the model's rate, and what the network made of them: (frames,
    vocabulary)."""

    samples: npt.NDArray[np.float32]
    rate: int
    logits: npt.NDArray[np.float32]


class CtcRecogniser:
    """Transcribes clips with one loaded model."""

    def __init__(self, model: Any, prepared: Prepared, base: Path, choice: devices.Choice) -> None:
        language = prepared.extra.get("language")
        named = [f"The language adapter is that of “{language}”."] if language else []
        self.choice = " ".join([choice.sentence, *named])
        self.prepared = prepared
        self._last: tuple[Clip, Heard] | None = None
        self._device, self._precision = choice.device, choice.precision
        self._model, self._base = model.to(choice.device).eval(), base

    def transcribe(self, clip: Clip) -> Prediction:
        """Text, words with times in seconds from the clip's start, and a score 0..1;
        silence gives an empty text."""
        return network.decoded(clip.id, self.hear(clip).logits, self.prepared)

    def aligner(self, model: str) -> CtcAligner:
        """An aligner on this very model."""
        return CtcAligner(self, f"ctc:{Path(model).name}")

    def hear(self, clip: Clip) -> Heard:
        """One pass of the network over the clip; the last one is kept. BadInput for less than 0.05 s."""
        if self._last is None or self._last[0] != clip:
            rate = int(self.prepared.extra["rate"])
            samples = np.asarray(read(clip.path, clip.start, clip.end, rate=rate).samples, np.float32)
            if len(samples) < rate // 20:
                raise BadInput(
                    f"{clip.path.name} has only {len(samples) / rate:.2f} s of sound; at least 0.05 s are "
                    "needed."
                )
            self._last = clip, Heard(samples, rate, self.logits_of(samples))
        return self._last[1]

    def logits_of(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Logits (frames, vocabulary) of samples (n,), in pieces where they are long."""
        rate = int(self.prepared.extra["rate"])
        if len(samples) <= (PIECE + 2 * CONTEXT) * rate:
            return self._logits(samples)
        return self._in_pieces(samples, rate)

    def _logits(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        import torch

        example = Example("", network.extract(samples, self._base), (), "")
        kinds = {"bf16": torch.bfloat16, "fp16": torch.float16}
        kind = kinds.get(self._precision, torch.float32)
        with torch.autocast(self._device.split(":")[0], dtype=kind, enabled=self._precision in kinds):
            return network.frame_logits(self._model, [example], self.prepared)[0]

    def _in_pieces(self, samples: npt.NDArray[np.float32], rate: int) -> npt.NDArray[np.float32]:
        """Logits of a long clip: each piece is heard with its surroundings, whose
        frames are then cut away."""
        frame = round(float(self.prepared.extra["seconds_per_frame"]) * rate)
        piece, context = int(PIECE * rate) // frame * frame, int(CONTEXT * rate) // frame * frame
        parts = []
        for at in range(0, len(samples), piece):
            begin, end = max(0, at - context), min(len(samples), at + piece + context)
            if end - at < rate // 20:
                break
            logits = self._logits(samples[begin:end])
            first = (at - begin) // frame
            parts.append(
                logits[first : first + piece // frame] if at + piece < len(samples) else logits[first:]
            )
        return np.concatenate(parts)


def open_plain(base: Path, device: str, precision: str, language: str = "") -> CtcRecogniser:
    """The recogniser of a plain folder, in one of its languages. Raises StudioError with a sentence when it
    is incomplete."""
    folder = folders.read(base, language)
    choice = devices.choose(device, precision)
    return CtcRecogniser(network.load_plain(base, language), prepared_from(folder), base, choice)
