"""When each word of the text is spoken: sentences that were heard first, then those between them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
import numpy.typing as npt

from core.alignment import viterbi
from core.alignment.anchors import Anchor
from core.alignment.chain import Chain
from core.alignment.confidence import Confidence, confidences
from core.alignment.viterbi import Span
from core.errors import BadInput
from core.families.base import Emitter
from core.runs.long.hearing import nothing_written
from core.runs.long.text import Sentence, Text

HEARD = 0.5  # of a sentence's words in the chain: it is said here
BESIDE = 1.0  # seconds before the first and after the last word that was heard
# Mean confidences: below the first a sentence was not said there, below the second that is doubtful. On two
# hours of made speech, with a tenth of the text never said, 1,509 of 1,510 above the second were right, and
# so were 19 of 20 between 0.02 and the second.
LEAST, DOUBTFUL = 0.15, 0.3
Array = npt.NDArray[np.float16]


@dataclass(frozen=True)
class Placed:
    """A sentence on the sound: for each of its words that can be written (its place in the text) the letters
    on the path, in frames of the whole recording; `mean` is its confidence."""

    sentence: Sentence
    letters: dict[int, tuple[Span, ...]]
    mean: float = 0.0

    @property
    def spans(self) -> list[Span]:
        """All letters."""
        return [span for own in self.letters.values() for span in own]

    @property
    def start(self) -> int:
        """First frame of the first letter."""
        return next(iter(self.letters.values()))[0].start

    @property
    def end(self) -> int:
        """One past the last frame of the last letter."""
        return next(reversed(self.letters.values()))[-1].end


class Placing:
    """Lays the sentences of a text upon one recording, chain by chain; each sentence and each sound once."""

    def __init__(self, text: Text, log_probs: Array, emitter: Emitter) -> None:
        self._text, self._log_probs, self._emitter = text, log_probs, emitter
        self._spelled = {word: emitter.spell(word) for word in set(text.words)}
        self._placed: dict[int, Placed] = {}

    @property
    def placed(self) -> list[Placed]:
        """The sentences that have their place, by time."""
        return sorted(self._placed.values(), key=lambda each: each.start)

    def lay(self, chain: Chain, left: Sequence[Sentence]) -> None:
        """Place those sentences in `left` that a chain spans. One that was hardly heard is laid between its
        neighbours; whether it was said at all is told by its confidence."""
        matched = {match.word for match in chain.matches}
        inside = [s for s in left
                  if s.stop > chain.first and s.first < chain.stop and s.first not in self._placed]
        frame = self._emitter.seconds_per_frame
        window = (max(0, round((chain.start - BESIDE) / frame)),
                  min(len(self._log_probs), round((chain.end + BESIDE) / frame)))
        own = {each.sentence.first: each
               for each in self._laid([s for s in inside if _share(s, matched) >= HEARD], window)}
        for before, group, after in list(_gaps(inside, own)):
            start = own[before.first].end if before else window[0]
            end = own[after.first].start if after else window[1]
            own |= {each.sentence.first: each for each in self._laid(group, (start, end))}
        sure = [replace(each, mean=self.confidence(each.spans).mean) for each in own.values()]
        self._placed |= {each.sentence.first: each for each in sure if each.mean >= LEAST}

    def free(self, anchors: Sequence[Anchor]) -> list[Anchor]:
        """Those that were heard where no sentence is placed yet."""
        frame = self._emitter.seconds_per_frame
        taken = [(each.start * frame, each.end * frame) for each in self.placed]
        starts = [start for start, _ in taken]
        found = []
        for anchor in anchors:
            at = bisect_right(starts, anchor.middle) - 1
            if at < 0 or anchor.middle > taken[at][1]:
                found.append(anchor)
        return found

    def confidence(self, spans: Sequence[Span]) -> Confidence:
        """Of letters that follow each other on the path."""
        begin, end = spans[0].start, spans[-1].end
        moved = [_moved(span, -begin) for span in spans]
        part = np.asarray(self._log_probs[begin:end], np.float32)
        return confidences(part, moved, [(0, len(moved))], self._emitter.blank,
                           self._emitter.seconds_per_frame)[0]

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
        try:
            spans = viterbi.align(self._free_frames(*window), tokens, self._emitter.blank)
        except BadInput:  # more letters than there is time for
            return []
        own: dict[int, list[Span]] = {}
        for span, place in zip(spans, places, strict=True):
            if place >= 0:
                own.setdefault(place, []).append(_moved(span, window[0]))
        return [Placed(s, letters) for s in sentences
                if (letters := {w: tuple(own[w]) for w in range(s.first, s.stop) if w in own})]

    def _free_frames(self, begin: int, end: int) -> npt.NDArray[np.float32]:
        """Log-probabilities of a window, in which nothing can be written where a sentence is placed."""
        part = np.array(self._log_probs[begin:end], np.float32)
        row = nothing_written(part.shape[1], self._emitter)
        for each in self._placed.values():
            if each.start < end and each.end > begin:
                part[max(0, each.start - begin) : each.end - begin] = row
        return part

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


def _moved(span: Span, by: int) -> Span:
    return replace(span, start=span.start + by, end=span.end + by)
