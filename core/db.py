"""One SQLite file: `connect()` and the append-only MIGRATIONS (PRAGMA user_version counts those applied)."""
from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import StudioError, Unavailable
from core.files import free_gb, make_folder

NO_ROOM_GB = 0.001
TIMEOUT = 30.0

MIGRATIONS: list[str] = [
    """
    CREATE TABLE projects (
        id INTEGER PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL, template TEXT NOT NULL,
        language TEXT NOT NULL DEFAULT 'en', created_at REAL NOT NULL);
    CREATE TABLE speakers (
        id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL REFERENCES projects(id), name TEXT NOT NULL,
        notes TEXT NOT NULL DEFAULT '', created_at REAL NOT NULL, UNIQUE (project_id, name));
    CREATE TABLE prompts (
        id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL REFERENCES projects(id),
        position INTEGER NOT NULL, text TEXT NOT NULL, grp TEXT NOT NULL DEFAULT '', language TEXT NOT NULL
        DEFAULT 'en',
        role TEXT NOT NULL DEFAULT 'target' CHECK (role IN ('target', 'regression')),
        skipped TEXT NOT NULL DEFAULT '', created_at REAL NOT NULL, UNIQUE (project_id, text));
    CREATE TABLE clips (
        id TEXT PRIMARY KEY, project_id INTEGER NOT NULL REFERENCES projects(id),
        kind TEXT NOT NULL CHECK (kind IN ('take', 'segment')), name TEXT NOT NULL, audio TEXT NOT NULL,
        sha256 TEXT NOT NULL, sample_rate INTEGER NOT NULL, n_samples INTEGER NOT NULL,
        start REAL NOT NULL, "end" REAL NOT NULL, speaker_id INTEGER REFERENCES speakers(id),
        prompt_id INTEGER REFERENCES prompts(id), role TEXT NOT NULL DEFAULT 'target',
        decision TEXT NOT NULL DEFAULT 'todo' CHECK (decision IN ('todo', 'accepted', 'rejected')),
        mark TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '', trashed INTEGER NOT NULL DEFAULT 0,
        transcript_id INTEGER REFERENCES transcripts(id), quality TEXT NOT NULL DEFAULT '{}',
        created_at REAL NOT NULL);
    CREATE INDEX clips_of_project ON clips (project_id, trashed, decision);
    CREATE INDEX clips_of_prompt ON clips (prompt_id);
    CREATE TABLE transcripts (
        id INTEGER PRIMARY KEY, clip_id TEXT NOT NULL REFERENCES clips(id), version INTEGER NOT NULL,
        text TEXT NOT NULL, source TEXT NOT NULL, words TEXT NOT NULL DEFAULT '[]',
        details TEXT NOT NULL DEFAULT '{}', who TEXT NOT NULL DEFAULT '',
        created_at REAL NOT NULL, UNIQUE (clip_id, version));
    CREATE TABLE changes (
        id INTEGER PRIMARY KEY, batch TEXT NOT NULL, project_id INTEGER NOT NULL REFERENCES projects(id),
        who TEXT NOT NULL, at REAL NOT NULL, clip_id TEXT NOT NULL REFERENCES clips(id), field TEXT NOT NULL,
        before TEXT, after TEXT, undo_of TEXT);
    CREATE INDEX changes_of_project ON changes (project_id, id);
    CREATE INDEX changes_of_clip ON changes (clip_id, id);
    CREATE INDEX changes_undo ON changes (undo_of);
    CREATE TABLE datasets (
        id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL REFERENCES projects(id), name TEXT NOT NULL,
        folder TEXT NOT NULL, fingerprint TEXT NOT NULL, counts TEXT NOT NULL, created_at REAL NOT NULL,
        UNIQUE (project_id, name));
    CREATE TABLE ingested (
        run_id TEXT NOT NULL, item TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (run_id, item));
    """,
    """
    ALTER TABLE prompts ADD COLUMN must INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE prompts ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE prompt_changes (
        id INTEGER PRIMARY KEY, batch TEXT NOT NULL, project_id INTEGER NOT NULL REFERENCES projects(id),
        who TEXT NOT NULL, at REAL NOT NULL, prompt_id INTEGER NOT NULL REFERENCES prompts(id),
        field TEXT NOT NULL, before TEXT, after TEXT, undo_of TEXT);
    CREATE INDEX prompt_changes_of_project ON prompt_changes (project_id, id);
    CREATE INDEX prompt_changes_of_prompt ON prompt_changes (prompt_id, id);
    CREATE INDEX prompt_changes_undo ON prompt_changes (undo_of);
    CREATE INDEX prompt_changes_batch ON prompt_changes (batch);
    """,
    """
    ALTER TABLE speakers ADD COLUMN accent TEXT NOT NULL DEFAULT '';
    CREATE TABLE consent_texts (
        id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL REFERENCES projects(id), version INTEGER NOT NULL,
        text TEXT NOT NULL, who TEXT NOT NULL, created_at REAL NOT NULL, UNIQUE (project_id, version));
    CREATE TABLE consents (
        id INTEGER PRIMARY KEY, speaker_id INTEGER NOT NULL REFERENCES speakers(id),
        consent_text_id INTEGER NOT NULL REFERENCES consent_texts(id), given INTEGER NOT NULL,
        who TEXT NOT NULL, at REAL NOT NULL);
    CREATE INDEX consents_of_speaker ON consents (speaker_id, id);
    CREATE TABLE booths (
        token TEXT PRIMARY KEY, speaker_id INTEGER NOT NULL REFERENCES speakers(id),
        created_at REAL NOT NULL, closed_at REAL);
    CREATE INDEX booths_of_speaker ON booths (speaker_id);
    CREATE TABLE skips (
        prompt_id INTEGER NOT NULL REFERENCES prompts(id),
        speaker_id INTEGER NOT NULL REFERENCES speakers(id),
        reason TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (prompt_id, speaker_id));
    """,
    """
    ALTER TABLE clips ADD COLUMN spare INTEGER NOT NULL DEFAULT 0;
    """,
    """
    CREATE TABLE word_times (
        transcript_id INTEGER PRIMARY KEY REFERENCES transcripts(id), engine TEXT NOT NULL,
        words TEXT NOT NULL, agreement REAL, worst REAL, at REAL NOT NULL);
    """,
    """
    ALTER TABLE clips ADD COLUMN flags TEXT NOT NULL DEFAULT '[]';
    """,
    """
    ALTER TABLE projects ADD COLUMN digits TEXT NOT NULL DEFAULT '';
    CREATE TABLE rules (
        id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL REFERENCES projects(id), place INTEGER NOT NULL,
        written TEXT NOT NULL, spoken TEXT NOT NULL, example TEXT NOT NULL, expected TEXT NOT NULL,
        who TEXT NOT NULL, at REAL NOT NULL, UNIQUE (project_id, written));
    CREATE TABLE second_reviews (
        id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL REFERENCES projects(id), draw TEXT NOT NULL,
        place INTEGER NOT NULL, clip_id TEXT NOT NULL REFERENCES clips(id), first TEXT NOT NULL,
        first_who TEXT NOT NULL, first_text TEXT NOT NULL, who TEXT NOT NULL,
        decision TEXT NOT NULL DEFAULT '', text TEXT NOT NULL DEFAULT '', at REAL NOT NULL,
        UNIQUE (draw, clip_id));
    CREATE INDEX second_reviews_of_project ON second_reviews (project_id, id);
    CREATE INDEX second_reviews_of_clip ON second_reviews (clip_id);
    """,
    """
    CREATE TABLE recordings (
        id TEXT PRIMARY KEY, project_id INTEGER NOT NULL REFERENCES projects(id), name TEXT NOT NULL,
        audio TEXT NOT NULL, sha256 TEXT NOT NULL, sample_rate INTEGER NOT NULL, n_samples INTEGER NOT NULL,
        speaker_id INTEGER REFERENCES speakers(id), who TEXT NOT NULL, created_at REAL NOT NULL,
        removed INTEGER NOT NULL DEFAULT 0, UNIQUE (project_id, sha256));
    CREATE TABLE sections (
        id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL REFERENCES projects(id), name TEXT NOT NULL,
        text TEXT NOT NULL, start REAL, recording_id TEXT REFERENCES recordings(id), who TEXT NOT NULL,
        created_at REAL NOT NULL, removed INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX sections_of_project ON sections (project_id, removed);
    CREATE TABLE hand_anchors (
        id INTEGER PRIMARY KEY, recording_id TEXT NOT NULL REFERENCES recordings(id),
        section_id INTEGER NOT NULL REFERENCES sections(id), word INTEGER NOT NULL, at REAL NOT NULL,
        who TEXT NOT NULL, created_at REAL NOT NULL, removed INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX hand_anchors_of_recording ON hand_anchors (recording_id, removed);
    """,
    """
    ALTER TABLE prompts ADD COLUMN fresh TEXT NOT NULL DEFAULT '';
    CREATE TABLE blind_trials (
        id TEXT PRIMARY KEY, one TEXT NOT NULL, other TEXT NOT NULL, first TEXT NOT NULL,
        first_text TEXT NOT NULL, second_text TEXT NOT NULL, name TEXT NOT NULL, seconds REAL NOT NULL,
        audio TEXT NOT NULL DEFAULT '', who TEXT NOT NULL, at REAL NOT NULL);
    CREATE INDEX blind_trials_of_pair ON blind_trials (one, other);
    CREATE TABLE blind_answers (
        id INTEGER PRIMARY KEY, trial_id TEXT NOT NULL REFERENCES blind_trials(id), answer TEXT NOT NULL,
        who TEXT NOT NULL, at REAL NOT NULL);
    CREATE INDEX blind_answers_of_trial ON blind_answers (trial_id, id);
    CREATE TABLE blind_looks (
        id INTEGER PRIMARY KEY, one TEXT NOT NULL, other TEXT NOT NULL, n INTEGER NOT NULL,
        who TEXT NOT NULL, at REAL NOT NULL);
    """,
]


@contextmanager
def connect(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection for one call: a write transaction that commits at the end and rolls back on any error.

    WAL, foreign keys, rows by name, a timeout of 30 s. Raises Unavailable when the disk is full, or when
    another program keeps the file for longer than that.
    """
    with _session(path, "BEGIN IMMEDIATE") as db:
        yield db


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that only reads: it never waits for a writer. Raises Unavailable as `connect` does."""
    with _session(path, "BEGIN") as db:
        yield db


@contextmanager
def _session(path: Path, begin: str) -> Iterator[sqlite3.Connection]:
    make_folder(path.parent)
    db: sqlite3.Connection | None = None
    try:
        db = _opened(path, begin)
        yield db
        db.execute("COMMIT")
    except sqlite3.DatabaseError as error:
        sentence = _told(str(error), path)
        if sentence is None:
            raise
        raise sentence from error
    finally:
        if db is not None:
            db.close()  # an open transaction is rolled back by this


def _opened(path: Path, begin: str) -> sqlite3.Connection:
    """An open connection inside its transaction.

    The switch to WAL, and an opening while the last other connection closes, end as "locked" without having
    waited for the timeout: those are tried again.
    """
    until = time.monotonic() + TIMEOUT
    while True:
        db = sqlite3.connect(path, timeout=TIMEOUT, isolation_level=None)
        try:
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("PRAGMA journal_mode = WAL")
            _migrate(db, path)
            db.execute(begin)
            return db
        except BaseException as error:
            db.close()
            if "locked" not in str(error) or time.monotonic() > until:
                raise
        time.sleep(0.02)


def _told(message: str, path: Path) -> StudioError | None:
    """The sentence for what a person can mend; None for a bug."""
    # On a disk without a free block not even the shared memory beside the file can be made: an I/O error.
    if "full" in message or ("disk I/O" in message and free_gb(path.parent) < NO_ROOM_GB):
        return Unavailable(
            f"The disk is full: {path.name} could not be written. "
            "Free some space and try again; nothing else was touched."
        )
    if "locked" in message:
        return Unavailable(f"{path} has been in use by another program for {TIMEOUT:.0f} s; try again when "
                           "it is done.")
    if "readonly" in message or "unable to open" in message:
        return Unavailable(
            f"{path} cannot be written: no permission. Choose another folder with --data, or change its "
            "owner."
        )
    if "not a database" in message or "malformed" in message:
        return Unavailable(
            f"{path} is damaged or no library of this app. Put a copy of it from a backup in its place; "
            "the recordings beside it are untouched."
        )
    return None


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    done = db.execute("PRAGMA user_version").fetchone()[0]
    if done == len(MIGRATIONS):
        return
    if done > len(MIGRATIONS):
        raise StudioError(
            f"{path} was written by a newer Voicewright (schema {done}, this one knows {len(MIGRATIONS)}); "
            "update the app to open it."
        )
    db.execute("BEGIN IMMEDIATE")
    done = db.execute("PRAGMA user_version").fetchone()[0]  # another process may have been first
    for number in range(done, len(MIGRATIONS)):
        for statement in MIGRATIONS[number].split(";"):
            if statement.strip():
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {number + 1}")
    db.execute("COMMIT")
