"""One row of a set that is checked, and one finding for all rows of which the same is to be said."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.types import Finding, Level, Word

_NAMED = 5


@dataclass(frozen=True)
class Item:
    """One row of a set; `end` None: to the end of the sound. `part` is its split, "" where there is none."""

    name: str
    audio: Path
    text: str
    start: float = 0.0
    end: float | None = None
    words: tuple[Word, ...] = ()
    speaker: str = ""
    prompt: str = ""
    part: str = ""


def some(code: str, level: Level, names: Iterable[str], what: str, remedy: str) -> list[Finding]:
    """One finding for all the rows of that name; none for no row."""
    rows = list(names)
    if not rows:
        return []
    named = f"{', '.join(rows[:_NAMED])}{' ...' if len(rows) > _NAMED else ''}"
    return [Finding(code, level, f"{len(rows)} {what}: {named}; {remedy}.", float(len(rows)), tuple(rows))]
