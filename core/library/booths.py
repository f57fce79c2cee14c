"""Links of recording booths: a token opens the recording room of one speaker until it is closed."""
from __future__ import annotations

import secrets
import time
from pathlib import Path

from core.db import connect, reading


class Booths:
    """Table `booths`. The tokens lie in the clear beside the recordings that they give access to."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self, speaker_id: int) -> str:
        """The token of a speaker's link; a new one where none is open."""
        with connect(self._path) as db:
            row = db.execute("SELECT token FROM booths WHERE speaker_id = ? AND closed_at IS NULL",
                             (speaker_id,)).fetchone()
            if row:
                return str(row["token"])
            token = secrets.token_urlsafe(24)
            db.execute("INSERT INTO booths (token, speaker_id, created_at) VALUES (?, ?, ?)",
                       (token, speaker_id, time.time()))
            return token

    def close(self, speaker_id: int) -> None:
        """The speaker's links open nothing any more."""
        with connect(self._path) as db:
            db.execute("UPDATE booths SET closed_at = ? WHERE speaker_id = ? AND closed_at IS NULL",
                       (time.time(), speaker_id))

    def speaker_of(self, token: str) -> int | None:
        """Whose link it is; None for one that is closed or unknown."""
        with reading(self._path) as db:
            row = db.execute("SELECT speaker_id FROM booths WHERE token = ? AND closed_at IS NULL",
                             (token,)).fetchone()
        return int(row["speaker_id"]) if row else None

    def of(self, project_id: int) -> dict[int, str]:
        """The open links of a project: speaker id -> token."""
        with reading(self._path) as db:
            rows = db.execute(
                "SELECT b.speaker_id, b.token FROM booths b JOIN speakers s ON s.id = b.speaker_id "
                "WHERE s.project_id = ? AND b.closed_at IS NULL", (project_id,))
            return {row["speaker_id"]: row["token"] for row in rows}
