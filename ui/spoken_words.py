"""The figures of speech that a model made, with their units and a word of meaning: under the samples of a
training and on the Speak tab."""
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ui import view as show
from ui.texts import say

# (upper bound, name of the word in ui/texts, kind of note) in rising order
_LENGTH = ((0.6, "short", "warn"), (1.6, "usual", "ok"), (2.5, "long", "warn"), (math.inf, "endless", "bad"))
_SILENCE = ((0.5, "speech", "ok"), (0.8, "pauses", "warn"), (math.inf, "silent", "bad"))
_HEARD = ((0.1, "clear", "ok"), (0.3, "mostly", "warn"), (math.inf, "unclear", "bad"))

FEW = 0.1
"""Share of different codes below which a sound hangs."""


def figures(row: Mapping[str, Any]) -> str:
    """What was measured of one sound, as a list in HTML; what a row does not have is left out. `row` is a
    `sample` event of a family that speaks, or a result of a run that speaks."""
    told = [_stopped(row), _length(row), _share("silence", row, _SILENCE), _variety(row),
            _share("cer", row, _HEARD)]
    lines = "".join(f'<li class="vw-{kind}">{show.text_of(said)}</li>' for kind, said in filter(None, told))
    return f'<ul class="vw-spoken-figures">{lines}</ul>' if lines else ""


def _stopped(row: Mapping[str, Any]) -> tuple[str, str] | None:
    if row.get("stopped") is None:
        return None
    return ("ok", say("spoken.stopped")) if row["stopped"] else ("bad", say("spoken.not_stopped"))


def _length(row: Mapping[str, Any]) -> tuple[str, str] | None:
    seconds, ratio = row.get("seconds"), row.get("duration_ratio")
    if not seconds:
        return None if seconds is None else ("bad", say("spoken.nothing_said"))
    if ratio is None:
        return "info", say("spoken.seconds", seconds=seconds)
    word, kind = _meaning(ratio, _LENGTH)
    return kind, say(f"spoken.length.{word}", seconds=seconds, ratio=ratio)


def _share(name: str, row: Mapping[str, Any], bounds: Sequence[tuple[float, str, str]]
           ) -> tuple[str, str] | None:
    if row.get(name) is None:
        return None
    word, kind = _meaning(row[name], bounds)
    return kind, say(f"spoken.{name}.{word}", share=100 * row[name])


def _variety(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Of the first codebook, which carries most of the speech; samples of a training tell a mean of all."""
    books = row.get("diversity")
    if isinstance(books, float | int):
        word, kind = ("few", "bad") if books < FEW else ("many", "ok")
        return kind, say(f"spoken.variety.{word}", share=100 * books)
    if not books:
        return None
    first, kind = books[0], "bad" if row.get("loops") else "ok"
    word = "loops" if row.get("loops") else "varied"
    return kind, say(f"spoken.variety.{word}", share=100 * first["distinct_share"],
                     bits=first["entropy_bits"])


def _meaning(value: float, bounds: Sequence[tuple[float, str, str]]) -> tuple[str, str]:
    return next((word, kind) for bound, word, kind in bounds if value < bound or bound == math.inf)
