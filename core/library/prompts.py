"""Prompts: what people are asked to say, in their order."""
from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.db import connect, reading
from core.library import prompt_changes
from core.library.prompt_changes import PromptChange
from core.text.script_file import Draft


@dataclass(frozen=True)
class Prompt:
    """One prompt; `grp` names its kind, `must` that it has to be recorded.

    `role` is target, regression, or fresh: made to judge the run `fresh`, and never learned.
    `skipped` says why it is left out, by all or by the speaker who was named; `take_id` is the take in use,
    the newest of several; `n_takes` counts the spare ones too.
    """

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
    must: bool = False
    fresh: str = ""


_TAKES = """clips c LEFT JOIN speakers s ON s.id = c.speaker_id
    WHERE c.prompt_id = p.id AND c.trashed = 0 AND :speaker IN ('', s.name)"""
_ROLE = "CASE p.fresh WHEN '' THEN p.role ELSE 'fresh' END"
_SELECT = f"""
    SELECT p.id, p.project_id, p.position, p.text, p.grp, p.language, {_ROLE} AS role, p.must, p.fresh,
           COALESCE(NULLIF(p.skipped, ''), (
               SELECT k.reason FROM skips k JOIN speakers s ON s.id = k.speaker_id
               WHERE k.prompt_id = p.id AND s.name = :speaker), '') AS skipped,
           (SELECT c.id FROM {_TAKES} AND c.spare = 0
             ORDER BY c.created_at DESC, c.rowid DESC LIMIT 1) AS take_id,
           (SELECT COUNT(*) FROM {_TAKES}) AS n_takes
    FROM prompts p"""


# A removed prompt keeps its row, so that it can come back, and shows itself while it has a take.
_THERE = "(p.removed = 0 OR EXISTS (SELECT 1 FROM clips c WHERE c.prompt_id = p.id AND c.trashed = 0))"


class Prompts:
    """Table `prompts`, and in `prompt_changes` what happened to them."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, project_id: int, texts: Sequence[tuple[str, str]], role: str = "target",
            language: str = "en") -> int:
        """Append (text, group) prompts, those already there left out; returns how many are new."""
        return self.append(project_id, [Draft(text, group, language) for text, group in texts], role)

    def append(self, project_id: int, drafts: Sequence[Draft], role: str = "target", who: str = "",
               fresh: str = "") -> int:
        """Append prompts, those already there left out; returns how many are new. One that was removed comes
        back, at the end. With `who` they are one batch that can be undone. `fresh`: new ones are made to
        judge that run, and nothing else."""
        first: dict[str, Draft] = {}
        for draft in drafts:
            first.setdefault(draft.text, draft)
        with connect(self._path) as db:
            known = _known(db, project_id, first)
            last = db.execute("SELECT COALESCE(MAX(position), 0) FROM prompts WHERE project_id = ?",
                              (project_id,)).fetchone()[0]
            wanted = [d for d in first.values() if d.text not in known or known[d.text]["removed"]]
            placed = list(enumerate(wanted, last + 1))
            back = [change for at, draft in placed if draft.text in known
                    for change in _restored(known[draft.text], draft, at)]
            prompt_changes.put(db, project_id, back)
            new = _insert(db, project_id, role, [(at, d) for at, d in placed if d.text not in known], fresh)
            if who and placed:
                prompt_changes.note(db, project_id, who, [*back, *new])
        return len(placed)

    def apply(self, project_id: int, changes: Sequence[PromptChange], who: str) -> None:
        """Write all changes as one batch; Stale when any prompt is not as expected, BadInput for a text that
        is there already (nothing is written then)."""
        with connect(self._path) as db:
            prompt_changes.write(db, project_id, who, changes)

    def undo(self, project_id: int, who: str) -> list[PromptChange]:
        """Take back the newest batch of `who`; returns what was set (empty: nothing to undo)."""
        with connect(self._path) as db:
            return prompt_changes.undo(db, project_id, who)

    def history(self, prompt_id: int) -> list[dict[str, Any]]:
        """What happened to a prompt, oldest first."""
        with reading(self._path) as db:
            return prompt_changes.of(db, prompt_id)

    def of(self, project_id: int, role: str | None = None, speaker: str = "") -> list[Prompt]:
        """The prompts of a project in order, with their newest take (of one `speaker`, if named)."""
        where = (f" WHERE p.project_id = :project AND :role IN ('', {_ROLE}) AND {_THERE} "
                 "ORDER BY p.position, p.id")
        values = {"project": project_id, "role": role or "", "speaker": speaker}
        with reading(self._path) as db:
            return [_prompt(row) for row in db.execute(_SELECT + where, values)]

    def get(self, prompt_id: int) -> Prompt | None:
        """One prompt, a removed one too, or None."""
        with reading(self._path) as db:
            row = db.execute(_SELECT + " WHERE p.id = :id", {"id": prompt_id, "speaker": ""}).fetchone()
        return _prompt(row) if row else None

    def with_text(self, project_id: int, text: str) -> Prompt | None:
        """The prompt of exactly that text, a removed one too, or None."""
        with reading(self._path) as db:
            where = " WHERE p.project_id = :project AND p.text = :text"
            row = db.execute(_SELECT + where, {"project": project_id, "text": text, "speaker": ""}).fetchone()
        return _prompt(row) if row else None

    def ever(self, project_id: int) -> list[Prompt]:
        """All prompts that the project has had, removed ones too, in order; whether they have takes is not
        looked up."""
        with reading(self._path) as db:
            rows = db.execute("SELECT p.id, p.project_id, p.position, p.text, p.grp, p.language, "
                              f"{_ROLE} AS role, p.skipped, p.must, p.fresh FROM prompts p "
                              "WHERE p.project_id = ? ORDER BY p.position, p.id", (project_id,))
            return [_prompt(row) for row in rows]

    def skip(self, prompt_id: int, reason: str) -> None:
        """Mark a prompt as skipped with a reason; an empty reason takes the mark back."""
        with connect(self._path) as db:
            db.execute("UPDATE prompts SET skipped = ? WHERE id = ?", (reason, prompt_id))


def _prompt(row: sqlite3.Row) -> Prompt:
    return Prompt(**{**dict(row), "must": bool(row["must"])})


def _known(db: sqlite3.Connection, project_id: int, texts: Iterable[str]) -> dict[str, sqlite3.Row]:
    one = "SELECT * FROM prompts WHERE project_id = ? AND text = ?"
    rows = (db.execute(one, (project_id, text)).fetchone() for text in texts)
    return {row["text"]: row for row in rows if row}


def _restored(row: sqlite3.Row, draft: Draft, position: int) -> list[PromptChange]:
    """What makes a removed prompt the one that is wanted now."""
    wanted = {"removed": 0, "position": position, "grp": draft.group, "language": draft.language,
              "must": int(draft.must), "skipped": ""}
    return [PromptChange(row["id"], field, row[field], value) for field, value in wanted.items()
            if row[field] != value]


def _insert(db: sqlite3.Connection, project_id: int, role: str, placed: Sequence[tuple[int, Draft]],
            fresh: str) -> list[PromptChange]:
    """Insert new prompts at their positions; the changes that undo takes back."""
    newest = db.execute("SELECT COALESCE(MAX(id), 0) FROM prompts").fetchone()[0]
    db.executemany(
        "INSERT INTO prompts (project_id, position, text, grp, language, role, must, fresh, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(project_id, at, d.text, d.group, d.language, role, int(d.must), fresh, time.time())
         for at, d in placed])
    rows = db.execute("SELECT id FROM prompts WHERE project_id = ? AND id > ?", (project_id, newest))
    return [PromptChange(row["id"], "removed", 1, 0) for row in rows]
