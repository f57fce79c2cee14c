"""Bulk: one action on many clips, shown line by line before it is done, and one batch that one undo takes
back."""
from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.errors import BadInput, Stale
from core.library import Brief, Change, Library, Project
from core.library.transcripts import Draft
from core.steps import flags
from core.steps.review import MAX_TEXT


@dataclass(frozen=True)
class Order:
    """What to do with the clips; `flag` is for the action "flag", the others for "replace"."""

    action: str
    flag: str = ""
    find: str = ""
    put: str = ""
    whole_words: bool = False


@dataclass(frozen=True)
class Line:
    """One change as a person reads it: a field ("decision", "text", "flags") before and after."""

    clip_id: str
    name: str
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Plan:
    """What an order would do; clips that it leaves as they are have no line."""

    lines: tuple[Line, ...]
    drafts: tuple[Draft, ...]
    changes: tuple[Change, ...]

    @property
    def mark(self) -> str:
        """Another one tells that the clips are not as they were shown."""
        return hashlib.sha256(repr((self.lines, self.drafts, self.changes)).encode()).hexdigest()[:16]


Made = tuple[Line, Draft | Change] | None


def plan(rows: Sequence[Brief], order: Order) -> Plan:
    """What `order` would do to these clips; writes nothing. BadInput for an order that says too little."""
    if order.action not in ACTIONS:
        raise BadInput(f"“{order.action}” is no action; choose one of {', '.join(ACTIONS)}.")
    one = ACTIONS[order.action](order)
    made = [found for row in rows if (found := one(row))]
    return Plan(tuple(line for line, _ in made), tuple(do for _, do in made if isinstance(do, Draft)),
                tuple(do for _, do in made if isinstance(do, Change)))


def apply(lib: Library, project: Project, rows: Sequence[Brief], order: Order, mark: str, who: str) -> Plan:
    """Do what was shown under `mark` as one batch; returns what was done.

    Raises Stale, and writes nothing, where the clips are not any more as they were shown.
    """
    found = plan(rows, order)
    if found.mark != mark:
        raise Stale("Some of these clips have changed since they were listed; nothing was done. Look at the "
                    "list again.")
    lib.transcripts.append(project.id, found.drafts, who, changes=found.changes)
    return found


def _decide(decision: str) -> Callable[[Order], Callable[[Brief], Made]]:
    """Accepting needs a text, as it does for one clip."""

    def one(row: Brief) -> Made:
        if row.decision == decision or (decision == "accepted" and not (row.text or "").strip()):
            return None
        return (Line(row.id, row.name, "decision", row.decision, decision),
                Change(row.id, "decision", row.decision, decision))

    return lambda order: one


def _use_prompt(order: Order) -> Callable[[Brief], Made]:
    def one(row: Brief) -> Made:
        if not row.prompt or row.prompt == row.text:
            return None
        return (Line(row.id, row.name, "text", row.text or "", row.prompt),
                Draft(row.id, row.prompt, "prompt", row.transcript_id))

    return one


def _flag(order: Order) -> Callable[[Brief], Made]:
    if order.flag not in flags.FLAGS:
        raise BadInput(f"“{order.flag}” is no flag; choose one of {', '.join(flags.FLAGS)}.")

    def one(row: Brief) -> Made:
        after = flags.in_order({*row.flags, order.flag})
        if order.flag in row.flags:
            return None
        return (Line(row.id, row.name, "flags", " ".join(row.flags), " ".join(after)),
                flags.change(row.id, row.flags, after))

    return one


def _replace(order: Order) -> Callable[[Brief], Made]:
    """Letters as they are typed; a text that would be empty, or too long, stays as it is."""
    if not order.find.strip():
        raise BadInput("Say which text to find.")
    word = r"(?<!\w){}(?!\w)" if order.whole_words else "{}"
    wanted = re.compile(word.format(re.escape(order.find)))

    def one(row: Brief) -> Made:
        after = " ".join(wanted.sub(lambda _: order.put, row.text or "").split())
        if not after or after == row.text or len(after) > MAX_TEXT:
            return None
        return (Line(row.id, row.name, "text", row.text or "", after),
                Draft(row.id, after, "person", row.transcript_id))

    return one


ACTIONS = {"accept": _decide("accepted"), "reject": _decide("rejected"), "prompt": _use_prompt, "flag": _flag,
           "replace": _replace}
