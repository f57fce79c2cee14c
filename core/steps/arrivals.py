"""What imports brought comes home: clips with their speakers and texts, many in a transaction, each once."""
from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.files import each_jsonl
from core.library import Arrival, Clip, Library, Project
from core.library.transcripts import Draft
from core.run_dir import RunDir
from core.types import Word

log = logging.getLogger(__name__)

SOURCE = "import"
_BATCH = 200
# How far the results of each run were taken in: a saving of reads, never the truth (that is `ingested`).
_seen: dict[Path, int] = {}


def ingest_run(lib: Library, project: Project, run: RunDir) -> int:
    """Take new results of an import into the library; returns how many clips are new."""
    path = run.path / "results.jsonl"
    start, n_new = _seen.get(path, 0), 0
    if not path.exists() or path.stat().st_size == start:
        return 0
    done, order = lib.ingested.items(run.id), run.order()
    rows: list[dict[str, Any]] = []
    end = start
    for row, end in each_jsonl(path, start):
        if row.get("clips") and row["item"] not in done:
            rows.append(row)
        if len(rows) == _BATCH:
            n_new += len(enter(lib, project, run.id, rows, bool(order.get("accept"))))
            _seen[path] = end
            rows = []
    if rows:
        n_new += len(enter(lib, project, run.id, rows, bool(order.get("accept"))))
    _seen[path] = end
    return n_new


def enter(
    lib: Library, project: Project, run_id: str, rows: Sequence[dict[str, Any]], accept: bool = False
) -> tuple[str, ...]:
    """Enter result rows of the import job, in one transaction; the ids of the clips that are new."""
    there = [row for row in rows if _is_there(lib, row)]
    arrivals = [_arrival(project, row, accept) for row in there]
    entered = lib.arrivals.enter(project.id, run_id, arrivals, f"run:{run_id}")
    if entered.unneeded:  # another import was quicker with the same sounds: these copies are nobody's
        kept = lib.clips.known_audio(project.id)
        for audio in set(entered.unneeded) - kept:
            (lib.root.path / audio).unlink(missing_ok=True)
    return entered.clip_ids


def _is_there(lib: Library, row: dict[str, Any]) -> bool:
    there = (lib.root.path / row["audio"]).is_file()
    if not there:
        log.warning("%s was imported, but %s has been taken away since.", row["name"], row["audio"])
    return there


def _arrival(project: Project, row: dict[str, Any], accept: bool) -> Arrival:
    clips = tuple((_clip(project, row, raw), raw["speaker"]) for raw in row["clips"])
    drafts = tuple(_draft(raw) for raw in row["clips"] if raw["text"])
    return Arrival(row["item"], clips, drafts, tuple(draft.clip_id for draft in drafts if accept))


def _clip(project: Project, row: dict[str, Any], raw: dict[str, Any]) -> Clip:
    return Clip(
        id=raw["id"], project_id=project.id, kind=raw["kind"], name=raw["name"], audio=row["audio"],
        sha256=row["sha256"], sample_rate=row["sample_rate"], n_samples=row["n_samples"], start=raw["start"],
        end=raw["end"], speaker_id=None, prompt_id=None, role="target", decision="todo", mark="", note="",
        trashed=0, transcript_id=None, quality=raw["quality"], created_at=0.0)


def _draft(raw: dict[str, Any]) -> Draft:
    words = tuple(Word(*word) for word in raw["words"])
    details = {"language": raw["language"]} if raw["language"] else {}
    return Draft(raw["id"], raw["text"], SOURCE, None, words, details)
