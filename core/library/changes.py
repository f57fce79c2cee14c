"""Changes: every decision, edit and trim, append-only; undo appends the inverse batch."""
from __future__ import annotations

import json
import sqlite3
import time
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.db import connect, reading
from core.errors import BadInput, Stale

FIELDS = ("decision", "mark", "note", "start", "end", "trashed", "transcript_id", "prompt_id", "speaker_id",
          "spare", "flags", "quality")


@dataclass(frozen=True)
class Change:
    """Set `field` of a clip from `before` (what the writer saw) to `after`."""

    clip_id: str
    field: str
    before: Any
    after: Any


class Changes:
    """Table `changes`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def apply(self, project_id: int, changes: Sequence[Change], who: str) -> str:
        """Write all changes as one batch and return its id; Stale when any clip is not as expected (nothing
        is written then)."""
        batch = uuid.uuid4().hex
        with connect(self._path) as db:
            write(db, batch, project_id, who, changes)
        return batch

    def undo(self, project_id: int, who: str) -> list[Change]:
        """Append the inverse of the newest batch that is neither undone nor an undo; returns what was set
        (empty: nothing to undo)."""
        with connect(self._path) as db:
            row = db.execute(
                """SELECT batch FROM changes c WHERE project_id = ? AND who = ? AND undo_of IS NULL
                   AND NOT EXISTS (SELECT 1 FROM changes u WHERE u.undo_of = c.batch)
                   ORDER BY id DESC LIMIT 1""",
                (project_id, who)).fetchone()
            if row is None:
                return []
            done = db.execute("SELECT * FROM changes WHERE batch = ? ORDER BY id DESC",
                              (row["batch"],)).fetchall()
            inverse = [Change(r["clip_id"], r["field"], json.loads(r["after"]), json.loads(r["before"]))
                       for r in done]
            write(db, uuid.uuid4().hex, project_id, who, inverse, undo_of=row["batch"])
        return inverse

    def of(self, clip_id: str) -> list[dict[str, Any]]:
        """The history of a clip, oldest first."""
        with reading(self._path) as db:
            return [dict(row) for row in db.execute("SELECT * FROM changes WHERE clip_id = ? ORDER BY id",
                                                    (clip_id,))]

    def marks_since(self, project_id: int, at: float) -> dict[str, str]:
        """By clip id, the mark that was set last since `at` and not taken back."""
        with reading(self._path) as db:
            rows = db.execute(
                """SELECT clip_id, after FROM changes c WHERE project_id = ? AND field = 'mark' AND at >= ?
                   AND undo_of IS NULL AND NOT EXISTS (SELECT 1 FROM changes u WHERE u.undo_of = c.batch)
                   ORDER BY id""", (project_id, at))
            return {clip_id: json.loads(after) for clip_id, after in rows}

    def told(self, project_id: int, clip_ids: Collection[str]) -> list[dict[str, Any]]:
        """The history of several clips, oldest first, as {clip, field, before, after, who, at}: transcripts
        with their texts, speakers with their names, prompts with their texts."""
        with reading(self._path) as db:
            known = {field: dict(db.execute(sql, (project_id,)).fetchall()) for field, sql in _NAMED.items()}
            rows = db.execute("SELECT * FROM changes WHERE project_id = ? ORDER BY id", (project_id,))
            return [_told(row, known) for row in rows if row["clip_id"] in clip_ids]

    def last_id(self, project_id: int) -> int:
        """A number that grows with every change: pages compare it to see whether they must read again."""
        with reading(self._path) as db:
            return int(db.execute("SELECT COALESCE(MAX(id), 0) FROM changes WHERE project_id = ?",
                                  (project_id,)).fetchone()[0])


_NAMED = {
    "transcript_id": "SELECT t.id, t.text FROM transcripts t JOIN clips c ON c.id = t.clip_id "
                     "WHERE c.project_id = ?",
    "speaker_id": "SELECT id, name FROM speakers WHERE project_id = ?",
    "prompt_id": "SELECT id, text FROM prompts WHERE project_id = ?",
}
"""What stands behind the ids in a change."""


def _told(row: sqlite3.Row, known: dict[str, dict[Any, str]]) -> dict[str, Any]:
    names = known.get(row["field"])
    before, after = (json.loads(value) if value else None for value in (row["before"], row["after"]))
    if names is not None:
        before, after = names.get(before, before), names.get(after, after)
    field = "text" if row["field"] == "transcript_id" else row["field"].removesuffix("_id")
    return {"clip": row["clip_id"], "field": field, "before": before, "after": after, "who": row["who"],
            "at": row["at"]}


def write(db: sqlite3.Connection, batch: str, project_id: int, who: str, changes: Sequence[Change],
          undo_of: str | None = None) -> None:
    """Apply `changes` inside the caller's transaction."""
    for change in changes:
        if change.field not in FIELDS:
            raise BadInput(f"“{change.field}” of a clip cannot be changed.")
        updated = db.execute(f'UPDATE clips SET "{change.field}" = ? WHERE id = ? AND project_id = ? AND '
                             f'"{change.field}" IS ?',
                             (change.after, change.clip_id, project_id, change.before)).rowcount
        if not updated:
            raise Stale("Somebody else changed this clip in the meantime; nothing was overwritten. Look at "
                        "it again and repeat what you wanted.")
        db.execute("INSERT INTO changes (batch, project_id, who, at, clip_id, field, before, after, undo_of) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                   (batch, project_id, who, time.time(), change.clip_id, change.field,
                    json.dumps(change.before), json.dumps(change.after), undo_of))
