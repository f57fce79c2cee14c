"""From words with times over a long recording to segments: cut at pauses, edges in the quiet, nothing lost
without a reason."""
from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.alignment.confidence import Confidence
from core.alignment.quiet import Silences
from core.alignment.words import Times
from core.types import Word

Reason = Literal["short", "long", "overlap", "silent"]
Doubt = Literal["unsure", "slow", "fast"]
Sure = Callable[[Sequence[tuple[int, int]]], Sequence[Confidence]]  # of words from one to another, inclusive

_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", "؟", "।")
_CLOSING = "\"'”’»)]"
_TOUCHING = 0.011  # seconds by which a word may begin before the last one ends: a rounded edge


@dataclass(frozen=True)
class SegmentOptions:
    """What a segment may be: seconds, unless the name says words a second.

    Between `edge_min` and `edge_max` of silence stay at its edges. It is cut in a pause of `cut_pause` where
    neither part gets too short, and in one of `end_pause` even then; `foreign`: so much speech between two
    words of the text ends it, too, since the text lacks it. Below `confidence` or outside the rates it is
    doubtful.
    """

    min_seconds: float = 2.0
    max_seconds: float = 20.0
    edge_min: float = 0.1
    edge_max: float = 0.3
    cut_pause: float = 1.0
    end_pause: float = 3.0
    foreign: float = 0.5
    confidence: float = 0.6
    min_words_per_second: float = 1.5
    max_words_per_second: float = 3.5


@dataclass(frozen=True)
class Segment:
    """Words `first` to `last` (inclusive) of the text in `start` to `end` of the recording (seconds);
    `words_per_second` from the first word's start to the last one's end, `coverage`: the share of its time
    that words fill; `confidence` where it could be asked for."""

    first: int
    last: int
    start: float
    end: float
    words_per_second: float
    coverage: float
    confidence: Confidence | None = None


@dataclass(frozen=True)
class Dropped:
    """Words `first` to `last` (inclusive) that are in no segment, though they have a place.

    "short", "long": what lies between two cuts has not the length of a segment; "overlap": an earlier word
    has that time; "silent": not said by itself (a dash), and beside no word that is.
    """

    first: int
    last: int
    reason: Reason


@dataclass(frozen=True)
class _Unit:
    """A spoken word with the unspoken ones (dashes) beside it."""

    first: int
    last: int
    start: float
    end: float
    closes: bool  # a sentence


@dataclass(frozen=True)
class _Gap:
    """Between two neighbouring units: where the one before would end and the one after begin if it were cut
    here, how long the silence is, and whether they belong together at all."""

    close: float
    open: float
    silence: float
    joined: bool
    sentence: bool


def segment(
    words: Sequence[Word | None], runs: Sequence[Times], seconds: float,
    levels: npt.NDArray[np.float32] | None = None, options: SegmentOptions | None = None,
    sure: Sure | None = None, breaks: Collection[int] = ()
) -> tuple[list[Segment], list[Dropped]]:
    """Segments of a recording of `seconds`, in the order of its time, and the words that are in none.

    `words` in the order of the text, None where one has no place (it ends a segment). `runs`: the stretches
    of speech; `levels` (frames,): dBFS every 10 ms, where the quietest moment is looked for; `sure`: the
    confidence of many stretches of words; `breaks`: words with which a segment begins, come what may. A piece
    that is too long is cut in its longest pause first, one at the end of a sentence counting double.
    """
    options = options or SegmentOptions()
    units, dropped = _units(words, options.max_seconds)
    silences = Silences(runs, levels, options.edge_min, options.edge_max)
    gaps = _gaps(units, silences, options, seconds, breaks)
    found: list[Segment] = []
    for first, last in _pieces(units, gaps, options):
        start, end = gaps[first].open, gaps[last + 1].close
        text = units[first].first, units[last].last
        if end - start < options.min_seconds or end - start > options.max_seconds:
            dropped.append(Dropped(*text, "short" if end - start < options.min_seconds else "long"))
            continue
        spoken = units[first : last + 1]
        said = max(1e-3, spoken[-1].end - spoken[0].start)
        found.append(Segment(*text, start, end, round(len(spoken) / said, 3),
                             round(sum(unit.end - unit.start for unit in spoken) / (end - start), 3)))
    if sure is not None:
        asked = sure([(part.first, part.last) for part in found])
        found = [replace(part, confidence=own) for part, own in zip(found, asked, strict=True)]
    return found, sorted(dropped, key=lambda part: part.first)


def doubts(found: Segment, options: SegmentOptions | None = None) -> tuple[Doubt, ...]:
    """Why a segment should be heard before it is trusted; none is no proof."""
    options = options or SegmentOptions()
    rate, reasons = found.words_per_second, list[Doubt]()
    if found.confidence is not None and found.confidence.mean < options.confidence:
        reasons.append("unsure")
    if rate < options.min_words_per_second:
        reasons.append("slow")
    if rate > options.max_words_per_second:
        reasons.append("fast")
    return tuple(reasons)


def _units(words: Sequence[Word | None], longest: float) -> tuple[list[_Unit], list[Dropped]]:
    """Spoken words in the order of time, none over another, and the words that cannot be among them."""
    spoken = [(word.start, at, word.end) for at, word in enumerate(words)
              if word is not None and word.end > word.start]
    ends, kept, dropped = -math.inf, set[int](), list[Dropped]()
    for start, at, end in sorted(spoken):
        if end - start > longest:
            dropped.append(Dropped(at, at, "long"))
        elif start < ends - _TOUCHING:
            dropped.append(Dropped(at, at, "overlap"))
        else:
            kept.add(at)
            ends = end
    owner = _owners(words, kept)
    dropped += [Dropped(at, at, "silent") for at, own in enumerate(owner) if own == _NOBODY]
    units: dict[int, _Unit] = {}
    for at, own in enumerate(owner):
        word = words[own] if own >= 0 else None
        if word is not None:
            first = units[own].first if own in units else at
            units[own] = _Unit(first, at, word.start, word.end, _closes(words, own, at))
    ordered = sorted(units.values(), key=lambda unit: unit.start)
    for at in range(len(ordered) - 1):
        ordered[at] = replace(ordered[at], end=min(ordered[at].end, ordered[at + 1].start))
    return ordered, dropped


_NO_PLACE, _NOBODY = -1, -2


def _owners(words: Sequence[Word | None], kept: set[int]) -> list[int]:
    """The spoken word that each goes with: itself; of a silent one that before it, or else that after it."""
    owner = [at if at in kept else _NO_PLACE for at in range(len(words))]
    silent = [word is not None and word.end <= word.start for word in words]
    for at in range(1, len(words)):
        if silent[at]:
            owner[at] = owner[at - 1]
    for at in range(len(words) - 2, -1, -1):
        if silent[at] and owner[at] < 0:
            owner[at] = owner[at + 1]
    return [_NOBODY if quiet and own < 0 else own for quiet, own in zip(silent, owner, strict=True)]


def _closes(words: Sequence[Word | None], own: int, last: int) -> bool:
    texts = [word.text for word in words[own : last + 1] if word is not None]
    return any(text.rstrip(_CLOSING).endswith(_SENTENCE_ENDS) for text in texts)


def _gaps(
    units: Sequence[_Unit], silences: Silences, options: SegmentOptions, seconds: float,
    breaks: Collection[int],
) -> list[_Gap]:
    """Before, between and after the units: one more than there are. Before the first and after the last, the
    silence is taken to go on as far beyond the recording, so that its middle is where the recording ends."""
    gaps = []
    for at in range(len(units) + 1):
        before, after = units[at - 1] if at else None, units[at] if at < len(units) else None
        from_ = before.end if before else -after.start if after else 0.0
        to = after.start if after else max(from_, 2 * seconds - from_)
        close, open_ = silences.edges(from_, to)
        silence = silences.longest(from_, to)
        joined = bool(before and after and before.last + 1 == after.first and after.first not in breaks
                      and silence <= options.end_pause
                      and silences.speech(from_, to) <= options.foreign)
        gaps.append(_Gap(close, open_, silence, joined, bool(before and before.closes)))
    return gaps


def _pieces(units: Sequence[_Unit], gaps: Sequence[_Gap], options: SegmentOptions) -> list[tuple[int, int]]:
    """First and last unit (inclusive) of each piece, in order."""
    pieces, begin = [], 0
    for at in range(1, len(units) + 1):
        if not gaps[at].joined:
            pieces += _cut(begin, at, gaps, options)
            begin = at
    return pieces


def _cut(begin: int, end: int, gaps: Sequence[_Gap], options: SegmentOptions) -> list[tuple[int, int]]:
    """Units `begin` to `end` (exclusive) cut into pieces that are short enough, where pauses let them."""
    todo, done = [(begin, end)], []
    while todo:
        begin, end = todo.pop()
        place = _place(begin, end, gaps, options)
        if place is None:
            done.append((begin, end - 1))
        else:
            todo += [(place, end), (begin, place)]
    return done


def _place(begin: int, end: int, gaps: Sequence[_Gap], options: SegmentOptions) -> int | None:
    """The unit before which a piece is cut next; None where it need not or cannot be."""
    start, stop = gaps[begin].open, gaps[end].close
    pauses = [at for at in range(begin + 1, end) if gaps[at].silence >= 2 * options.edge_min]
    whole = [at for at in pauses if gaps[at].close - start >= options.min_seconds
             and stop - gaps[at].open >= options.min_seconds]
    if stop - start <= options.max_seconds:
        whole = [at for at in whole if gaps[at].silence >= options.cut_pause]
        pauses = []
    return max(whole or pauses, key=lambda at: gaps[at].silence * (2 if gaps[at].sentence else 1),
               default=None)
