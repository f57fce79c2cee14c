"""A recording from end to end: what was matched, what is uncertain, and what else is in it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.alignment.anchors import Anchor
from core.alignment.words import Times
from core.runs.long.hearing import Unreadable
from core.types import Word

TOGETHER = 1.0  # seconds between two sounds that are one stretch
SPOKEN = 0.6  # words a second that are heard in speech at the least; music and noise give fewer
SHORTEST = 0.5  # seconds: what is shorter is no stretch of its own

KINDS = MATCHED, UNCERTAIN, UNMATCHED, SOUND, SILENCE, UNREADABLE = (
    "matched", "uncertain", "unmatched", "sound", "silence", "unreadable")


@dataclass(frozen=True)
class Stretch:
    """`kind` is one of the six above; `sentence` says why where it cannot be read."""

    start: float
    end: float
    kind: str
    sentence: str = ""

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.end - self.start


def timeline(
    segments: Sequence[tuple[float, float, str]],
    runs: Sequence[Times],
    heard: Sequence[Word] | Sequence[Anchor],
    unreadable: Sequence[Unreadable],
    seconds: float,
) -> list[Stretch]:
    """A recording of `seconds`, by time: `segments` (start, end, kind), and between them speech that was not
    matched, sound in which no words are heard, and silence; gaps below `SHORTEST` are left out."""
    middles = sorted((word.start + word.end) / 2 for word in heard)
    taken = sorted([*(Stretch(*segment) for segment in segments),
                    *(Stretch(bad.start, bad.end, UNREADABLE, bad.sentence) for bad in unreadable)],
                   key=lambda stretch: stretch.start)
    found: list[Stretch] = []
    at = 0.0
    for stretch in [*taken, Stretch(seconds, seconds, SILENCE)]:
        if stretch.start - at >= SHORTEST:
            found += _between(at, stretch.start, runs, middles)
        if stretch.seconds > 0:
            found.append(stretch)
        at = max(at, stretch.end)
    return found


def _between(start: float, end: float, runs: Sequence[Times], middles: Sequence[float]) -> Iterator[Stretch]:
    """What lies between two segments."""
    at = start
    for first, last in _blocks(start, end, runs):
        if first - at >= SHORTEST:
            yield Stretch(at, first, SILENCE)
        n_words = bisect_left(middles, last) - bisect_left(middles, first)
        yield Stretch(first, last, UNMATCHED if n_words >= SPOKEN * (last - first) else SOUND)
        at = last
    if end - at >= SHORTEST:
        yield Stretch(at, end, SILENCE)


def _blocks(start: float, end: float, runs: Sequence[Times]) -> list[Times]:
    """Sounds between two moments, those close together as one."""
    blocks: list[Times] = []
    for first, last in ((max(a, start), min(b, end)) for a, b in runs if b > start and a < end):
        if blocks and first - blocks[-1][1] < TOGETHER:
            blocks[-1] = (blocks[-1][0], last)
        else:
            blocks.append((first, last))
    return [block for block in blocks if block[1] - block[0] >= SHORTEST]
