"""Word times: when each word of a transcript is spoken, and who found out. Made from text and sound, so they
can be made again; a transcript has one set."""
from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.db import connect, reading
from core.types import Word

PERSON, OWN = "person", "own"


@dataclass(frozen=True)
class WordTimes:
    """`words` with times in seconds from the clip's audio start, by `engine` ("pocketsphinx", "ctc:starter",
    "person"); `score` 0..1 is their mean, None where the engine gives none."""

    transcript_id: int
    engine: str
    words: tuple[Word, ...]
    score: float | None
    at: float = 0.0


class WordTimesTable:
    """Table `word_times`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, found: WordTimes) -> bool:
        """Keep the times of a transcript in place of older ones; False where a person has set them, or the
        transcript is gone: then nothing is written."""
        with connect(self._path) as db:
            known = db.execute("SELECT t.id, w.engine FROM transcripts t LEFT JOIN word_times w ON "
                               "w.transcript_id = t.id WHERE t.id = ?", (found.transcript_id,)).fetchone()
            if known is None or (known["engine"] == PERSON and found.engine != PERSON):
                return False
            write(db, found)
        return True

    def of(self, transcript_id: int | None) -> WordTimes | None:
        """The times of one transcript, None where nobody has looked for them."""
        with reading(self._path) as db:
            row = db.execute("SELECT * FROM word_times WHERE transcript_id = ?", (transcript_id,)).fetchone()
        return _found(row) if row else None

    def of_project(self, project_id: int) -> dict[int, WordTimes]:
        """The times of all current transcripts of a project, by transcript id."""
        with reading(self._path) as db:
            rows = db.execute("SELECT w.* FROM word_times w JOIN clips c ON c.transcript_id = "
                              "w.transcript_id WHERE c.project_id = ?", (project_id,))
            return {row["transcript_id"]: _found(row) for row in rows}


def engine_of(source: str) -> str:
    """The engine of times that came with a transcript: a person, or the recogniser that wrote it."""
    return source if source == PERSON else f"{OWN}:{source.removeprefix('model:')}"


def is_own(engine: str) -> bool:
    """Whether a recogniser's own times stand in for an aligner's: late by up to a fifth of a second."""
    return engine.split(":")[0] == OWN


def mean_score(words: Sequence[Word]) -> float | None:
    """The mean over the words that have a score; None where none has."""
    scores = [word.score for word in words if word.score is not None]
    return sum(scores) / len(scores) if scores else None


def write(db: sqlite3.Connection, found: WordTimes) -> None:
    """Put inside the caller's transaction."""
    words = json.dumps([[w.text, w.start, w.end, w.score] for w in found.words], ensure_ascii=False)
    db.execute("INSERT OR REPLACE INTO word_times (transcript_id, engine, words, score, at) VALUES "
               "(?, ?, ?, ?, ?)", (found.transcript_id, found.engine, words, found.score, time.time()))


def _found(row: sqlite3.Row) -> WordTimes:
    words = tuple(Word(*word) for word in json.loads(row["words"]))
    return WordTimes(row["transcript_id"], row["engine"], words, row["score"], row["at"])
