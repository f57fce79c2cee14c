"""When each word of the text is spoken: sentences that were heard first, then those between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from core.alignment import viterbi
from core.alignment.chain import Chain
from core.errors import BadInput
from core.families.base import Emitter
from core.runs.long.text import Sentence, Text

HEARD = 0.5  # of a sentence's words in the chain: it is said here
BESIDE = 1.0  # seconds before the first and after the last word that was heard
Array = npt.NDArray[np.float16]


@dataclass(frozen=True)
class Placed:
    """A sentence on the sound: for each of its words that can be written (its place in the text) the letters
    on the path, in frames of the whole recording."""

    sentence: Sentence
    letters: dict[int, tuple[viterbi.Span, ...]]

    @property
    def start(self) -> int:
        """First frame of the first letter."""
        return next(iter(self.letters.values()))[0].start

    @property
    def end(self) -> int:
        """One past the last frame of the last letter."""
        return next(reversed(self.letters.values()))[-1].end


class Placing:
    """Lays the sentences of a text upon one recording."""

    def __init__(self, text: Text, log_probs: Array, emitter: Emitter) -> None:
        self._text, self._log_probs, self._emitter = text, log_probs, emitter
        self._spelled = {word: emitter.spell(word) for word in set(text.words)}

    def place(self, chain: Chain) -> list[Placed]:
        """The sentences of a chain, in the order of the text. One that was hardly heard is laid between its
        neighbours; whether it was said at all is for its confidence to tell."""
        matched = {match.word for match in chain.matches}
        inside = [s for s in self._text.sentences if s.stop > chain.first and s.first < chain.stop]
        sure = [s for s in inside if _share(s, matched) >= HEARD]
        frame = self._emitter.seconds_per_frame
        window = (max(0, round((chain.start - BESIDE) / frame)),
                  min(len(self._log_probs), round((chain.end + BESIDE) / frame)))
        placed = {p.sentence.first: p for p in self._laid(sure, window)}
        for before, group, after in _gaps(inside, placed):
            start = placed[before.first].end if before else window[0]
            end = placed[after.first].start if after else window[1]
            placed |= {p.sentence.first: p for p in self._laid(group, (start, end))}
        return [placed[first] for first in sorted(placed)]

    def _laid(self, sentences: Sequence[Sentence], window: tuple[int, int]) -> list[Placed]:
        """The sentences in a window of frames, with anything before, between and after them; none where there
        is no room for them."""
        tokens, places = [viterbi.STAR], [-1]
        for sentence in sentences:
            for at, token in self._tokens(sentence):
                tokens.append(token)
                places.append(at)
            tokens.append(viterbi.STAR)
            places.append(-1)
        if not any(place >= 0 for place in places):
            return []
        part = np.asarray(self._log_probs[window[0] : window[1]], np.float32)
        try:
            spans = viterbi.align(part, tokens, self._emitter.blank)
        except BadInput:  # more letters than there is time for
            return []
        own: dict[int, list[viterbi.Span]] = {}
        for span, place in zip(spans, places, strict=True):
            if place >= 0:
                own.setdefault(place, []).append(_moved(span, window[0]))
        return [Placed(s, letters) for s in sentences
                if (letters := {w: tuple(own[w]) for w in range(s.first, s.stop) if w in own})]

    def _tokens(self, sentence: Sentence) -> Iterator[tuple[int, int]]:
        """(place of the word or -1 for what stands between two, column)."""
        begun = False
        for place in range(sentence.first, sentence.stop):
            columns = self._spelled[self._text.words[place]]
            if columns and begun:
                yield -1, self._emitter.delimiter
            for column in columns:
                yield place, column
            begun = begun or bool(columns)


def _share(sentence: Sentence, matched: set[int]) -> float:
    return len(matched & set(range(sentence.first, sentence.stop))) / (sentence.stop - sentence.first)


def _gaps(inside: Sequence[Sentence], placed: dict[int, Placed]
          ) -> Iterator[tuple[Sentence | None, list[Sentence], Sentence | None]]:
    """Runs of sentences without a place, with the placed one before and after each."""
    before: Sentence | None = None
    groups = [(there, list(group)) for there, group in groupby(inside, lambda s: s.first in placed)]
    for at, (there, group) in enumerate(groups):
        if there:
            before = group[-1]
        else:
            yield before, group, groups[at + 1][1][0] if at + 1 < len(groups) else None


def _moved(span: viterbi.Span, by: int) -> viterbi.Span:
    return viterbi.Span(span.token, span.start + by, span.end + by, span.score)
