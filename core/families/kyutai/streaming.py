"""Sound that comes piece by piece, as from a microphone: text as soon as the model writes it. Needs torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.families.base import Prepared
from core.families.kyutai import labels
from core.families.kyutai.frames import FRONT
from core.modelling.kyutai.codec import FRAME_SAMPLES, Hearing
from core.modelling.kyutai.stepping import Writer
from core.modelling.kyutai.stream import FIRST_PIECE

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Step:
    """What came with one frame: the `token`, what it adds to the text (with the space before a word), and the
    probabilities of the pauses; () for a model without heads. `time` is that of the sound, in seconds."""

    time: float
    token: int
    text: str
    pauses: tuple[float, ...]


class Listener:
    """One stream. Its whole state: the codec's (`hearing`), the model's (`writer`), and the samples that do
    not fill a frame yet (`rest`)."""

    def __init__(self, model: Any, codec: Any, prepared: Prepared) -> None:
        self.hearing = Hearing(codec, int(prepared.extra["n_q"]))
        self.writer = Writer(model, 1)
        self.rest: Samples = np.zeros(0, np.float32)
        self.tokens: list[int] = []
        self._prepared, self._known = prepared, labels.vocabulary(prepared)
        self._written = ""
        self.push(np.zeros(FRONT * FRAME_SAMPLES, np.float32))

    def push(self, samples: Samples) -> list[Step]:
        """What is written for every frame of 1920 samples that `samples` (n,), mono at 24 kHz, complete; the
        text of a word comes with the model's delay."""
        held = np.concatenate([self.rest, samples])
        n = len(held) // FRAME_SAMPLES * FRAME_SAMPLES
        self.rest = held[n:]
        return [self._step(held[at : at + FRAME_SAMPLES]) for at in range(0, n, FRAME_SAMPLES)]

    def finish(self) -> list[Step]:
        """The rest of the text, for which silence is heard until the delay is over. Nothing can follow."""
        fill = -len(self.rest) % FRAME_SAMPLES
        return self.push(np.zeros(fill + int(self._prepared.extra["tail"]) * FRAME_SAMPLES, np.float32))

    @property
    def text(self) -> str:
        """All that was written so far."""
        return self._written

    def _step(self, frame: Samples) -> Step:
        import torch

        codes = self.hearing.push(frame)
        chosen, _, pauses = self.writer.step()
        self.writer.hear(torch.from_numpy(codes.astype(np.int64)))
        token = int(chosen[0])
        self.tokens.append(token)
        rule = labels.rule_of(self._prepared)
        told = () if pauses is None else tuple(float(p) for p in pauses[0])
        return Step(round((len(self.tokens) - 1 - FRONT) / rule.rate, 3), token, self._added(token), told)

    def _added(self, token: int) -> str:
        """What `token` adds: several of them may be the bytes of one letter."""
        if token < FIRST_PIECE:
            return ""
        before = self._written
        self._written = labels.decode(self.tokens, self._prepared)
        return self._written[len(before) :] if self._written.startswith(before) else ""
