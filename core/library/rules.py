"""Rules: a project's own replacements, in the order in which a person keeps them."""
from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from core.db import connect, reading
from core.errors import Stale
from core.text.rules import Rule

_COLUMNS = "written, spoken, example, expected"


class Rules:
    """Table `rules`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, project_id: int) -> tuple[Rule, ...]:
        """All rules of a project."""
        with reading(self._path) as db:
            return _all(db, project_id)

    def put(self, project_id: int, rules: Sequence[Rule], expected: Sequence[Rule], who: str) -> None:
        """The whole table in place of the one that the writer saw; Stale where that is another one by now."""
        with connect(self._path) as db:
            known = set(_all(db, project_id))
            if known != set(expected):
                raise Stale("Somebody else changed the rules in the meantime; nothing was overwritten. Look "
                            "at them again and repeat what you wanted.")
            # a rule that stays keeps who wrote it, and when
            for rule in known - set(rules):
                db.execute("DELETE FROM rules WHERE project_id = ? AND written = ?",
                           (project_id, rule.written))
            for place, rule in enumerate(rules):
                if rule in known:
                    db.execute("UPDATE rules SET place = ? WHERE project_id = ? AND written = ?",
                               (place, project_id, rule.written))
                else:
                    db.execute(f"INSERT INTO rules (project_id, place, {_COLUMNS}, who, at) VALUES "
                               "(?, ?, ?, ?, ?, ?, ?, ?)", (project_id, place, rule.written, rule.spoken,
                                                            rule.example, rule.expected, who, time.time()))


def _all(db: sqlite3.Connection, project_id: int) -> tuple[Rule, ...]:
    rows = db.execute(f"SELECT {_COLUMNS} FROM rules WHERE project_id = ? ORDER BY place", (project_id,))
    return tuple(Rule(*row) for row in rows)
