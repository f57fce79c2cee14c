"""What speakers agreed to: the texts of a project by version, and who agreed when; nothing is overwritten."""
from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from core.db import connect, reading


@dataclass(frozen=True)
class ConsentText:
    """What speakers of a project are asked to agree to; a new wording is a new version."""

    id: int
    project_id: int
    version: int
    text: str
    who: str
    created_at: float


@dataclass(frozen=True)
class Consent:
    """The newest word of a speaker: to which version, when, and whether it was given or taken back."""

    speaker_id: int
    version: int
    text: str
    given: bool
    who: str
    at: float


_NEWEST = """
    SELECT c.speaker_id, t.version, t.text, c.given, c.who, c.at FROM consents c
    JOIN consent_texts t ON t.id = c.consent_text_id
    WHERE c.id = (SELECT MAX(id) FROM consents WHERE speaker_id = c.speaker_id)"""


class Consents:
    """Tables `consent_texts` and `consents`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def text_of(self, project_id: int) -> ConsentText | None:
        """The newest text of a project; None where speakers are asked nothing."""
        with reading(self._path) as db:
            return _text_of(db, project_id)

    def ask(self, project_id: int, text: str, who: str) -> ConsentText | None:
        """From now on ask for this text, "" for none; the same text is no new version."""
        with connect(self._path) as db:
            newest = _newest(db, project_id)
            if newest is None or newest.text != text:
                db.execute(
                    "INSERT INTO consent_texts (project_id, version, text, who, created_at) "
                    "VALUES (?, ?, ?, ?, ?)",
                    (project_id, newest.version + 1 if newest else 1, text, who, time.time()))
            return _text_of(db, project_id)

    def note(self, speaker_id: int, text_id: int, given: bool, who: str) -> None:
        """Write that a speaker agreed to a text, or took that back."""
        with connect(self._path) as db:
            db.execute("INSERT INTO consents (speaker_id, consent_text_id, given, who, at) "
                       "VALUES (?, ?, ?, ?, ?)", (speaker_id, text_id, int(given), who, time.time()))

    def of(self, project_id: int) -> dict[int, Consent]:
        """The newest word of each speaker of a project who gave one, by speaker id."""
        where = " AND t.project_id = ?"
        with reading(self._path) as db:
            rows = [dict(row) for row in db.execute(_NEWEST + where, (project_id,))]
        return {row["speaker_id"]: Consent(**{**row, "given": bool(row["given"])}) for row in rows}


def _newest(db: sqlite3.Connection, project_id: int) -> ConsentText | None:
    row = db.execute("SELECT * FROM consent_texts WHERE project_id = ? ORDER BY version DESC LIMIT 1",
                     (project_id,)).fetchone()
    return ConsentText(**dict(row)) if row else None


def _text_of(db: sqlite3.Connection, project_id: int) -> ConsentText | None:
    newest = _newest(db, project_id)
    return newest if newest and newest.text else None
