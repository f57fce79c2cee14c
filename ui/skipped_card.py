"""The clips that a run left out: which and why, where the first number that is none arose; to hear."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ui import view as show
from ui.sample_table import hear
from ui.texts import say
from ui.texts.retold import retold

MOST = 50


def card(rows: Sequence[dict[str, Any]], names: dict[str, str]) -> str:
    """A row for each clip and reason; `names` are those of clips that are still there, which can be heard."""
    found: dict[tuple[str, str, str], list[int]] = {}
    for row in rows:
        if row["kind"] == "skipped":
            for clip in row["ids"]:
                found.setdefault((str(clip), str(row["reason"]), _where(row)), []).append(row["step"])
    if not found:
        return ""
    lines = [[_clip(clip, names), show.text_of(retold(reason)), show.text_of(where), _steps(steps)]
             for (clip, reason, where), steps in list(found.items())[:MOST]]
    heads = [say("room.skipped_clip"), say("room.skipped_why"), say("room.skipped_where"), say("plot.step")]
    n = len({clip for clip, _, _ in found})
    more = show.note(say("room.left_out", n=len(found) - MOST)) if len(found) > MOST else ""
    return (f'<details data-fold="skipped" open><summary>{show.words("room.skipped", n=n)}</summary>'
            f'{show.table(heads, lines, say("room.skipped", n=n), "vw-skipped")}{more}</details>')


def ids(rows: Sequence[dict[str, Any]]) -> set[str]:
    """The clips that were left out."""
    return {str(clip) for row in rows if row["kind"] == "skipped" for clip in row["ids"]}


def _where(row: dict[str, Any]) -> str:
    """The module, and what of it (its output, its gradient), where the run found out."""
    parts = [str(row[name]) for name in ("module", "what") if row.get(name)]
    return ", ".join(parts) or "–"


def _clip(clip: str, names: dict[str, str]) -> str:
    if clip not in names:
        return f"<code>{show.text_of(clip)}</code>"
    return f"{show.text_of(names[clip])} {hear(clip)}"


def _steps(steps: Sequence[int]) -> str:
    said = ", ".join(map(str, steps[:5]))
    return f"{said}, … ({len(steps)})" if len(steps) > 5 else said
