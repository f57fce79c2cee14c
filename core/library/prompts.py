"""Prompts: what people are asked to say, in their order."""
from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.db import connect, reading


@dataclass(frozen=True)
class Prompt:
    """One prompt; `grp` names its kind, `role` is target or regression, `take_id` its newest take if it has one."""

    id: int
    project_id: int
    position: int
    text: str
    grp: str
    language: str
    role: str
    skipped: str
    take_id: str | None = None
    n_takes: int = 0


_SELECT = """
    SELECT p.id, p.project_id, p.position, p.text, p.grp, p.language, p.role, p.skipped,
           (SELECT c.id FROM clips c WHERE c.prompt_id = p.id AND c.trashed = 0 ORDER BY c.created_at DESC LIMIT 1) AS take_id,
           (SELECT COUNT(*) FROM clips c WHERE c.prompt_id = p.id AND c.trashed = 0) AS n_takes
    FROM prompts p"""


class Prompts:
    """Table `prompts`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, project_id: int, texts: Sequence[tuple[str, str]], role: str = "target", language: str = "en") -> int:
        """Append (text, group) prompts, those already there left out; returns how many are new."""
        with connect(self._path) as db:
            last = db.execute("SELECT COALESCE(MAX(position), 0) FROM prompts WHERE project_id = ?", (project_id,)).fetchone()[0]
            before = db.total_changes
            db.executemany(
                "INSERT OR IGNORE INTO prompts (project_id, position, text, grp, language, role, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(project_id, last + i + 1, text, group, language, role, time.time()) for i, (text, group) in enumerate(texts)])
            return db.total_changes - before

    def of(self, project_id: int, role: str | None = None) -> list[Prompt]:
        """All prompts of a project in order, with their newest take."""
        where, values = " WHERE p.project_id = ?", [project_id]
        if role:
            where, values = where + " AND p.role = ?", [*values, role]
        with reading(self._path) as db:
            return [Prompt(**dict(row)) for row in db.execute(_SELECT + where + " ORDER BY p.position", values)]

    def get(self, prompt_id: int) -> Prompt | None:
        """One prompt, or None."""
        with reading(self._path) as db:
            row = db.execute(_SELECT + " WHERE p.id = ?", (prompt_id,)).fetchone()
        return Prompt(**dict(row)) if row else None

    def with_text(self, project_id: int, text: str) -> Prompt | None:
        """The prompt of exactly that text, or None."""
        with reading(self._path) as db:
            row = db.execute(_SELECT + " WHERE p.project_id = ? AND p.text = ?", (project_id, text)).fetchone()
        return Prompt(**dict(row)) if row else None

    def skip(self, prompt_id: int, reason: str) -> None:
        """Mark a prompt as skipped with a reason; an empty reason takes the mark back."""
        with connect(self._path) as db:
            db.execute("UPDATE prompts SET skipped = ? WHERE id = ?", (reason, prompt_id))
