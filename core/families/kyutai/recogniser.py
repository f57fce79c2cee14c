"""A loaded Kyutai STT: a folder, or a training run's base with its adapter folded in. It hears a clip in
silence, step by step, as production does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import Unavailable
from core.families.base import Clip, Pauses, Prepared, Trains
from core.families.base.tuned import open_tuned
from core.families.kyutai import encoding, labels, layouts, network, opening
from core.families.kyutai.frames import FRONT, RATE
from core.families.kyutai.layouts import WITH_HEADS
from core.families.kyutai.options import KyutaiOptions
from core.families.kyutai.streaming import Listener
from core.modelling.devices import Choice, choose
from core.modelling.kyutai import codec, stepping
from core.modelling.kyutai.stream import FRAME_RATE
from core.types import Prediction


class KyutaiRecogniser:
    """Transcribes clips of any length with one loaded model, and tells what its pause heads say meanwhile."""

    stream_rate = RATE

    def __init__(self, model: Any, heard_by: Any, prepared: Prepared, choice: Choice) -> None:
        import torch

        kind = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[choice.precision]
        self.choice, self.prepared = choice.sentence, prepared
        self._model, self._codec = model.to(choice.device, kind).eval(), heard_by.eval()

    def transcribe(self, clip: Clip) -> Prediction:
        """Text, words with times in seconds from the clip's start, and a score 0..1."""
        samples = encoding.sound(clip.path, clip.start, clip.end)
        written = self._write(samples)
        seconds = len(samples) / RATE
        words = labels.words_in(written.tokens, written.logprobs, self.prepared, seconds)
        text = labels.decode(written.tokens, self.prepared)
        return Prediction(clip.id, text, words, labels.score(written.tokens, written.logprobs))

    def probe(self, clip: Clip) -> Pauses:
        """What the pause heads say at each frame of one clip. Unavailable for a model without heads."""
        samples = encoding.sound(clip.path, clip.start, clip.end)
        written = self._write(samples)
        if written.pauses is None:
            raise Unavailable(
                "This model has no semantic pause heads, so there is nothing to probe: they are only in"
                f" {WITH_HEADS}. Download that model, and choose its folder."
            )
        known = labels.vocabulary(self.prepared)
        said = [(group[0][0], known.decode([piece for _, piece in group]))
                for group in labels.grouped(written.tokens, known)]
        return Pauses(clip.id, written.pauses, FRAME_RATE, FRONT, tuple(said), len(samples) / RATE)

    def listen(self) -> Listener:
        """A stream of sound that is pushed piece by piece, with the same result as `transcribe`."""
        return Listener(self._model, self._codec, self.prepared)

    def _write(self, samples: npt.NDArray[np.float32]) -> stepping.Written:
        given = encoding.surrounded(samples, int(self.prepared.extra["tail"]))
        codes = codec.encode(self._codec, given, int(self.prepared.extra["n_q"]))
        return network.write(self._model, [codes], self.prepared)[0]


def open_folder(path: Path, device: str, precision: str) -> KyutaiRecogniser:
    """The recogniser of a plain folder in any layout."""
    choice = choose(device, precision)
    prepared = labels.prepared_for(layouts.read(path), KyutaiOptions())
    return KyutaiRecogniser(network.load_plain(path), opening.open_codec(path), prepared, choice)


def open_run(family: Trains, path: Path, device: str, precision: str) -> KyutaiRecogniser:
    """The recogniser of a training run: its base with its best adapter, folded in."""
    choice, tuned = choose(device, precision), open_tuned(family, path)
    merged = tuned.model.merge_and_unload()
    return KyutaiRecogniser(merged, opening.open_codec(tuned.base), tuned.prepared, choice)
