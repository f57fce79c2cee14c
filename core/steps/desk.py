"""The desk: which takes a reviewer sees, in what order. Read anew at each step, so it reads little."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from core.errors import BadInput
from core.library import Brief, Library, Project
from core.steps.review import DECISIONS
from core.text.difference import same

FILTERS = ("todo", "mismatch", "accepted", "rejected", "all")
SORTS = ("oldest", "longest", "shortest", "risk")
ANY_FLAG = "any"


@dataclass(frozen=True)
class Choice:
    """What a reviewer asked for: a filter, words as they occur, a flag (or ANY_FLAG), a speaker, an order."""

    which: str = "todo"
    query: str = ""
    flag: str = ""
    speaker: str = ""
    sort: str = "oldest"


@dataclass(frozen=True)
class Desk:
    """The takes that were asked for; how many each filter holds of all; how many say their prompt and could
    be accepted at once; who speaks and which flags are set."""

    rows: list[Brief]
    counts: dict[str, int]
    n_matching: int = 0
    speakers: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)


def desk(lib: Library, project: Project, choice: Choice | None = None,
         risks: Mapping[str, float] | None = None) -> Desk:
    """Target and fresh takes as `choice` says; `risks` (by clip id, the highest first) is what sort "risk"
    goes by.

    Raises BadInput for a filter or an order that there is not.
    """
    choice = choice or Choice()
    _refuse_unknown(choice)
    whole = [row for row in lib.clips.briefs(project.id) if row.role != "regression"]
    groups = {name: [row for row in whole if row.decision == name] for name in DECISIONS}
    fits = {row.id: _fits(row) for row in groups["todo"]}
    groups |= {"all": whole, "mismatch": [row for row in groups["todo"] if fits[row.id] is False]}
    found = [row for row in groups[choice.which] if _is_asked_for(row, choice)]
    if choice.sort != "oldest":
        found.sort(key=_ORDERS[choice.sort](risks or {}))
    return Desk(found, {name: len(groups[name]) for name in FILTERS},
                sum(bool(fits[row.id]) for row in groups["todo"] if row.role == "target"),
                sorted({row.speaker for row in whole if row.speaker}),
                sorted({flag for row in whole for flag in row.flags}))


def _refuse_unknown(choice: Choice) -> None:
    if choice.which not in FILTERS:
        raise BadInput(f"“{choice.which}” is no filter; choose one of {', '.join(FILTERS)}.")
    if choice.sort not in SORTS:
        raise BadInput(f"“{choice.sort}” is no order; choose one of {', '.join(SORTS)}.")


def _fits(row: Brief) -> bool | None:
    """Whether a take's text says its prompt; None where one of them is missing."""
    return _same(row.prompt, row.text) if row.prompt and row.text is not None else None


@lru_cache(maxsize=65536)
def _same(prompt: str, text: str) -> bool:
    return same(prompt, text)


def _is_asked_for(row: Brief, choice: Choice) -> bool:
    if choice.speaker and row.speaker != choice.speaker:
        return False
    if choice.flag and not (row.flags if choice.flag == ANY_FLAG else choice.flag in row.flags):
        return False
    return not choice.query or choice.query.casefold() in _said(row)


def _said(row: Brief) -> str:
    """All that can be searched of a take."""
    flags = " ".join(row.flags)
    return f"{row.text or ''} {row.prompt or ''} {row.name} {row.speaker or ''} {flags}".casefold()


Order = Callable[[Brief], float]
_ORDERS: dict[str, Callable[[Mapping[str, float]], Order]] = {
    "longest": lambda risks: lambda row: row.start - row.end,
    "shortest": lambda risks: lambda row: row.end - row.start,
    "risk": lambda risks: lambda row: -risks.get(row.id, 0.0)}
"""How the rows are sorted; those that are equal stay in the order of their age."""
