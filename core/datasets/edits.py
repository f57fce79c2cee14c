"""What somebody changed in a file of labels: each label found again among those that were written."""
from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.fuzz import ratio

from core.datasets.formats.base import Found

CLOSE = 0.0015
"""Seconds by which formats round: subtitles have three decimals."""
_MOST = 0.5
"""Of the shorter of two stretches, so much must lie in the other for them to be the same one."""


@dataclass(frozen=True)
class Written:
    """A label as it was written: times in seconds of the sound; `text` is "" where nothing was written."""

    id: str
    start: float
    end: float
    text: str
    speaker: str = ""


@dataclass(frozen=True)
class Edit:
    """What became of a label: none is left of it, one, or several; `written` None: a new one."""

    written: Written | None
    labels: tuple[Found, ...]


def is_same(label: Found, start: float, end: float, text: str) -> bool:
    """Whether a label says that, there, as far as formats can tell."""
    near = abs(label.start - start) <= CLOSE and abs(_end(label) - end) <= CLOSE
    return near and label.text == " ".join(text.split())


def edits(written: Sequence[Written], labels: Sequence[Found]) -> list[Edit]:
    """What happened to each label of a sound, in the order of their times, and what is new.

    A label belongs to the one whose id it has, else to the one that it mostly shares its time with (of
    several, the one whose text is nearest), else to the one left over that alone has its text. Several that
    follow each other within one are a split; one that overlaps the others there is new.
    """
    order = sorted(written, key=lambda one: one.start)
    mine: dict[str, list[Found]] = {one.id: [] for one in order}
    free = []
    for label in sorted(labels, key=lambda label: label.start):
        home = label.id if label.id in mine else _home(order, label)
        if home is None:
            free.append(label)
        else:
            mine[home].append(label)
    found = []
    for one in order:
        kept, extra = _following(one, mine[one.id])
        mine[one.id] = kept
        free += extra
    for one in order:
        if not mine[one.id] and one.text:
            mine[one.id] = _moved(one, order, mine, free)
        if mine[one.id] or one.text:
            found.append(Edit(one, tuple(mine[one.id])))
    return [*found, *(Edit(None, (label,)) for label in sorted(free, key=lambda label: label.start))]


def _end(label: Found) -> float:
    return label.start if label.end is None else label.end


def _home(order: Sequence[Written], label: Found) -> str | None:
    """The id of the written label that this one is, by time and text."""
    longest = max((one.end - one.start for one in order), default=0.0)
    first = bisect_left(order, label.start - longest, key=lambda one: one.start)
    best: tuple[float, str] | None = None
    for one in order[first:]:
        if one.start >= _end(label):
            break
        shared = min(one.end, _end(label)) - max(one.start, label.start)
        share = shared / max(min(one.end - one.start, _end(label) - label.start), 1e-6)
        if share >= _MOST:
            whole = shared / (max(one.end, _end(label)) - min(one.start, label.start))
            score = whole + ratio(one.text, label.text) / 100 + (label.speaker in ("", one.speaker))
            best = max(best or (score, one.id), (score, one.id))
    return best[1] if best else None


def _following(one: Written, labels: list[Found]) -> tuple[list[Found], list[Found]]:
    """(those that follow each other, the rest); where some overlap, only the one most like `one` stays."""
    pairs = pairwise(labels)
    if all(after.start >= _end(before) - 0.05 and after.speaker == before.speaker for before, after in pairs):
        return labels, []
    best = max(labels, key=lambda label: ratio(one.text, label.text) - 100 * abs(label.start - one.start))
    return [best], [label for label in labels if label is not best]


def _moved(one: Written, order: Sequence[Written], mine: dict[str, list[Found]],
           free: list[Found]) -> list[Found]:
    """The new label that says what only `one` said; it is taken out of `free`."""
    same = [label for label in free if label.text == one.text]
    lost = [other for other in order if other.text == one.text and not mine[other.id]]
    if len(same) != 1 or len(lost) != 1:
        return []
    free.remove(same[0])
    return same
