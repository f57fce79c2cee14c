"""A loaded LaCT model as a source of log-probabilities: long sound is heard once, and aligned often."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.families.lact import labels
from core.families.lact.preparing import SECONDS_PER_FRAME
from core.families.lact.recognising import LactRecogniser
from core.modelling import ctc_beam, ctc_decoding, weights
from core.modelling.lact import features
from core.types import Word


class LactEmitter:
    """Frames of log-probabilities, and texts as their columns."""

    rate, seconds_per_frame, blank = features.RATE, SECONDS_PER_FRAME, 0

    def __init__(self, recogniser: LactRecogniser, model: Path) -> None:
        self.engine, self.choice = f"lact:{model.name}", recogniser.choice
        self._recogniser, self._prepared = recogniser, recogniser.prepared
        self.delimiter = self._prepared.vocabulary[labels.GAP]
        about = [self._prepared.extra, self._prepared.vocabulary, _weights(model)]
        self.identity = hashlib.sha256(json.dumps(about).encode()).hexdigest()[:16]

    def emit(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Log-probabilities (frames, vocabulary) of mono `samples` (n,) at 16 kHz."""
        return ctc_beam.log_softmax(self._recogniser.logits_of(samples)).astype(np.float32)

    def spell(self, word: str) -> tuple[int, ...]:
        """The columns that write `word`; empty for one that the vocabulary cannot write."""
        vocabulary = self._prepared.vocabulary
        if not labels.normalise(word) or labels.outside(word, vocabulary):
            return ()
        return labels.encode(word, vocabulary)

    def words(self, log_probs: npt.NDArray[np.float32]) -> tuple[Word, ...]:
        """What the model writes freely, with times in seconds from the first frame."""
        return ctc_decoding.words(log_probs, labels.alphabet(self._prepared), SECONDS_PER_FRAME)


def _weights(model: Path) -> str:
    """Of a plain folder by its weights; a run's best checkpoint by its name."""
    if not (model / "run.json").exists():
        return weights.weights_id(model)
    return f"{model.name} {(model / 'checkpoints' / 'manifest.json').read_text(encoding='utf-8')}"
