"""The rules of a project as a table that is typed in, what each gives beside it; what converting anew would
change."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from core.errors import BadInput
from core.steps.convert import Converted
from core.steps.rules import HEADS
from core.text.rules import Rule
from core.text.rules_checked import MOST_CHARS, Tested
from ui import view as show
from ui.texts import say

EMPTY = Rule("", "")
SHOWN = 5
"""Takes that a preview shows in full."""


def table(tested: Sequence[Tested]) -> str:
    """The table with an empty row at its end, and its buttons."""
    rows = [_row(one.rule, _gives(one)) for one in tested] + [_row(EMPTY, "")]
    heads = "".join(f'<th scope="col">{show.words(f"rules.head.{head}")}</th>' for head in (*HEADS, "gives"))
    named = show.words("rules.table")
    act = show.words("rules.act")
    buttons = "".join(f'<button type="button" data-do="{what}">{show.words(f"rules.{what}")}</button>'
                      for what in ("add", "keep"))
    return (f'<div class="vw-table vw-rules"><table><caption class="vw-sr">{named}</caption><thead>'
            f'<tr>{heads}<th scope="col"><span class="vw-sr">{act}</span></th></tr></thead>'
            f'<tbody>{"".join(rows)}</tbody></table></div><p class="vw-actions">{buttons}</p>')


def _row(rule: Rule, gives: str) -> str:
    cells = "".join(
        f'<td><input type="text" dir="auto" maxlength="{MOST_CHARS}" value="{show.text_of(text)}" '
        f'aria-label="{show.words(f"rules.head.{head}")}" '
        f'placeholder="{show.words(f"rules.head.{head}")}"></td>'
        for head, text in zip(HEADS, astuple(rule), strict=True))
    gone = show.words("rules.remove")
    button = f'<button type="button" data-do="remove" title="{gone}" aria-label="{gone}">×</button>'
    return f'<tr>{cells}<td data-gives dir="auto">{gives}</td><td>{button}</td></tr>'


def _gives(one: Tested) -> str:
    mark = show.chip(say("rules.right"), "done") if one.ok else show.chip(say("rules.wrong"), "failed")
    return f"{show.text_of(one.actual)} {mark}"


def rules_of(rows: Any) -> list[Rule]:
    """What a page sends of its rows; BadInput where that is no table of texts."""
    fits = isinstance(rows, list) and all(
        isinstance(row, list) and len(row) == len(HEADS) and all(isinstance(cell, str) for cell in row)
        for row in rows)
    if not fits:
        raise BadInput(say("rules.no_table"))
    return [Rule(*row) for row in rows]


def preview(found: Sequence[Converted]) -> str:
    """How many transcripts would change, and the first of them."""
    if not found:
        return show.note(say("rules.nothing_changes"), "ok")
    lines = []
    for one in found[:SHOWN]:
        before, after = show.marked(one.before, one.after)
        lines.append([show.text_of(one.name), f'<span dir="auto">{before}</span>',
                      f'<span dir="auto">{after}</span>'])
    heads = [say(f"rules.preview.{head}") for head in ("take", "now", "then")]
    said = say("rules.would_change", n=len(found))
    return show.note(said) + show.table(heads, lines, said)
