"""Changes of prompts: append-only like those of clips; undo appends the inverse batch."""
from __future__ import annotations

import json
import sqlite3
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import BadInput, Stale

FIELDS = ("text", "grp", "language", "position", "skipped", "must", "removed")


@dataclass(frozen=True)
class PromptChange:
    """Set `field` of a prompt from `before` (what the writer saw) to `after`; a new prompt is one whose
    `removed` goes from 1 to 0."""

    prompt_id: int
    field: str
    before: Any
    after: Any


def write(db: sqlite3.Connection, project_id: int, who: str, changes: Sequence[PromptChange],
          undo_of: str | None = None) -> None:
    """Apply `changes` as one batch that can be undone, inside the caller's transaction."""
    put(db, project_id, changes)
    note(db, project_id, who, changes, undo_of)


def put(db: sqlite3.Connection, project_id: int, changes: Sequence[PromptChange]) -> None:
    """Set the fields; Stale when a prompt is not as expected, BadInput for a text that another one has."""
    for change in changes:
        if change.field not in FIELDS:
            raise BadInput(f"“{change.field}” of a prompt cannot be changed.")
        try:
            updated = db.execute(
                f'UPDATE prompts SET "{change.field}" = ? WHERE id = ? AND project_id = ? AND '
                f'"{change.field}" IS ?',
                (change.after, change.prompt_id, project_id, change.before)).rowcount
        except sqlite3.IntegrityError as error:
            raise BadInput(f"This project has a prompt “{change.after}” already, or a deleted one: "
                           "use that one, or add it again.") from error
        if not updated:
            raise Stale("Somebody else changed this prompt in the meantime; nothing was overwritten. Look at "
                        "it again and repeat what you wanted.")


def note(db: sqlite3.Connection, project_id: int, who: str, changes: Sequence[PromptChange],
         undo_of: str | None = None) -> None:
    """Append the rows of one batch whose changes are in place."""
    batch, now = uuid.uuid4().hex, time.time()
    db.executemany(
        "INSERT INTO prompt_changes (batch, project_id, who, at, prompt_id, field, before, after, undo_of) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(batch, project_id, who, now, c.prompt_id, c.field, json.dumps(c.before), json.dumps(c.after),
          undo_of) for c in changes])


def undo(db: sqlite3.Connection, project_id: int, who: str) -> list[PromptChange]:
    """Append the inverse of the newest batch of `who` that is neither undone nor an undo; returns what was
    set (empty: nothing to undo)."""
    row = db.execute(
        """SELECT batch FROM prompt_changes c WHERE project_id = ? AND who = ? AND undo_of IS NULL
           AND NOT EXISTS (SELECT 1 FROM prompt_changes u WHERE u.undo_of = c.batch)
           ORDER BY id DESC LIMIT 1""",
        (project_id, who)).fetchone()
    if row is None:
        return []
    done = db.execute("SELECT * FROM prompt_changes WHERE batch = ? ORDER BY id DESC", (row["batch"],))
    inverse = [PromptChange(r["prompt_id"], r["field"], json.loads(r["after"]), json.loads(r["before"]))
               for r in done.fetchall()]
    write(db, project_id, who, inverse, undo_of=row["batch"])
    return inverse


def of(db: sqlite3.Connection, prompt_id: int) -> list[dict[str, Any]]:
    """The history of a prompt, oldest first."""
    return [dict(row) for row in db.execute("SELECT * FROM prompt_changes WHERE prompt_id = ? ORDER BY id",
                                            (prompt_id,))]
