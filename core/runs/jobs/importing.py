"""Import: copy, hash and measure sound files, one result row a file; goes on where the results end."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import StudioError
from core.files import each_jsonl
from core.run_dir import RunDir
from core.runs.jobs import Countdown, Stopped
from core.runs.jobs.copying import Row, Seen, number_of, row_of
from core.runs.queue import data_root

ITEMS, KNOWN = "items.jsonl", "known.txt"
"""Beside run.json: a line a file to import, and the hashes of what the project has."""
UPLOADS = "uploads"
"""In a project's folder: what browsers sent, a folder an import, there until its run is done."""
_REPORT_SECONDS = 0.5


@dataclass
class Tally:
    """How many files were looked at, what became of them, and the first sentence about a bad one."""

    n: int = 0
    n_clips: int = 0
    n_duplicates: int = 0
    n_failed: int = 0
    first: str = ""

    def count(self, row: Row) -> None:
        """Add the row of one file."""
        self.n += 1
        self.n_clips += len(row.get("clips", ()))
        self.n_duplicates += "same" in row
        self.n_failed += "error" in row
        self.first = self.first or row.get("error", "")

    def figures(self) -> dict[str, Any]:
        """For the status."""
        named = {"n": self.n, "n_clips": self.n_clips, "n_duplicates": self.n_duplicates}
        return {**named, "n_failed": self.n_failed}


def run_job(run: RunDir, order: dict[str, Any]) -> None:
    """One row a file: its copy and its clips with their texts, or why it cannot be used; stops between two.

    The memory it takes is that of one file, and some bytes a file to know it again.
    """
    if not (run.path / ITEMS).exists():
        raise StudioError("The list of the files to import is missing: start the import again.")
    total, tally = int(order["n_items"]), Tally()
    seen = Seen({number_of(line) for line in _lines(run.path / KNOWN)})
    for row, _ in each_jsonl(run.path / "results.jsonl"):
        tally.count(row)
        if row.get("clips"):
            seen.remember(row["sha256"], row["source"], (clip["asked"] for clip in row["clips"]))
    clock, told, root = Countdown(total, tally.n), 0.0, data_root(run).path
    for number, (item, _) in enumerate(each_jsonl(run.path / ITEMS)):
        if number < tally.n:  # an earlier attempt did it: rows come in the order of the items
            continue
        if run.stop_requested():
            raise Stopped(f"after {tally.n:,} of {total:,} files")
        if time.monotonic() - told > _REPORT_SECONDS:
            told = time.monotonic()
            message = f"File {tally.n + 1:,} of {total:,}: {item['name']}"
            run.report(message, tally.n / total, clock.left(tally.n), tally.figures())
        row = row_of(item, root, order["project"], run.id.rpartition("-")[2], seen)
        run.add_results([row])
        tally.count(row)
    _conclude(run, tally)
    _tidy(run, order)


def _lines(path: Path) -> Iterator[str]:
    if path.exists():
        with open(path, encoding="ascii") as file:
            yield from (line.strip() for line in file if line.strip())


def _tidy(run: RunDir, order: dict[str, Any]) -> None:
    """Remove what a browser sent for this import alone: all that is of use has been copied."""
    name = str(order.get("uploads", ""))
    if re.fullmatch(r"[0-9a-f]{32}", name):
        shutil.rmtree(run.path.parents[1] / UPLOADS / name, ignore_errors=True)


def _conclude(run: RunDir, tally: Tally) -> None:
    said = [f"{tally.n_clips:,} clips imported."]
    if tally.n_duplicates:
        said.append(f"{tally.n_duplicates:,} files were there already.")
    if tally.n_failed:
        said.append(f"{tally.n_failed:,} could not be imported; the first: {tally.first}")
    run.report(" ".join(said), 1.0, figures=tally.figures())
