"""Prompts: what people are asked to say, in their order."""
from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.db import connect, reading


@dataclass(frozen=True)
class Prompt:
    """One prompt; `grp` names its kind, `role` is target or regression, `take_id` its newest take if it has
    one."""

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


_TAKES = """clips c LEFT JOIN speakers s ON s.id = c.speaker_id
    WHERE c.prompt_id = p.id AND c.trashed = 0 AND :speaker IN ('', s.name)"""
_SELECT = f"""
    SELECT p.id, p.project_id, p.position, p.text, p.grp, p.language, p.role, p.skipped,
           (SELECT c.id FROM {_TAKES} ORDER BY c.created_at DESC, c.rowid DESC LIMIT 1) AS take_id,
           (SELECT COUNT(*) FROM {_TAKES}) AS n_takes
    FROM prompts p"""


class Prompts:
    """Table `prompts`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, project_id: int, texts: Sequence[tuple[str, str]], role: str = "target",
            language: str = "en") -> int:
        """Append (text, group) prompts, those already there left out; returns how many are new."""
        with connect(self._path) as db:
            last = db.execute("SELECT COALESCE(MAX(position), 0) FROM prompts WHERE project_id = ?",
                              (project_id,)).fetchone()[0]
            before = db.total_changes
            db.executemany(
                "INSERT OR IGNORE INTO prompts (project_id, position, text, grp, language, role, created_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(project_id, last + i + 1, text, group, language, role, time.time()) for i,
                 (text, group) in enumerate(texts)])
            return db.total_changes - before

    def of(self, project_id: int, role: str | None = None, speaker: str = "") -> list[Prompt]:
        """All prompts of a project in order, with their newest take (of one `speaker`, if named)."""
        where = " WHERE p.project_id = :project AND :role IN ('', p.role) ORDER BY p.position"
        values = {"project": project_id, "role": role or "", "speaker": speaker}
        with reading(self._path) as db:
            return [Prompt(**dict(row)) for row in db.execute(_SELECT + where, values)]

    def get(self, prompt_id: int) -> Prompt | None:
        """One prompt, or None."""
        with reading(self._path) as db:
            row = db.execute(_SELECT + " WHERE p.id = :id", {"id": prompt_id, "speaker": ""}).fetchone()
        return Prompt(**dict(row)) if row else None

    def with_text(self, project_id: int, text: str) -> Prompt | None:
        """The prompt of exactly that text, or None."""
        with reading(self._path) as db:
            where = " WHERE p.project_id = :project AND p.text = :text"
            row = db.execute(_SELECT + where, {"project": project_id, "text": text, "speaker": ""}).fetchone()
        return Prompt(**dict(row)) if row else None

    def skip(self, prompt_id: int, reason: str) -> None:
        """Mark a prompt as skipped with a reason; an empty reason takes the mark back."""
        with connect(self._path) as db:
            db.execute("UPDATE prompts SET skipped = ? WHERE id = ?", (reason, prompt_id))
