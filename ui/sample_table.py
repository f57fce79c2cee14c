"""How what the model writes or says of one sentence changed: for each sample a fold with a row for each
change, and for what was said a button that plays it, with its figures."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any
from urllib.parse import quote

from ui import spoken_words
from ui import view as show
from ui.texts import say

MOST_ROWS = 40
"""Rows of one sentence: its first change and the newest ones."""


def over_time(rows: Sequence[dict[str, Any]], run_id: str = "") -> str:
    """A fold for each sentence of the `sample` rows; nothing while none was written twice. The sounds of
    `run_id` can be played."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["kind"] == "sample":
            found.setdefault(str(row["id"]), []).append(row)
    folds = [_fold(name, said, run_id) for name, said in found.items() if len(said) > 1]
    return f'<div class="vw-folds">{"".join(folds)}</div>' if folds else ""


def _fold(name: str, said: Sequence[dict[str, Any]], run_id: str) -> str:
    reference = said[-1]["reference"]
    # every sound is another one, though the same is heard in two
    spans = [list(span) for _, span in groupby(said, key=lambda row: row.get("audio") or row["prediction"])]
    n_left_out = max(0, len(spans) - MOST_ROWS)
    shown = [*spans[:1], *spans[1 + n_left_out:]]
    lines = [[_steps(span), _written(reference, span[0]["prediction"]) + spoken(run_id, span[0])]
             for span in shown]
    heads = [say("plot.step"), say("room.written")]
    table = show.table(heads, lines, say("room.course_of", text=reference), "vw-samples vw-course")
    left_out = show.note(say("room.left_out", n=n_left_out)) if n_left_out else ""
    title = show.words("room.course", n=len(spans))
    return (f'<details data-fold="{show.text_of(name)}"><summary><bdi>{show.text_of(reference)}</bdi> '
            f'<small>{title}</small></summary>{hear(name)}{left_out}{table}</details>')


def _steps(span: Sequence[dict[str, Any]]) -> str:
    first, last = span[0]["step"], span[-1]["step"]
    return str(first) if first == last else f"{first}–{last}"


@lru_cache(4096)
def _marked(reference: str, prediction: str) -> str:
    return show.marked(reference, prediction)[1]


def _written(reference: str, prediction: str) -> str:
    return _marked(reference, prediction) if prediction else show.nothing("view.nothing")


def spoken(run_id: str, row: Mapping[str, Any]) -> str:
    """The sound of a `sample` row of a model that speaks, to be played, and its figures; "" for any other."""
    if not row.get("audio"):
        return ""
    name, step = str(row["id"]), int(row["step"])
    place = f"/run/{quote(run_id)}/sample/{step}/{quote(name, safe='')}.wav"
    return f'<div>{hear(f"{step}/{name}", place)}</div>{spoken_words.figures(row)}'


def hear(name: str, place: str = "") -> str:
    """A button that plays a sound: a clip by its id, or what lies at `place` (static/run-rows.js)."""
    at = f' data-place="{show.text_of(place)}"' if place else ""
    return (f'<button type="button" class="vw-small" data-play="{show.text_of(name)}"{at}>'
            f'{show.words("room.hear")}</button>')
