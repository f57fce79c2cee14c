"""Results come home once: what transcription runs made becomes transcripts, each with its numbers turned into words."""
from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from core.errors import NotFound, Stale
from core.library import Change, Library, Project, View
from core.library.transcripts import Draft
from core.run_dir import RunDir
from core.steps.convert import proposal
from core.types import Word

# Sizes of result files that were taken in whole: a saving of reads, never the truth (that is the table `ingested`).
_seen: dict[Path, int] = {}


def ingest(lib: Library, project: Project | None = None) -> int:
    """Take new results of all runs (or of one project's) into the library; returns how many. Repeating it changes nothing."""
    total = 0
    for each in [project] if project else lib.projects.all():
        for folder in sorted(lib.root.runs(each.slug).glob("*-transcribe-*")):
            total += _ingest_run(lib, each, RunDir(folder))
    return total


def _ingest_run(lib: Library, project: Project, run: RunDir) -> int:
    path = run.path / "results.jsonl"
    size = path.stat().st_size if path.exists() else 0
    if _seen.get(path, 0) == size:
        return 0
    rows, end = run.results()
    done = lib.ingested.items(run.id)
    new = {row["item"]: row for row in reversed(rows) if row["item"] not in done}
    taken = sum(_ingest_row(lib, project, run, row) for row in reversed(new.values()))
    _seen[path] = end
    return taken


def _ingest_row(lib: Library, project: Project, run: RunDir, row: dict[str, Any]) -> int:
    try:
        view = lib.clips.view(row["item"])
    except NotFound:  # emptied from the trash while it was transcribed
        return 0
    who = f"run:{run.id}"
    try:
        if "error" in row:
            lib.transcripts.append(project.id, [], who, ingest=(run.id, [row["item"]]))
            lib.changes.apply(project.id, [Change(view.clip.id, "note", view.clip.note, row["error"])], who)
        else:
            lib.transcripts.append(project.id, drafts(project, view, row), who, ingest=(run.id, [row["item"]]))
    except sqlite3.IntegrityError:  # another process took the same result in first
        return 0
    except Stale:  # somebody wrote between our look and our write: look again
        return _ingest_row(lib, project, run, row)
    return 1


def drafts(project: Project, view: View, row: dict[str, Any]) -> list[Draft]:
    """The machine's version and, where it holds numbers, the version in words after it."""
    words = tuple(Word(*w) for w in row.get("words", []))
    # What a person wrote stays current; the new version can still be looked at.
    current = view.source is None or view.source.startswith("model:") or view.source == "numbers"
    machine = Draft(view.clip.id, row["text"], f"model:{row['model']}", view.clip.transcript_id, words, {"score": row.get("score")}, current=current)
    converted = proposal(row["text"], project.language, view.prompt)
    if not converted:
        return [machine]
    return [machine, Draft(view.clip.id, converted[0], "numbers", None, details=converted[1], follows=True, current=current)]
