"""Transcripts: append-only versions. Which one is current is a change of the clip, so undo steps back."""
from __future__ import annotations

import json
import sqlite3
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.db import connect, reading
from core.library import word_times
from core.library.changes import Change, write
from core.library.word_times import WordTimes, engine_of, mean_score
from core.types import Word


@dataclass(frozen=True)
class Transcript:
    """One version; `source` is "model:<name>", "numbers", "person", "prompt" or "import"."""

    id: int
    clip_id: str
    version: int
    text: str
    source: str
    words: tuple[Word, ...]
    details: dict[str, Any]
    who: str
    created_at: float


@dataclass(frozen=True)
class Draft:
    """A version to append; `expected` is the id of the transcript it was made from (None: there was none).

    `words` are the times that its source gave; `times` are better ones, with the engine that found them.
    `follows` makes it the successor of the draft before it in the same call; without `current` it is kept
    as a version but does not replace what a person wrote.
    """

    clip_id: str
    text: str
    source: str
    expected: int | None
    words: tuple[Word, ...] = ()
    details: dict[str, Any] | None = None
    follows: bool = False
    current: bool = True
    times: tuple[str, tuple[Word, ...]] | None = None


class Transcripts:
    """Table `transcripts`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, project_id: int, drafts: Sequence[Draft], who: str, batch: str | None = None,
               ingest: tuple[str, str] | None = None, changes: Sequence[Change] = ()) -> str:
        """Append versions and make them current, with other `changes`, in one transaction and one batch.

        Returns the batch.
        Raises Stale (and writes nothing) when a clip's current transcript is not the expected one.
        `ingest` = (run id, item) is recorded in the same transaction, so that a result comes home once: when
        another process took it in first, nothing is written and the batch is "".
        """
        batch = batch or uuid.uuid4().hex
        with connect(self._path) as db:
            if ingest and not first_time(db, *ingest):
                return ""
            last: int | None = None
            for draft in drafts:
                before, last = last if draft.follows else draft.expected, insert(db, draft, who)
                if draft.current:
                    write(db, batch, project_id, who, [Change(draft.clip_id, "transcript_id", before, last)])
            write(db, batch, project_id, who, changes)
        return batch

    def versions(self, clip_id: str) -> list[Transcript]:
        """All versions, oldest first."""
        with reading(self._path) as db:
            rows = db.execute("SELECT * FROM transcripts WHERE clip_id = ? ORDER BY version", (clip_id,))
            return [_transcript(row) for row in rows]

    def get(self, transcript_id: int | None) -> Transcript | None:
        """One version by id; None for None."""
        with reading(self._path) as db:
            row = db.execute("SELECT * FROM transcripts WHERE id = ?", (transcript_id,)).fetchone()
        return _transcript(row) if row else None


def first_time(db: sqlite3.Connection, run_id: str, item: str) -> bool:
    """Note that a result has come home; False when it had already."""
    noted = db.execute("INSERT OR IGNORE INTO ingested (run_id, item, at) VALUES (?, ?, ?)",
                       (run_id, item, time.time()))
    return bool(noted.rowcount)


def insert(db: sqlite3.Connection, draft: Draft, who: str) -> int:
    """Append a version inside the caller's transaction; its id."""
    version = db.execute("SELECT COALESCE(MAX(version), 0) + 1 FROM transcripts WHERE clip_id = ?",
                         (draft.clip_id,)).fetchone()[0]
    words = json.dumps([[w.text, w.start, w.end, w.score] for w in draft.words], ensure_ascii=False)
    cursor = db.execute(
        "INSERT INTO transcripts (clip_id, version, text, source, words, details, who, created_at) VALUES "
        "(?, ?, ?, ?, ?, ?, ?, ?)",
        (draft.clip_id, version, draft.text, draft.source, words,
         json.dumps(draft.details or {}, ensure_ascii=False), who, time.time()))
    made = int(cursor.lastrowid or 0)
    engine, timed = draft.times or (engine_of(draft.source), draft.words)
    if timed:
        word_times.write(db, WordTimes(made, engine, timed, mean_score(timed)))
    return made


def _transcript(row: sqlite3.Row) -> Transcript:
    raw = dict(row)
    words = tuple(Word(*w) for w in json.loads(raw.pop("words")))
    return Transcript(words=words, details=json.loads(raw.pop("details")), **raw)
