"""A loaded CTC model as an aligner: the exact path of a known text, and the likelihood of other wordings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.alignment import viterbi
from core.alignment.fit import Fit, fit
from core.alignment.words import Times, placed, settle, speech_runs
from core.families.base import Clip, Prepared
from core.families.ctc import labels
from core.types import Word

if TYPE_CHECKING:
    from core.families.ctc.recognising import CtcRecogniser

OUT_OF_THE_QUESTION = 1.0  # nats a frame
BETWEEN = -1  # the place of what stands between two words


class CtcAligner:
    """Lays texts upon clips with one loaded model; what that heard last is not computed again."""

    def __init__(self, recogniser: CtcRecogniser, engine: str) -> None:
        self.engine = engine
        self._recogniser = recogniser

    def listen(self, clip: Clip) -> CtcListened:
        """One pass of the network over the clip."""
        samples, rate, heard = self._recogniser.hear(clip)
        logits = heard.astype(np.float64)
        peak = logits.max(-1, keepdims=True)
        sums = peak + np.log(np.exp(logits - peak).sum(-1, keepdims=True))
        return CtcListened((logits - sums).astype(np.float32), self._recogniser.prepared,
                           tuple(speech_runs(samples, rate)), len(samples) / rate)


@dataclass(frozen=True)
class CtcListened:
    """Log-probabilities (frames, vocabulary) of one clip, its stretches of speech and its length in s."""

    log_probs: npt.NDArray[np.float32]
    prepared: Prepared
    runs: tuple[Times, ...]
    seconds: float

    @property
    def _blank(self) -> int:
        return int(self.prepared.extra["blank"])

    @property
    def _frame(self) -> float:
        return float(self.prepared.extra["seconds_per_frame"])

    def align(self, text: str) -> tuple[Word, ...]:
        """The words of `text` on the most likely path; one that the model cannot write has no length."""
        own: dict[int, list[viterbi.Span]] = {}
        for span, place in self._path(text):
            own.setdefault(place, []).append(span)
        own.pop(BETWEEN, None)
        letters = [(group[0].start * self._frame, group[-1].end * self._frame) for group in own.values()]
        times = dict(zip(own, settle(letters, self.runs, self.seconds), strict=True))
        return placed(text.split(), times, {place: _mean(group) for place, group in own.items()})

    def fit(self, text: str) -> Fit:
        """By the letters on the most likely path."""
        return fit(self.log_probs, [span for span, _ in self._path(text)], self._blank, self._frame)

    def _path(self, text: str) -> list[tuple[viterbi.Span, int]]:
        """The letters on the most likely path, each with the place of its word."""
        delimiter, tokens = int(self.prepared.extra["delimiter"]), list[tuple[int, int]]()
        for place, word in enumerate(text.split()):
            written = labels.encode(word, self.prepared)
            tokens += [(delimiter, BETWEEN)] * bool(tokens and written)
            tokens += [(token, place) for token in written]
        spans = viterbi.align(self.log_probs, [token for token, _ in tokens], self._blank)
        return list(zip(spans, (place for _, place in tokens), strict=True))

    def compare(self, parts: Sequence[str | Sequence[str]]) -> list[dict[str, float]]:
        """Each list of wordings in turn, with the best found so far of the others."""
        lists = [list(part) for part in parts if not isinstance(part, str)]
        best = [wordings[0] for wordings in lists]
        scores: list[dict[str, float]] = []
        for place, wordings in enumerate(lists):
            found = {w: self._likelihood(parts, [*best[:place], w, *best[place + 1:]]) for w in wordings}
            best[place] = max(found, key=lambda wording: found[wording])
            scores.append(found)
        return [{w: round(s - max(found.values()), 4) for w, s in found.items()
                 if s > max(found.values()) - OUT_OF_THE_QUESTION} for found in scores]

    def _likelihood(self, parts: Sequence[str | Sequence[str]], chosen: Sequence[str]) -> float:
        """Log-likelihood a frame of the whole text."""
        left = iter(chosen)
        text = " ".join(part if isinstance(part, str) else next(left) for part in parts)
        tokens = labels.encode(text, self.prepared)
        total = viterbi.log_likelihood(self.log_probs, tokens, self._blank)
        return total / len(self.log_probs)


def _mean(spans: Sequence[viterbi.Span]) -> float:
    """Geometric mean of the letters' probabilities."""
    return math.exp(sum(span.score for span in spans) / len(spans))
