"""A loaded CTC model as a source of log-probabilities: long sound is heard once, and aligned often."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.errors import BadInput
from core.families.ctc import labels
from core.modelling import ctc_decoding, weights
from core.types import Word

if TYPE_CHECKING:
    from core.families.ctc.recognising import CtcRecogniser


class CtcEmitter:
    """Frames of log-probabilities, and texts as their columns."""

    def __init__(self, recogniser: CtcRecogniser, model: Path, language: str = "") -> None:
        self.engine, self.choice = ":".join(filter(None, ("ctc", model.name, language))), recogniser.choice
        self._recogniser, self._prepared = recogniser, recogniser.prepared
        extra = recogniser.prepared.extra
        self.rate, self.blank = int(extra["rate"]), int(extra["blank"])
        self.delimiter = int(extra["delimiter"])
        self.seconds_per_frame = float(extra["seconds_per_frame"])
        about = [extra["encoder_id"], _weights(model), self._prepared.vocabulary, *filter(None, [language])]
        self.identity = hashlib.sha256(json.dumps(about).encode()).hexdigest()[:16]

    def emit(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Log-probabilities (frames, vocabulary) of mono `samples` (n,) at the model's rate."""
        logits = self._recogniser.logits_of(samples)
        shifted = logits - logits.max(-1, keepdims=True)
        return np.asarray(shifted - np.log(np.exp(shifted).sum(-1, keepdims=True)), np.float32)

    def spell(self, word: str) -> tuple[int, ...]:
        """The columns that write `word`; empty for one that the vocabulary cannot write."""
        try:
            return labels.encode(word, self._prepared)
        except BadInput:
            return ()

    def words(self, log_probs: npt.NDArray[np.float32]) -> tuple[Word, ...]:
        """What the model writes freely, with times in seconds from the first frame."""
        return ctc_decoding.words(log_probs, labels.alphabet(self._prepared), self.seconds_per_frame)


def _weights(model: Path) -> str:
    """Of a plain folder by its weights; a run's best checkpoint by its name."""
    if not (model / "run.json").exists():
        return weights.weights_id(model)
    return f"{model.name} {(model / 'checkpoints' / 'manifest.json').read_text(encoding='utf-8')}"
