"""From logits to text and word times: the best path, or the best text of a beam."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.alignment import viterbi
from core.modelling import ctc_beam, ctc_decoding
from core.modelling.ctc_decoding import Alphabet, Emission
from core.types import Prediction


def decoded(
    clip_id: str, logits: npt.NDArray[np.float32], alphabet: Alphabet, seconds_per_frame: float, beam: int = 1
) -> Prediction:
    """Text, words and score from `logits` (frames, vocabulary); a `beam` of 1 takes the best path."""
    if beam > 1:
        words = ctc_decoding.grouped(_best_text(logits, alphabet, beam), alphabet, seconds_per_frame)
    else:
        words = ctc_decoding.words(logits, alphabet, seconds_per_frame)
    return Prediction(clip_id, " ".join(w.text for w in words), words, ctc_decoding.mean_score(words))


def _best_text(logits: npt.NDArray[np.float32], alphabet: Alphabet, beam: int) -> list[Emission]:
    """The tokens of the likeliest text, each where it stands on the likeliest path of that text."""
    log_probs = ctc_beam.log_softmax(logits)
    tokens = ctc_beam.search(log_probs, beam, alphabet.blank)[0].tokens
    spans = viterbi.align(log_probs.astype(np.float32), tokens, alphabet.blank)
    return [Emission(span.token, span.start, span.end, float(np.exp(span.score))) for span in spans]
