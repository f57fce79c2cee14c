"""Anchors: words that somebody heard at a known time, from any number of sources, brought together."""
from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.text.word_keys import key

HAND = "hand"
BOTH = " + "  # between the names of sources that heard the same
NEAR = 0.5  # of the shorter one's time: words that overlap as much are heard at the same time
CLOSE = 0.25  # seconds: as far two sources may place the middle of one word from each other


@dataclass(frozen=True)
class Anchor:
    """A word heard from `start` to `end`, seconds in the whole recording; `score` 0..1, None where the source
    has none. `source` names who heard it: "whisper:tiny", "ctc:starter", "file:meeting.srt", "hand", or
    several of them joined by " + "."""

    text: str
    start: float
    end: float
    score: float | None = None
    source: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(self.source.split(BOTH))

    @property
    def by_hand(self) -> bool:
        return HAND in self.sources

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2


def merge(sources: Sequence[Sequence[Anchor]], language: str = "") -> list[Anchor]:
    """All anchors of all sources by time; the same in whatever order they come.

    Words with one key (in `language`) that two sources heard at the same time become one: every name in its
    source, times and score of the one that was surer. What one source heard twice was said twice. An anchor
    set by hand stands as it is: others at its time go, and those that agree with it leave their name.
    """
    everything = sorted({anchor for source in sources for anchor in source}, key=_order)
    longest = max((anchor.end - anchor.start for anchor in everything), default=0.0) + CLOSE
    hand = [anchor for anchor in everything if anchor.by_hand]
    others: list[Anchor] = []
    for anchor in everything:
        if anchor.by_hand or _told_by_hand(anchor, hand, longest, language):
            continue
        twin = _twin(anchor, others, longest, language)
        if twin is None:
            others.append(anchor)
        else:
            others[twin] = _one(others[twin], anchor)
    return sorted([*hand, *others], key=_order)


def slots(anchors: Sequence[Anchor]) -> list[int]:
    """The place of each anchor in the order of what was said, for anchors by time: different words that two
    sources heard at the same time share one, so that only one of them can be what was said there."""
    places: list[int] = []
    begun = 0  # the first anchor of the place that is being filled
    for at, anchor in enumerate(anchors):
        members = anchors[begun:at]
        shared = members and all(_at_once(anchor, one) and _apart(anchor, one) for one in members)
        if not shared:
            begun = at
        places.append(places[-1] + (not shared) if places else 0)
    return places


def _order(anchor: Anchor) -> tuple[float, float, str, str, float]:
    score = -1.0 if anchor.score is None else anchor.score
    return anchor.start, anchor.end, anchor.source, anchor.text, score


def _told_by_hand(anchor: Anchor, hand: list[Anchor], longest: float, language: str) -> bool:
    """Whether a person set an anchor at this one's time; one with the same word takes its name."""
    told = False
    for at in range(bisect_left(hand, anchor.start - longest, key=_start), len(hand)):
        if hand[at].start > anchor.end:
            break
        if _at_once(anchor, hand[at]):
            told = True
            if key(anchor.text, language) == key(hand[at].text, language):
                hand[at] = replace(hand[at], source=_names(hand[at], anchor))
    return told


def _twin(anchor: Anchor, earlier: list[Anchor], longest: float, language: str) -> int | None:
    """Which of those that begin earlier is the same word heard by others, the nearest one."""
    found = []
    for at in range(len(earlier) - 1, -1, -1):
        one = earlier[at]
        if one.start < anchor.start - longest:
            break
        together = _at_once(anchor, one) or abs(one.middle - anchor.middle) <= CLOSE
        if together and _apart(anchor, one) and key(one.text, language) == key(anchor.text, language):
            found.append((abs(one.middle - anchor.middle), at))
    return min(found)[1] if found else None


def _one(first: Anchor, second: Anchor) -> Anchor:
    surer = second if (second.score or 0.0) > (first.score or 0.0) else first
    return replace(surer, source=_names(first, second))


def _names(first: Anchor, second: Anchor) -> str:
    by_hand = (HAND,) if first.by_hand or second.by_hand else ()
    heard = sorted({*first.sources, *second.sources} - {HAND})
    return BOTH.join((*by_hand, *heard))


def _start(anchor: Anchor) -> float:
    return anchor.start


def _apart(one: Anchor, other: Anchor) -> bool:
    return not set(one.sources) & set(other.sources)


def _at_once(one: Anchor, other: Anchor) -> bool:
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared >= NEAR * min(one.end - one.start, other.end - other.start)
