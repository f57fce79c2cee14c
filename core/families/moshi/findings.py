"""What in a dataset a Moshi could not learn from, or would learn otherwise than one may think."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import BadInput
from core.families.base import LEFT_OUT, Prepared, ttt
from core.families.moshi import labels
from core.families.moshi.options import MoshiOptions
from core.modelling.kyutai.stream import FRAME_RATE
from core.types import Finding, Row

SHORTEST = 0.5
"""Seconds: what is shorter is all beginning."""


def of(rows: Sequence[Row], prepared: Prepared, options: MoshiOptions, width: int, context: int
       ) -> list[Finding]:
    """The findings on `rows`, for a model of that width and context (frames)."""
    named: dict[str, list[str]] = {"short": [], "letters": [], "sound": []}
    for row in rows:
        for fault in _faults(row, prepared):
            named[fault].append(row.id)
    found = [*_of_clips(named, len(rows), options), *ttt.findings(options, width)]
    if options.window_seconds * FRAME_RATE > context:
        found.append(Finding("window", "refuse", f"The longest part is {options.window_seconds:g} s, and this"
                             f" model sees {context / FRAME_RATE:g} s; set “window_seconds” to less."))
    return found


def _faults(row: Row, prepared: Prepared) -> list[str]:
    if row.seconds < SHORTEST:
        return ["short"]
    if not labels.words_of(row):
        return ["sound"]
    try:
        labels.spelled(labels.words_of(row), prepared)
    except BadInput:
        return ["letters"]
    return []


def _of_clips(named: dict[str, list[str]], n: int, options: MoshiOptions) -> list[Finding]:
    found = []
    if ids := named["short"]:
        found.append(_finding(LEFT_OUT, "warn", f"last less than {SHORTEST:g} s and are left out", ids, n))
    if ids := named["letters"]:
        found.append(_finding("letters_outside_vocabulary", "refuse", "hold letters that the vocabulary does"
                              " not have, and that would be learned as marks; spell them out", ids, n))
    if ids := named["sound"]:
        wanted = options.text_weight > 0
        found.append(_finding("sound_alone", "warn" if wanted else "ok", "have no word times and teach sound"
                              " alone" + ("; align them first, or set “text_weight” to 0" if wanted else ""),
                              ids, n))
    return found


def _finding(code: str, level: str, said: str, ids: list[str], n: int) -> Finding:
    some = ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
    return Finding(code, level, f"{len(ids)} of {n} clips {said}: {some}.", float(len(ids)), tuple(ids))  # type: ignore[arg-type]
