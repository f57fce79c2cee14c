"""A loaded CTC model as an aligner: the exact path of a known text, and the likelihood of other wordings."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.alignment import viterbi
from core.alignment.words import Times, settle, speech_runs
from core.families.base import Clip, Prepared
from core.families.ctc import labels
from core.families.ctc.recognising import CtcRecogniser
from core.types import Word

OUT_OF_THE_QUESTION = 1.0  # nats a frame


class CtcAligner:
    """Lays texts upon clips with one loaded model."""

    def __init__(self, recogniser: CtcRecogniser, engine: str) -> None:
        self.engine = engine
        self._recogniser = recogniser

    def listen(self, clip: Clip) -> CtcListened:
        """One pass of the network over the clip."""
        samples, rate = self._recogniser.samples_of(clip)
        logits = self._recogniser.logits_of(samples).astype(np.float64)
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

    def align(self, text: str) -> tuple[Word, ...]:
        """The words of `text` on the most likely path; one that the model cannot write has no length."""
        words, delimiter = text.split(), int(self.prepared.extra["delimiter"])
        tokens: list[tuple[int, int]] = []  # (token, place of its word; -1 between words)
        for place, word in enumerate(words):
            written = labels.encode(word, self.prepared)
            tokens += [(delimiter, -1)] * bool(tokens and written) + [(token, place) for token in written]
        spans = viterbi.align(self.log_probs, [token for token, _ in tokens], self._blank)
        own: dict[int, list[viterbi.Span]] = {}
        for span, (_, place) in zip(spans, tokens, strict=True):
            own.setdefault(place, []).append(span)
        own.pop(-1, None)
        frame = float(self.prepared.extra["seconds_per_frame"])
        letters = [(group[0].start * frame, group[-1].end * frame) for group in own.values()]
        times = dict(zip(own, settle(letters, self.runs, self.seconds), strict=True))
        return _placed(words, times, {place: _mean(group) for place, group in own.items()})

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


def _placed(
    words: Sequence[str], times: Mapping[int, Times], scores: Mapping[int, float]
) -> tuple[Word, ...]:
    """All words in order; one that is not said (a dash by itself) stands at the end of the one before it."""
    found: list[Word] = []
    for place, word in enumerate(words):
        before = found[-1].end if found else 0.0
        start, end = times.get(place, (before, before))
        found.append(Word(word, start, end, round(scores[place], 4) if place in scores else None))
    return tuple(found)
