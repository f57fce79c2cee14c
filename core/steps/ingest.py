"""Results come home once: what transcription runs made becomes transcripts, each with its numbers turned into
words; what imports brought becomes clips."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.errors import BadInput, NotFound, Stale
from core.library import Change, Library, Project, View
from core.library.transcripts import Draft
from core.run_dir import RunDir
from core.steps import align, arrivals, recordings, rules
from core.steps.convert import by_number, is_by_hand, proposal
from core.text.rules import Rule
from core.types import Word

# Sizes of result files that were taken in whole: a saving of reads, never the truth (that is the table
# `ingested`).
_seen: dict[Path, int] = {}

NOT_LAID: dict[str, Any] = {"text": "", "engine": "", "words": []}
TakeIn = Callable[[Library, Project, RunDir, dict[str, Any]], int]


def ingest(lib: Library, project: Project | None = None) -> int:
    """Take new results of all runs (or of one project's) into the library; returns how many. Repeating it
    changes nothing."""
    total = 0
    for each in [project] if project else lib.projects.all():
        for folder in sorted(lib.root.runs(each.slug).glob("*-transcribe-*")):
            total += _ingest_run(lib, each, RunDir(folder), _ingest_row)
        for folder in sorted(lib.root.runs(each.slug).glob("*-align-*")):
            total += _ingest_run(lib, each, RunDir(folder), _ingest_laid)
        for folder in sorted(lib.root.runs(each.slug).glob("*-import-*")):
            total += arrivals.ingest_run(lib, each, RunDir(folder))
        for folder in sorted(lib.root.runs(each.slug).glob("*-segment-*")):
            total += _ingest_run(lib, each, RunDir(folder), recordings.take_in)
    return total


def _ingest_run(lib: Library, project: Project, run: RunDir, take_in: TakeIn) -> int:
    path = run.path / "results.jsonl"
    size = path.stat().st_size if path.exists() else 0
    if _seen.get(path, 0) == size:
        return 0
    rows, end = run.results()
    done = lib.ingested.items(run.id)
    new = {row["item"]: row for row in reversed(rows) if row["item"] not in done}
    taken = sum(take_in(lib, project, run, row) for row in reversed(new.values()))
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
            made, noted = [], [Change(view.clip.id, "note", view.clip.note, row["error"])]
        else:
            if not _says_the_same(lib, project, run):  # the scores are of other numbers, by their place
                row = {**row, "laid": {**(row.get("laid") or NOT_LAID), "scores": {}}}
            made, noted = drafts(project, view, row, lib.rules.of(project.id)), []
        batch = lib.transcripts.append(project.id, made, who, ingest=(run.id, row["item"]), changes=noted)
    except Stale:  # somebody wrote between our look and our write: look again
        return _ingest_row(lib, project, run, row)
    return int(bool(batch))  # none: another process took the same result in first


def _says_the_same(lib: Library, project: Project, run: RunDir) -> bool:
    """Whether a run read numbers by the rules and digit words that the project still has."""
    return _spoken_by(run.path) == rules.in_order(lib, project)


@lru_cache(maxsize=64)
def _spoken_by(path: Path) -> dict[str, Any]:
    """The rules and digit words in a run's order, which is written once and may be long."""
    return {name: value for name, value in RunDir(path).order().items() if name in ("rules", "digits")}


def _ingest_laid(lib: Library, project: Project, run: RunDir, row: dict[str, Any]) -> int:
    """What an alignment found for one take."""
    try:
        view = lib.clips.view(row["item"])
        draft = align.home(lib, project, view, row["transcript"], row["laid"]) if "laid" in row else None
        batch = lib.transcripts.append(project.id, [draft] if draft else [], f"run:{run.id}",
                                       ingest=(run.id, row["item"]))
    except NotFound:
        return 0
    except Stale:
        return _ingest_laid(lib, project, run, row)
    return int(bool(batch))


def drafts(project: Project, view: View, row: dict[str, Any], own: Sequence[Rule] = ()) -> list[Draft]:
    """The machine's version and, where it holds numbers, the version in words after it; with the times and
    the readings that an aligner found. `own` are the project's rules."""
    words = tuple(Word(*w) for w in row.get("words", []))
    current = not _is_settled(view)
    score = {"score": row.get("score")}
    laid = row.get("laid") or NOT_LAID
    times = align.times_of(laid)
    machine = Draft(view.clip.id, row["text"], f"model:{row['model']}", view.clip.transcript_id, words, score,
                    current=current, times=times if laid["text"] == row["text"] else None)
    try:
        converted = proposal(row["text"], project.language, view.prompt, by_number(laid.get("scores")),
                             rules=own, digits=project.digit_words)
    except BadInput:  # no number names are known for this language: what was heard comes home as it is
        return [machine]
    if not converted:
        return [machine]
    text, details = converted
    return [machine, Draft(view.clip.id, text, "numbers", None, details=details, follows=True,
                           current=current, times=times if laid["text"] == text else None)]


def _is_settled(view: View) -> bool:
    """Whether a person has written, chosen or accepted the text: then it stays, beside what was heard now."""
    by_machine = view.source == "numbers" or (view.source or "model:").startswith("model:")
    return is_by_hand(view) or not by_machine or (view.text is not None and view.clip.decision == "accepted")
