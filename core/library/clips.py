"""Clips: takes and segments. Audio is named relative to the data root and never changed."""
from __future__ import annotations

import json
import sqlite3
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from core.db import connect, reading
from core.errors import NotFound
from core.library.changes import Change, write


@dataclass(frozen=True)
class Clip:
    """One clip; `start`/`end` are seconds within its audio (a trim is these two numbers).

    `spare`: another take of the same prompt is better; it is kept, and goes no further on the path.
    `flags`: what a reviewer noticed ("noise", "cut" ...); a Change of them takes them as `flags_written`.
    """

    id: str
    project_id: int
    kind: str
    name: str
    audio: str
    sha256: str
    sample_rate: int
    n_samples: int
    start: float
    end: float
    speaker_id: int | None
    prompt_id: int | None
    role: str
    decision: str
    mark: str
    note: str
    trashed: int
    transcript_id: int | None
    quality: dict[str, Any]
    created_at: float
    spare: int = 0
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class View:
    """A clip with what stands beside it on a page: prompt, speaker, current and machine transcript."""

    clip: Clip
    prompt: str | None
    speaker: str | None
    text: str | None
    source: str | None
    version: int | None
    heard: str | None
    details: dict[str, Any]


class Brief(NamedTuple):
    """What a list of clips needs of one: thousands are read at each step of a page."""

    id: str
    name: str
    audio: str
    role: str
    decision: str
    start: float
    end: float
    speaker: str | None
    prompt: str | None
    text: str | None
    transcript_id: int | None
    flags: tuple[str, ...]


class Check(NamedTuple):
    """What the spot-check's list needs of a clip; `heard` is what a recogniser wrote last, `quality` its
    figures in JSON, not read yet."""

    id: str
    name: str
    mark: str
    decision: str
    speaker: str | None
    prompt: str | None
    text: str | None
    heard: str | None
    transcript_id: int | None
    prompt_id: int | None
    audio: str
    sha256: str
    start: float
    end: float
    quality: str

    @property
    def seconds(self) -> float:
        """Length of the clip."""
        return self.end - self.start


_CHECK = """
    SELECT c.id, c.name, c.mark, c.decision, s.name, p.text, t.text,
           (SELECT m.text FROM transcripts m WHERE m.clip_id = c.id AND m.source LIKE 'model:%'
            ORDER BY m.version DESC LIMIT 1),
           c.transcript_id, c.prompt_id, c.audio, c.sha256, c.start, c."end", c.quality
    FROM clips c LEFT JOIN prompts p ON p.id = c.prompt_id LEFT JOIN speakers s ON s.id = c.speaker_id
    LEFT JOIN transcripts t ON t.id = c.transcript_id
    WHERE c.project_id = ? AND c.role = 'target' AND c.trashed = 0 AND c.spare = 0
          AND c.decision != 'rejected'
    ORDER BY c.created_at, c.name, c.id"""
_BRIEF = """
    SELECT c.id, c.name, c.audio, c.role, c.decision, c.start, c."end", s.name, p.text, t.text,
           c.transcript_id, c.flags
    FROM clips c LEFT JOIN prompts p ON p.id = c.prompt_id LEFT JOIN speakers s ON s.id = c.speaker_id
    LEFT JOIN transcripts t ON t.id = c.transcript_id
    WHERE c.project_id = ? AND c.role = COALESCE(?, c.role) AND c.trashed = 0 AND c.spare = 0
    ORDER BY c.created_at, c.name, c.id"""
_WITHOUT_TEXT = """
    SELECT COUNT(*) FROM clips c LEFT JOIN transcripts t ON t.id = c.transcript_id
    WHERE c.project_id = ? AND c.role = 'target' AND c.trashed = 0 AND c.spare = 0 AND t.text IS NULL"""
_VIEW = """
    SELECT c.*, p.text AS prompt, s.name AS speaker,
           t.text AS text, t.source AS source, t.version AS version, t.details AS details,
           (SELECT m.text FROM transcripts m WHERE m.clip_id = c.id AND m.source LIKE 'model:%'
            ORDER BY m.version DESC LIMIT 1) AS heard
    FROM clips c LEFT JOIN prompts p ON p.id = c.prompt_id LEFT JOIN speakers s ON s.id = c.speaker_id
    LEFT JOIN transcripts t ON t.id = c.transcript_id"""


class Clips:
    """Table `clips`. Decisions, marks, trims and trash are written by Changes, so that each can be undone."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, clip: Clip, instead_of: str | None = None, who: str = "") -> Clip:
        """Insert a clip whose audio is already safe on the disk; one that is there already stays as it is.

        With `instead_of` (a take in use) that one becomes spare, in the same transaction, undoable by `who`;
        Stale when it is not in use any more.
        """
        with connect(self._path) as db:
            if instead_of is None:
                insert(db, clip)
            elif insert(db, replace(clip, spare=1)):  # an undo makes it that again
                changes = [Change(instead_of, "spare", 0, 1), Change(clip.id, "spare", 1, 0)]
                write(db, uuid.uuid4().hex, clip.project_id, who, changes)
        return self.get(clip.id)

    def takes(self, prompt_id: int, speaker_id: int | None) -> list[View]:
        """A speaker's takes of a prompt, oldest first, spare ones too; none from the trash."""
        where = "c.prompt_id = ? AND c.speaker_id IS ? AND c.trashed = 0 ORDER BY c.created_at, c.rowid"
        with reading(self._path) as db:
            return [_view(row) for row in db.execute(f"{_VIEW} WHERE {where}", (prompt_id, speaker_id))]

    def get(self, clip_id: str) -> Clip:
        """One clip; NotFound otherwise."""
        return self.view(clip_id).clip

    def view(self, clip_id: str) -> View:
        """One clip with its prompt, speaker and transcript."""
        with reading(self._path) as db:
            row = db.execute(_VIEW + " WHERE c.id = ?", (clip_id,)).fetchone()
        if row is None:
            raise NotFound(f"There is no clip {clip_id}; it may belong to another data folder.")
        return _view(row)

    def views(self, project_id: int, role: str | None = None, decision: str | None = None,
              trashed: bool = False,
              speaker_id: int | None = None, spare: bool = False) -> list[View]:
        """Clips of a project, oldest first; outside the trash those that are spare only with `spare`."""
        where, values = ["c.project_id = ?", "c.trashed = ?"], [project_id, int(trashed)]
        if not (trashed or spare):
            where.append("c.spare = 0")
        for column, value in (("role", role), ("decision", decision), ("speaker_id", speaker_id)):
            if value is not None:
                where.append(f"c.{column} = ?")
                values.append(value)  # type: ignore[arg-type]
        with reading(self._path) as db:
            rows = db.execute(f"{_VIEW} WHERE {' AND '.join(where)} ORDER BY c.created_at, c.name, c.id",
                              values)
            return [_view(row) for row in rows]

    def briefs(self, project_id: int, role: str | None = None) -> list[Brief]:
        """The clips of a project that are in use, in the order of `views`, with the little a list needs."""
        with reading(self._path) as db:
            db.row_factory = None
            rows = db.execute(_BRIEF, (project_id, role))
            return [Brief._make((*row[:11], _flags(row[11]))) for row in rows]

    def n_without_text(self, project_id: int) -> int:
        """How many target clips in use have no transcript yet."""
        with reading(self._path) as db:
            return int(db.execute(_WITHOUT_TEXT, (project_id,)).fetchone()[0])

    def checks(self, project_id: int) -> list[Check]:
        """The target clips in use that nobody has rejected, in the order of `views`."""
        with reading(self._path) as db:
            db.row_factory = None
            return [Check._make(row) for row in db.execute(_CHECK, (project_id,))]

    def with_hash(self, project_id: int, sha256: str) -> Clip | None:
        """A clip of the same audio content, if the project has one that is not in the trash."""
        with reading(self._path) as db:
            row = db.execute(_VIEW + " WHERE c.project_id = ? AND c.sha256 = ? AND c.trashed = 0",
                             (project_id, sha256)).fetchone()
        return _view(row).clip if row else None

    def known_audio(self, project_id: int) -> set[str]:
        """The audio paths that have a row, trashed clips and long recordings too."""
        both = ("SELECT audio FROM clips WHERE project_id = :id UNION "
                "SELECT audio FROM recordings WHERE project_id = :id")
        with reading(self._path) as db:
            return {row[0] for row in db.execute(both, {"id": project_id})}

    def forget(self, clip_ids: Sequence[str]) -> set[str]:
        """Remove the rows of those that are in the trash for good, only for "Empty trash"; which they
        were."""
        gone = set()
        with connect(self._path) as db:
            for clip_id in clip_ids:
                clear = "UPDATE clips SET transcript_id = NULL WHERE id = ? AND trashed = 1"
                if db.execute(clear, (clip_id,)).rowcount:
                    db.execute("DELETE FROM changes WHERE clip_id = ?", (clip_id,))
                    db.execute("DELETE FROM second_reviews WHERE clip_id = ?", (clip_id,))
                    db.execute("DELETE FROM word_times WHERE transcript_id IN "
                               "(SELECT id FROM transcripts WHERE clip_id = ?)", (clip_id,))
                    db.execute("DELETE FROM transcripts WHERE clip_id = ?", (clip_id,))
                    db.execute("DELETE FROM clips WHERE id = ?", (clip_id,))
                    gone.add(clip_id)
        return gone


def insert(db: sqlite3.Connection, clip: Clip) -> bool:
    """Add a row inside the caller's transaction; False when it is there already."""
    values = {**clip.__dict__, "quality": json.dumps(clip.quality), "flags": flags_written(clip.flags),
              "created_at": clip.created_at or time.time()}
    columns, marks = ", ".join(f'"{name}"' for name in values), ", ".join("?" * len(values))
    into = f"INSERT INTO clips ({columns}) VALUES ({marks}) ON CONFLICT (id) DO NOTHING"
    return bool(db.execute(into, list(values.values())).rowcount)


def flags_written(flags: Sequence[str]) -> str:
    """Flags as the column holds them."""
    return json.dumps(list(flags))


def _flags(written: str) -> tuple[str, ...]:
    return () if written == "[]" else tuple(json.loads(written))


def _view(row: Any) -> View:
    raw = dict(row)
    beside = {name: raw.pop(name) for name in ("prompt", "speaker", "text", "source", "version", "heard")}
    details = json.loads(raw.pop("details") or "{}")
    read = {"quality": json.loads(raw["quality"]), "flags": _flags(raw["flags"])}
    return View(clip=Clip(**{**raw, **read}), details=details, **beside)
