"""Datasets: the frozen snapshots of a project."""
from __future__ import annotations

import json
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.db import connect, reading
from core.errors import BadInput, NotFound


@dataclass(frozen=True)
class Dataset:
    """One snapshot; `folder` is relative to the data root, `counts` holds clips and seconds a split."""

    id: int
    project_id: int
    name: str
    folder: str
    fingerprint: str
    counts: dict[str, Any]
    created_at: float


class Datasets:
    """Table `datasets`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, project_id: int, name: str, folder: str, fingerprint: str,
            counts: dict[str, Any]) -> Dataset:
        """Record a snapshot whose manifest is on the disk."""
        try:
            with connect(self._path) as db:
                db.execute("INSERT INTO datasets (project_id, name, folder, fingerprint, counts, created_at) "
                           "VALUES (?, ?, ?, ?, ?, ?)",
                           (project_id, name, folder, fingerprint, json.dumps(counts), time.time()))
        except sqlite3.IntegrityError as error:
            taken = f"There is already a dataset called “{name}” in this project; choose another name."
            raise BadInput(taken) from error
        return self.get(project_id, name)

    def of(self, project_id: int) -> list[Dataset]:
        """All snapshots of a project, newest first."""
        with reading(self._path) as db:
            rows = db.execute("SELECT * FROM datasets WHERE project_id = ? ORDER BY id DESC", (project_id,))
            return [Dataset(**{**dict(row), "counts": json.loads(row["counts"])}) for row in rows]

    def get(self, project_id: int, name: str | None = None) -> Dataset:
        """The snapshot of that name, or the newest; NotFound with what to do."""
        found = [d for d in self.of(project_id) if name in (None, d.name)]
        if not found:
            what = f"a dataset “{name}”" if name else "a dataset"
            raise NotFound(f"This project has not {what} yet; make one on the Data tab or with `app.py "
                           "dataset`.")
        return found[0]
