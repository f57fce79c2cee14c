"""What people write about a run: a note and tags, each version a row of a file in its folder."""

from __future__ import annotations

import time
from dataclasses import dataclass

from core.errors import BadInput, Stale, Unavailable
from core.files import append_jsonl, read_jsonl
from core.locks import FileLock
from core.run_dir import RunDir

NAME = "notes.jsonl"
MOST_NOTE = 4000
MOST_TAGS = 10
LONGEST_TAG = 30
PATIENCE = 2.0
"""Seconds that a writer waits for another: an append takes a few milliseconds."""


@dataclass(frozen=True)
class Notes:
    """The newest version; `version` counts them, 0 where nobody wrote yet."""

    note: str = ""
    tags: tuple[str, ...] = ()
    version: int = 0


def of_run(run: RunDir) -> Notes:
    """What is written about a run now."""
    rows, _ = read_jsonl(run.path / NAME)
    return Notes(rows[-1]["note"], tuple(rows[-1]["tags"]), len(rows)) if rows else Notes()


def write(run: RunDir, note: str, tags: str, expects: int, who: str) -> Notes:
    """Append a version; `tags` are separated by commas. Raises Stale where the newest is not version
    `expects`, and BadInput for what is too long."""
    made = Notes(_note(note), parse(tags), expects + 1)
    lock = _lock(run)
    try:
        if of_run(run).version != expects:
            raise Stale("Somebody else changed the note of this run in the meantime: nothing was "
                        "overwritten. Press Show to see theirs, and write yours anew.")
        row = {"t": time.time(), "who": who, "note": made.note, "tags": list(made.tags)}
        append_jsonl(run.path / NAME, [row])
    finally:
        lock.release()
    return made


def _lock(run: RunDir) -> FileLock:
    lock = FileLock.take_within(run.path / f"{NAME}.lock", PATIENCE)
    if lock is None:
        raise Unavailable("The note of this run is being written by another page; try again.")
    return lock


def _note(note: str) -> str:
    if len(note) > MOST_NOTE:
        raise BadInput(f"The note has {len(note)} letters and may have {MOST_NOTE}: shorten it.")
    return note.strip()


def parse(tags: str) -> tuple[str, ...]:
    """The tags of a text, each once, however its letters are large or small; BadInput for too many or too
    long ones."""
    found: dict[str, str] = {}
    for tag in map(" ".join, map(str.split, tags.split(","))):
        found.setdefault(tag.casefold(), tag)
    kept = tuple(tag for tag in found.values() if tag)
    if long := [tag for tag in kept if len(tag) > LONGEST_TAG]:
        raise BadInput(f"The tag “{long[0][:60]}” is too long: a tag has {LONGEST_TAG} letters at most.")
    if len(kept) > MOST_TAGS:
        raise BadInput(f"A run may have {MOST_TAGS} tags, not {len(kept)}: leave some out.")
    return kept
