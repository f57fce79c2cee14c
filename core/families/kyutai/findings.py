"""What in a dataset a Kyutai STT could not learn from, or would learn wrongly."""

from __future__ import annotations

from collections.abc import Sequence

from core.families.base import LEFT_OUT, Prepared
from core.families.kyutai import labels
from core.types import Finding, Level, Row

SHORT, LATE, EDGE = 2.0, 0.4, 0.02
"""Seconds: clips below the first are odd to a model of long streams; text that comes later than the second is
learned late; a word so near to an edge of its clip is probably cut."""

FAULTS: dict[str, tuple[str, Level, str]] = {
    "empty": ("text_empty", "refuse", "have no text to learn; write what is said, or leave them out"),
    "times": (LEFT_OUT, "warn", "have no word times and are left out: align them first (the Train tab does,"
              " or `app.py words`), then make the dataset anew"),
    "other": (LEFT_OUT, "warn", "have word times of another text than theirs and are left out; align them"
              " again"),
    "letters": ("letters_outside_vocabulary", "refuse", "hold letters that the vocabulary does not have, and"
                " that would be learned as marks; spell them out"),
    "lost": (LEFT_OUT, "warn", "have more text than frames and are left out; the text or the cut is wrong"),
    "late": ("late_words", "warn", f"have text that comes more than {LATE:g} s late, because the words before"
             " it have too many pieces; the times or the text may be wrong"),
    "edges": ("words_at_edges", "warn", "begin or end inside a word, as its time tells; move the edge"),
    "short": ("short_clips", "warn", f"last less than {SHORT:g} s; silence is put around them, and longer"
              " ones teach more"),
}
"""Fault -> code, level, and what is said of the clips."""


def of(rows: Sequence[Row], prepared: Prepared, is_held_out: bool) -> list[Finding]:
    """The findings on `rows`. Of clips that only judge, what their labels would be does not matter."""
    named: dict[str, list[str]] = {fault: [] for fault in FAULTS}
    for row in rows:
        for fault in _faults(row, prepared, is_held_out):
            named[fault].append(row.id)
    return [_finding(fault, ids, len(rows)) for fault, ids in named.items() if ids]


def untimed(rows: Sequence[Row]) -> tuple[str, ...]:
    """The ids of the clips that have a text and no word times."""
    return tuple(row.id for row in rows if labels.normalise(row.text) and not row.words)


def _faults(row: Row, prepared: Prepared, is_held_out: bool) -> list[str]:
    if not labels.normalise(row.text):
        return ["empty"]
    if is_held_out:
        return []
    if not row.words:
        return ["times"]
    words = labels.words_of(row)
    if _bare(" ".join(word.text for word in words)) != _bare(labels.normalise(row.text)):
        return ["other"]
    known = labels.vocabulary(prepared)
    if not all(labels.can_write(known.encode(word.text)) for word in words):
        return ["letters"]
    stream = labels.whole(row, prepared)[2]
    if stream.cut:
        return ["lost"]
    is_cut = words[0].start < EDGE or max(word.end for word in words) > row.seconds - EDGE
    return ["late"] * (stream.backlog > LATE) + ["edges"] * is_cut + ["short"] * (row.seconds < SHORT)


def _bare(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _finding(fault: str, ids: list[str], n: int) -> Finding:
    code, level, said = FAULTS[fault]
    some = ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
    return Finding(code, level, f"{len(ids)} of {n} clips {said}: {some}.", float(len(ids)), tuple(ids))
