"""From chains to segments: sentences laid on the sound, the unsure ones left out, cut at pauses, measured."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from core.alignment.anchors import Anchor
from core.alignment.chain import Chain
from core.alignment.confidence import Confidence
from core.alignment.segments import Segment, SegmentOptions, doubts, segment
from core.alignment.viterbi import Span
from core.alignment.words import Times
from core.audio.read import read
from core.errors import StudioError
from core.families.base import Emitter
from core.quality.clip import measure
from core.runs.long.hearing import Heard, Source, Unreadable
from core.runs.long.placing import DOUBTFUL, Placed, Placing
from core.runs.long.spelling import Mute
from core.runs.long.text import Text
from core.runs.long.timeline import MATCHED, UNCERTAIN, Stretch, timeline
from core.runs.long.timing import speech, timed
from core.types import Word


@dataclass(frozen=True)
class Made:
    """Of one recording: `segments` and `chains` as rows of a result, the time line, how many words of the
    text lie in segments that are sure, and in any; and of those with a place but no segment how many, by the
    reason."""

    segments: list[dict[str, Any]]
    chains: list[dict[str, Any]]
    stretches: list[Stretch]
    n_words_matched: int
    n_words_placed: int
    dropped: dict[str, int]


def cut(
    text: Text, placing: Placing, chains: Sequence[Chain], heard: Heard, free: Sequence[Anchor],
    emitter: Emitter, source: Source, options: SegmentOptions, muted: Mute,
) -> Made:
    """Segments of a recording from the sentences that have their place in it; `free`: all that the model
    heard; `muted`: the words that it cannot write."""
    runs, placed = speech(heard.levels), placing.placed
    words = _words(text, placed, timed(placed, runs, source.seconds, emitter.seconds_per_frame))
    letters = {place: spans for each in placed for place, spans in each.letters.items()}

    def sure(stretches: Sequence[tuple[int, int]]) -> list[Confidence]:
        return [placing.confidence([span for place in range(first, last + 1)
                                    for span in letters.get(place, ())]) for first, last in stretches]

    unsure = [each.sentence for each in placed if each.mean < DOUBTFUL]
    doubtful = {place for sentence in unsure for place in range(sentence.first, sentence.stop)}
    breaks = {place for sentence in unsure for place in (sentence.first, sentence.stop)}
    segments, dropped = segment(words, runs, source.seconds, heard.levels, options, sure, breaks)
    segments = [_readable(one, heard.unreadable) for one in segments]
    heard_in = _hearer(free)
    rows = [{**_row(text, words, one, source, emitter, _doubts(one, options, doubtful, muted)),
             "heard": heard_in(one.start, one.end)} for one in segments]
    places = [(row["start"], row["end"], row["kind"]) for row in rows]
    stretches = timeline(places, runs, free, heard.unreadable, source.seconds)
    n_words = {kind: sum(one.last - one.first + 1 for one, row in zip(segments, rows, strict=True)
                         if row["kind"] == kind) for kind in (MATCHED, UNCERTAIN)}
    told = [{"first": chain.first, "stop": chain.stop, "start": chain.start, "end": chain.end,
             "matches": len(chain.matches), "sure": chain.sure, "heard_by": dict(chain.heard_by)}
            for chain in chains]
    lost = Counter[str]()
    for part in dropped:
        lost[part.reason] += part.last - part.first + 1
    return Made(rows, told, stretches, n_words[MATCHED], sum(n_words.values()), dict(lost))


def _readable(one: Segment, unreadable: Sequence[Unreadable]) -> Segment:
    """Without an edge that reaches into what cannot be read: a clip of it could not be played."""
    start = max([one.start, *(bad.end for bad in unreadable if bad.start <= one.start < bad.end)])
    end = min([one.end, *(bad.start for bad in unreadable if bad.start < one.end <= bad.end)])
    return replace(one, start=start, end=end)


def _hearer(free: Sequence[Anchor]) -> Callable[[float, float], str]:
    """What the model wrote by itself from one second to another: whoever checks a segment compares it."""
    ordered = sorted(free, key=lambda anchor: anchor.middle)
    middles = [anchor.middle for anchor in ordered]

    def heard(start: float, end: float) -> str:
        inside = slice(bisect_left(middles, start), bisect_left(middles, end))
        return " ".join(anchor.text for anchor in ordered[inside])

    return heard


def _words(
    text: Text, placed: Sequence[Placed], times: Sequence[dict[int, Times]]
) -> list[Word | None]:
    """All words of the text, None where one has no place; one that cannot be written, inside a sentence that
    has its place, stands silent at the end of the word before it."""
    words: list[Word | None] = [None] * len(text.words)
    for each, own in zip(placed, times, strict=True):
        at = own[next(iter(own))][0]
        for place in range(each.sentence.first, each.sentence.stop):
            start, end = own.get(place, (at, at))
            words[place] = Word(text.words[place], start, end, _mean(each.letters.get(place, ())))
            at = end
    return words


def _mean(letters: Sequence[Span]) -> float | None:
    """Geometric mean of the letters' probabilities; None for none."""
    return round(float(np.exp(np.mean([span.score for span in letters]))), 4) if letters else None


def _doubts(one: Segment, options: SegmentOptions, doubtful: set[int], muted: Mute) -> list[str]:
    """Why a segment is uncertain; a doubtful sentence stands alone in its own. A word that the model cannot
    write may lie outside of the sound that was cut."""
    found: list[str] = list(doubts(one, options))
    own = range(one.first, one.last + 1)
    if "unsure" not in found and not doubtful.isdisjoint(own):
        found.append("unsure")
    return found + ["letters"] * (not muted.places.isdisjoint(own))


def _row(text: Text, words: Sequence[Word | None], one: Segment, source: Source, emitter: Emitter,
         why: list[str]) -> dict[str, Any]:
    """A segment as it is kept: its words count from its own start."""
    start, end = round(one.start, 3), round(one.end, 3)
    own = [word for word in words[one.first : one.last + 1] if word is not None]
    sure = one.confidence or Confidence(0.0, 0.0, float("inf"))
    return {"start": start, "end": end, "text": " ".join(text.words[one.first : one.last + 1]),
            "first": one.first, "last": one.last, "kind": UNCERTAIN if why else MATCHED,
            "engine": emitter.engine,
            "words": [_since(start, word) for word in own],
            "figures": {"confidence": sure.mean, "worst": sure.worst, "margin": sure.margin,
                        "words_per_second": one.words_per_second, "coverage": one.coverage,
                        "doubts": why},
            "quality": _quality(source, start, end, len(own))}


def _since(start: float, word: Word) -> list[Any]:
    times = (round(max(0.0, at - start), 3) for at in (word.start, word.end))
    return [word.text, *times, word.score]


def _quality(source: Source, start: float, end: float, n_words: int) -> dict[str, Any]:
    try:
        audio = read(source.path, start, min(end, source.seconds))
    except StudioError:  # at the edge of what cannot be read
        return {}
    return asdict(measure(audio.samples, audio.rate, n_words))
