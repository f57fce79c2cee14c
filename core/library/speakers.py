"""Speakers of a project."""
from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from core.db import connect, reading
from core.errors import NotFound


@dataclass(frozen=True)
class Speaker:
    """Somebody who speaks in a project: a name or a code; accent and notes if they want."""

    id: int
    project_id: int
    name: str
    notes: str
    created_at: float
    accent: str = ""


class Speakers:
    """Table `speakers`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def named(self, project_id: int, name: str) -> Speaker:
        """The speaker of that name, made when new."""
        with connect(self._path) as db:
            return named(db, project_id, name)

    def get(self, speaker_id: int) -> Speaker:
        """One speaker. Raises NotFound."""
        with reading(self._path) as db:
            row = db.execute("SELECT * FROM speakers WHERE id = ?", (speaker_id,)).fetchone()
        if row is None:
            raise NotFound(f"There is no speaker {speaker_id} any more; reload the page.")
        return Speaker(**dict(row))

    def of(self, project_id: int) -> list[Speaker]:
        """All speakers of a project, oldest first."""
        with reading(self._path) as db:
            rows = db.execute("SELECT * FROM speakers WHERE project_id = ? ORDER BY id", (project_id,))
            return [Speaker(**dict(row)) for row in rows]

    def describe(self, speaker_id: int, accent: str, notes: str) -> None:
        """Write what is told of a speaker."""
        with connect(self._path) as db:
            db.execute("UPDATE speakers SET accent = ?, notes = ? WHERE id = ?", (accent, notes, speaker_id))

    def skip(self, prompt_id: int, speaker_id: int, reason: str) -> None:
        """One speaker leaves a prompt out, and no other does; an empty reason asks for it again."""
        with connect(self._path) as db:
            db.execute("DELETE FROM skips WHERE prompt_id = ? AND speaker_id = ?", (prompt_id, speaker_id))
            if reason:
                db.execute("INSERT INTO skips VALUES (?, ?, ?, ?)",
                           (prompt_id, speaker_id, reason, time.time()))


def named(db: sqlite3.Connection, project_id: int, name: str) -> Speaker:
    """The speaker of that name, made when new, inside the caller's transaction."""
    db.execute("INSERT OR IGNORE INTO speakers (project_id, name, created_at) VALUES (?, ?, ?)",
               (project_id, name, time.time()))
    row = db.execute("SELECT * FROM speakers WHERE project_id = ? AND name = ?",
                     (project_id, name)).fetchone()
    return Speaker(**dict(row))
