"""Speakers of a project."""
from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from core.db import connect, reading


@dataclass(frozen=True)
class Speaker:
    """Somebody who speaks in a project: a name or a code."""

    id: int
    project_id: int
    name: str
    notes: str
    created_at: float


class Speakers:
    """Table `speakers`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def named(self, project_id: int, name: str) -> Speaker:
        """The speaker of that name, made when new."""
        with connect(self._path) as db:
            return named(db, project_id, name)

    def of(self, project_id: int) -> list[Speaker]:
        """All speakers of a project, oldest first."""
        with reading(self._path) as db:
            rows = db.execute("SELECT * FROM speakers WHERE project_id = ? ORDER BY id", (project_id,))
            return [Speaker(**dict(row)) for row in rows]


def named(db: sqlite3.Connection, project_id: int, name: str) -> Speaker:
    """The speaker of that name, made when new, inside the caller's transaction."""
    db.execute("INSERT OR IGNORE INTO speakers (project_id, name, created_at) VALUES (?, ?, ?)",
               (project_id, name, time.time()))
    row = db.execute("SELECT * FROM speakers WHERE project_id = ? AND name = ?",
                     (project_id, name)).fetchone()
    return Speaker(**dict(row))
