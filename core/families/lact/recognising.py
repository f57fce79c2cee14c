"""A loaded LaCT recogniser: a plain folder, or a training run's checkpoint. Long clips are heard piece by
piece, with what was learned from the pieces before."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.audio.read import read
from core.errors import BadInput
from core.families.base import Clip, Prepared
from core.families.lact import labels
from core.families.lact.decoding import decoded
from core.families.lact.preparing import SECONDS_PER_FRAME, network_of
from core.modelling import devices
from core.modelling.lact import features
from core.types import Prediction

PIECE = 3000  # mel frames (30 s), a multiple of four
SHORTEST = 0.05  # seconds


def split(model: str) -> tuple[Path, int]:
    """`FOLDER:beam8` as the folder and the width of its beam; 1, the best path, where none is named."""
    if found := re.fullmatch(r"(.+):beam(\d{1,3})", model):
        return Path(found[1]), max(1, int(found[2]))
    return Path(model), 1


class LactRecogniser:
    """Transcribes clips with one loaded model, by the best path or by a `beam`."""

    def __init__(self, model: Any, prepared: Prepared, choice: devices.Choice, beam: int) -> None:
        searched = [f"Texts are searched for with a beam of {beam}."] if beam > 1 else []
        self.choice = " ".join([choice.sentence, *searched])
        self.prepared, self._beam = prepared, beam
        self._device, self._precision = choice.device, choice.precision
        self._model, self._network = model.to(choice.device).eval(), network_of(prepared)

    def transcribe(self, clip: Clip) -> Prediction:
        """Text, words with times in seconds from the clip's start, and a score 0..1; BadInput for less than
        0.05 s."""
        samples = np.asarray(read(clip.path, clip.start, clip.end, rate=features.RATE).samples, np.float32)
        if len(samples) < SHORTEST * features.RATE:
            seconds = len(samples) / features.RATE
            raise BadInput(f"{clip.path.name} has only {seconds:.2f} s of sound; at least 0.05 s are needed.")
        return decoded(clip.id, self.logits_of(samples), labels.alphabet(self.prepared), SECONDS_PER_FRAME,
                       self._beam)

    def logits_of(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Logits (frames, vocabulary) of mono samples (n,) at 16 kHz, as of one pass, in the memory of one
        piece; a network that looks ahead hears each piece by itself."""
        import torch

        mel = features.log_mel(samples, self._network.bins)
        kinds = {"bf16": torch.bfloat16, "fp16": torch.float16}
        kind = kinds.get(self._precision, torch.float32)
        with torch.no_grad(), torch.autocast(self._device.split(":")[0], dtype=kind,
                                             enabled=self._precision in kinds):
            return np.concatenate([made[0].float().cpu().numpy() for made in self._pieces(mel)])

    def _pieces(self, mel: npt.NDArray[np.float32]) -> Any:
        import torch

        from core.modelling.lact.asr import Heard

        heard = Heard()
        for at in range(0, len(mel), PIECE):
            piece = torch.from_numpy(mel[None, at : at + PIECE]).to(self._device)
            if len(mel) <= PIECE or self._network.layers.bidirectional:
                yield self._model(piece, torch.tensor([piece.shape[1]], device=piece.device))[0]
            else:
                logits, heard = self._model.hear(piece, heard)
                yield logits


class Wordless:
    """What a blank folder hears: nothing, so that a verdict has something to compare a first run with."""

    choice = "There is no model yet, so nothing is written."

    def transcribe(self, clip: Clip) -> Prediction:
        """An empty text."""
        return Prediction(clip.id, "")
