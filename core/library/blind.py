"""Blind comparisons: what two models wrote in a hidden order, and which of the two was better."""
from __future__ import annotations

import sqlite3
import time
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from core.db import connect, reading
from core.errors import NotFound, Stale


@dataclass(frozen=True)
class Trial:
    """One recording through the models `one` and `other` (in this order in every trial of the pair).

    `first` is the model whose text stood first; `answer` is "" until it is given, `audio` the kept sound
    ("": it was not kept), relative to the data root.
    """

    id: str
    one: str
    other: str
    first: str
    first_text: str
    second_text: str
    name: str
    seconds: float
    audio: str
    who: str
    at: float
    answer: str = ""


@dataclass(frozen=True)
class Look:
    """Somebody had the result of a pair shown, after `n` answers."""

    n: int
    who: str
    at: float


_COLUMNS = [field.name for field in fields(Trial) if field.name != "answer"]
# Answers are rows that stay; the newest one of a trial counts, and an empty one takes it back.
_NOW = "COALESCE((SELECT answer FROM blind_answers a WHERE a.trial_id = t.id ORDER BY a.id DESC LIMIT 1), '')"
_SELECT = f"SELECT {', '.join(f't.{name}' for name in _COLUMNS)}, {_NOW} AS answer FROM blind_trials t"


class Blind:
    """Tables `blind_trials`, `blind_answers` and `blind_looks`, all of them append-only."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, trial: Trial) -> None:
        """Keep a new trial."""
        with connect(self._path) as db:
            db.execute(f"INSERT INTO blind_trials ({', '.join(_COLUMNS)}) "
                       f"VALUES ({', '.join('?' * len(_COLUMNS))})", astuple(trial)[:-1])

    def get(self, trial_id: str) -> Trial:
        """One trial; NotFound otherwise."""
        with reading(self._path) as db:
            row = db.execute(f"{_SELECT} WHERE t.id = ?", (trial_id,)).fetchone()
        if row is None:
            raise NotFound(f"There is no blind comparison “{trial_id}”; start a new one.")
        return Trial(**dict(row))

    def of(self, one: str = "", other: str = "") -> list[Trial]:
        """The trials of a pair, or of all, oldest first."""
        with reading(self._path) as db:
            rows = db.execute(f"{_SELECT} WHERE :one IN ('', t.one) AND :other IN ('', t.other) "
                              "ORDER BY t.at, t.rowid", {"one": one, "other": other})
            return [Trial(**dict(row)) for row in rows]

    def answer(self, trial_id: str, answer: str, expected: str, who: str) -> None:
        """Append an answer, or with "" take the last one back; Stale when it is not `expected` any more."""
        with connect(self._path) as db:
            row = db.execute(f"SELECT {_NOW} AS answer FROM blind_trials t WHERE t.id = ?", (trial_id,))
            if [found["answer"] for found in row] != [expected]:
                raise Stale("This blind comparison was answered in the meantime; nothing was overwritten. "
                            "Look at the next one.")
            db.execute("INSERT INTO blind_answers (trial_id, answer, who, at) VALUES (?, ?, ?, ?)",
                       (trial_id, answer, who, time.time()))

    def last_answered(self, who: str) -> Trial | None:
        """The trial that `who` answered last and has not taken back."""
        with reading(self._path) as db:
            row = db.execute(f"{_SELECT} JOIN blind_answers l ON l.trial_id = t.id "
                             f"WHERE l.who = ? AND l.answer != '' AND {_NOW} != '' "
                             "ORDER BY l.id DESC LIMIT 1", (who,)).fetchone()
        return Trial(**dict(row)) if row else None

    def looked(self, one: str, other: str, n: int, who: str) -> None:
        """Note that the result of a pair was shown after `n` answers."""
        with connect(self._path) as db:
            db.execute("INSERT INTO blind_looks (one, other, n, who, at) VALUES (?, ?, ?, ?, ?)",
                       (one, other, n, who, time.time()))

    def looks(self, one: str, other: str) -> list[Look]:
        """When the result of a pair was shown, oldest first."""
        with reading(self._path) as db:
            rows: list[sqlite3.Row] = db.execute("SELECT n, who, at FROM blind_looks WHERE one = ? AND "
                                                 "other = ? ORDER BY id", (one, other)).fetchall()
            return [Look(**dict(row)) for row in rows]
