"""Index: look through a large folder by its headers, and write a line a file and the sums beside it.

What was read is in the data root's cache, so that an attempt goes on where the last one ended.
"""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.audio.index_cache import IndexCache
from core.audio.survey import CACHE, survey
from core.files import write_json
from core.run_dir import RunDir
from core.runs.jobs import Stopped
from core.runs.queue import data_root

TABLE, FOUND = "index.jsonl", "found.json"
"""In the run folder: {path, duration, ...} a line, and what was found in sum."""
_REPORT_SECONDS = 0.5


def run_job(run: RunDir, order: dict[str, Any]) -> None:
    """Index the order's `folder`. Raises NotFound or BadInput for one that is none, Stopped between files."""
    told = 0.0

    def tick(n_looked: int) -> None:
        nonlocal told
        if run.stop_requested():
            raise Stopped(f"after {n_looked:,} files")
        if time.monotonic() - told > _REPORT_SECONDS:
            told = time.monotonic()
            run.report(f"{n_looked:,} files looked at.", figures={"n": n_looked})

    cache = IndexCache(data_root(run).cache / CACHE)
    found = survey(Path(order["folder"]), cache, run.path / TABLE, tick)
    write_json(run.path / FOUND, asdict(found))
    figures = {"n": found.files, "hours": found.hours, "n_failed": len(found.errors)}
    run.report(f"{found.files:,} files, {found.hours:,.1f} hours.", 1.0, figures=figures)
