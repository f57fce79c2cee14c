"""Recordings: long sounds, the sections of text that are said in them, and anchors set by hand."""
from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.db import connect, reading
from core.errors import NotFound


@dataclass(frozen=True)
class Recording:
    """A long sound; `audio` is relative to the data root and never changed. One that is `removed` is not
    searched any more; its file and its segments stay."""

    id: str
    project_id: int
    name: str
    audio: str
    sha256: str
    sample_rate: int
    n_samples: int
    speaker_id: int | None
    who: str
    created_at: float
    removed: int = 0

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.n_samples / self.sample_rate


@dataclass(frozen=True)
class Section:
    """A piece of text that is said somewhere; `recording_id` and `start` (seconds) where that is known."""

    id: int
    project_id: int
    name: str
    text: str
    start: float | None
    recording_id: str | None


@dataclass(frozen=True)
class HandAnchor:
    """The word at place `word` of a section is spoken `at` seconds into a recording, says a person."""

    id: int
    recording_id: str
    section_id: int
    word: int
    at: float
    who: str


class Recordings:
    """Tables `recordings`, `sections` and `hand_anchors`. What is removed stays as a row."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, recording: Recording) -> Recording:
        """Insert a recording whose audio is safe on the disk; the one that has this sound already, if any,
        which comes back if it was removed."""
        values = {**recording.__dict__, "id": recording.id or uuid.uuid4().hex[:12],
                  "created_at": recording.created_at or time.time()}
        with connect(self._path) as db:
            db.execute(f"INSERT INTO recordings ({', '.join(values)}) VALUES ({_marks(values)}) "
                       "ON CONFLICT (project_id, sha256) DO UPDATE SET removed = 0", list(values.values()))
            row = db.execute("SELECT * FROM recordings WHERE project_id = ? AND sha256 = ?",
                             (recording.project_id, recording.sha256)).fetchone()
        return Recording(**row)

    def of(self, project_id: int) -> list[Recording]:
        """The recordings of a project that were not removed, oldest first."""
        with reading(self._path) as db:
            rows = db.execute("SELECT * FROM recordings WHERE project_id = ? AND removed = 0 "
                              "ORDER BY created_at, rowid", (project_id,))
            return [Recording(**row) for row in rows]

    def get(self, recording_id: str) -> Recording:
        """One recording; NotFound otherwise."""
        with reading(self._path) as db:
            row = db.execute("SELECT * FROM recordings WHERE id = ?", (recording_id,)).fetchone()
        if row is None:
            raise NotFound(f"There is no recording {recording_id}; it may belong to another data folder.")
        return Recording(**row)

    def remove(self, recording_id: str) -> None:
        """Take a recording out of the project's search."""
        self._set("recordings", recording_id, removed=1)

    def bring_back(self, recording_id: str) -> None:
        """Take its removal back."""
        self._set("recordings", recording_id, removed=0)

    def add_sections(self, project_id: int, sections: Sequence[Section], who: str) -> list[Section]:
        """Append sections, in order; their ids are made here."""
        with connect(self._path) as db:
            made = [_insert(db, "sections", project_id=project_id, name=s.name, text=s.text, start=s.start,
                            recording_id=s.recording_id, who=who, created_at=time.time()) for s in sections]
        return [section for section in self.sections(project_id) if section.id in set(made)]

    def sections(self, project_id: int) -> list[Section]:
        """The sections of a project in their order, without those that were removed."""
        with reading(self._path) as db:
            rows = db.execute("SELECT id, project_id, name, text, start, recording_id FROM sections "
                              "WHERE project_id = ? AND removed = 0 ORDER BY id", (project_id,))
            return [Section(**row) for row in rows]

    def place_section(self, section_id: int, recording_id: str | None, start: float | None) -> None:
        """Say where a section begins (a start mark), or take that back with None."""
        self._set("sections", section_id, recording_id=recording_id, start=start)

    def remove_section(self, section_id: int) -> None:
        """Take a section out of the text; segments that were made of it stay."""
        self._set("sections", section_id, removed=1)

    def bring_back_section(self, section_id: int) -> None:
        """Put a section that was removed back to where it stood."""
        self._set("sections", section_id, removed=0)

    def add_anchor(self, recording_id: str, section_id: int, word: int, at: float, who: str) -> int:
        """Set an anchor by hand; its id."""
        with connect(self._path) as db:
            return _insert(db, "hand_anchors", recording_id=recording_id, section_id=section_id, word=word,
                           at=at, who=who, created_at=time.time())

    def anchors(self, project_id: int) -> list[HandAnchor]:
        """The anchors of a project that were not removed, by time."""
        with reading(self._path) as db:
            rows = db.execute(
                "SELECT a.id, a.recording_id, a.section_id, a.word, a.at, a.who FROM hand_anchors a "
                "JOIN sections s ON s.id = a.section_id WHERE s.project_id = ? AND s.removed = 0 "
                "AND a.removed = 0 ORDER BY a.recording_id, a.at", (project_id,))
            return [HandAnchor(**row) for row in rows]

    def remove_anchor(self, anchor_id: int) -> None:
        """Take an anchor back."""
        self._set("hand_anchors", anchor_id, removed=1)

    def _set(self, table: str, row_id: int | str, **values: object) -> None:
        with connect(self._path) as db:
            columns = ", ".join(f"{name} = ?" for name in values)
            if not db.execute(f"UPDATE {table} SET {columns} WHERE id = ?",
                              [*values.values(), row_id]).rowcount:
                raise NotFound("This is not there any more: somebody removed it in the meantime. Look at the "
                               "page again.")


def _marks(values: dict[str, object]) -> str:
    return ", ".join("?" * len(values))


def _insert(db: sqlite3.Connection, table: str, **values: object) -> int:
    made = db.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({_marks(values)})",
                      list(values.values()))
    return int(made.lastrowid or 0)
