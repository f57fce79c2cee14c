"""Second reviews: what another person says of a sample of decided clips, kept apart from the clips."""
from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.db import connect, reading
from core.errors import Stale

_COLUMNS = "id, draw, clip_id, first, first_who, first_text, who, decision, text, at"


@dataclass(frozen=True)
class Second:
    """One clip of a sample: what was decided `first`, by whom and on which text, and the second's
    `decision` and `text` ("" until it is given)."""

    id: int
    draw: str
    clip_id: str
    first: str
    first_who: str
    first_text: str
    who: str
    decision: str
    text: str
    at: float


@dataclass(frozen=True)
class Drawn:
    """A clip as it comes into a sample."""

    clip_id: str
    first: str
    first_who: str
    first_text: str


class SecondReviews:
    """Table `second_reviews`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def draw(self, project_id: int, draw: str, clips: Sequence[Drawn], who: str) -> None:
        """Keep a new sample for `who`."""
        with connect(self._path) as db:
            db.executemany(
                "INSERT INTO second_reviews (project_id, draw, place, clip_id, first, first_who, first_text, "
                "who, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(project_id, draw, place, one.clip_id, one.first, one.first_who, one.first_text, who,
                  time.time()) for place, one in enumerate(clips)])

    def of(self, project_id: int, draw: str | None = None) -> list[Second]:
        """One sample (the newest), in its order."""
        with reading(self._path) as db:
            newest = db.execute("SELECT draw FROM second_reviews WHERE project_id = ? ORDER BY id DESC "
                                "LIMIT 1", (project_id,)).fetchone()
            wanted = draw if draw is not None else newest["draw"] if newest else ""
            rows = db.execute(f"SELECT {_COLUMNS} FROM second_reviews WHERE project_id = ? AND draw = ? "
                              "ORDER BY place", (project_id, wanted))
            return [Second(**dict(row)) for row in rows]

    def give(self, second_id: int, decision: str, text: str, expected: str, who: str) -> None:
        """Keep a second decision, or take it back with ""; Stale where it is not `expected` any more."""
        with connect(self._path) as db:
            done = db.execute("UPDATE second_reviews SET decision = ?, text = ?, who = ?, at = ? "
                              "WHERE id = ? AND decision = ?",
                              (decision, text, who, time.time(), second_id, expected))
            if not done.rowcount:
                raise Stale("This clip of the second review was decided in the meantime; nothing was "
                            "overwritten. Look at it again.")
