"""What was looked at before a merged or exported model was called ready, as its run keeps it: one line a
check, and the files that were written."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.families.base import Check


@dataclass(frozen=True)
class Checklist:
    """The `checks` in their order, and the name and size in bytes of each of the `files` in the folder."""

    checks: tuple[Check, ...]
    files: tuple[tuple[str, int], ...]

    @property
    def n_bytes(self) -> int:
        """What the folder takes on the disk."""
        return sum(size for _, size in self.files)

    def lines(self) -> Iterator[str]:
        """For a screen: each check with its sign, and the files."""
        for check in self.checks:
            yield f"{'✓' if passed(check) else '✗'} {check.name:9} {check.sentence}{_on(check.clips)}"
        if self.files:
            yield f"{len(self.files)} files, {sized(self.n_bytes)}:"
            yield from (f"  {name}  {sized(size)}" for name, size in self.files)


def of(figures: Mapping[str, Any]) -> Checklist:
    """The checklist in the figures of a run; empty for a run that has none."""
    rows = [*figures.get("compared", ()), *figures.get("checks", ())]
    return made([Check(**{**row, "clips": tuple(row.get("clips", ()))}) for row in rows],
                figures.get("files", ()))


def made(checks: Iterable[Check], files: Iterable[Any]) -> Checklist:
    """The checklist of `checks` and of (name, bytes) of each file."""
    return Checklist(tuple(checks), tuple((str(name), int(size)) for name, size in files))


def passed(check: Check) -> bool:
    """Whether a check came out as it must; a difference that is no number never does."""
    return check.value <= check.allowed


def sized(n_bytes: int) -> str:
    """A size as a person reads it."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if n_bytes >= size:
            return f"{n_bytes / size:.1f} {unit}"
    return f"{n_bytes} bytes"


def _on(clips: tuple[str, ...]) -> str:
    """The clips that were compared, the first of many."""
    if not clips:
        return ""
    more = f" and {len(clips) - 3} more" if len(clips) > 3 else ""
    return f" Compared on {', '.join(clips[:3])}{more}."
