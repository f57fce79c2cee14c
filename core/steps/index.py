"""Index: how many sounds a folder holds, how long they are, and which of them cannot be read."""
from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from core.audio.index_cache import IndexCache
from core.audio.survey import CACHE, CorpusFound, Indexed, Lengths, check_folder, survey
from core.config import DataRoot
from core.files import read_json
from core.library import Library, Project
from core.run_dir import RunDir
from core.runs import start as runs
from core.runs.jobs.index import FOUND


class Ticker:
    """Tells every other second how many files have been looked at."""

    def __init__(self, tell: Callable[[str], None], seconds: float = 2.0) -> None:
        self.n_looked = 0
        self._tell, self._seconds, self._last = tell, seconds, time.monotonic()

    def __call__(self, n_looked: int) -> None:
        """`n_looked` files so far."""
        self.n_looked = n_looked
        if time.monotonic() - self._last > self._seconds:
            self._last = time.monotonic()
            self._tell(f"{n_looked:,} files ...")


def cache_of(data: DataRoot) -> IndexCache:
    """What is known of files that were indexed before, in whatever folder."""
    return IndexCache(data.cache / CACHE)


def index(
    data: DataRoot, folder: Path, out: Path | None = None, tick: Callable[[int], None] | None = None
) -> Indexed:
    """What `folder` holds, by the headers of its sounds, which are read once (core/audio/survey.py)."""
    return survey(folder, cache_of(data), out, tick)


def start_index(lib: Library, project: Project, folder: Path) -> RunDir:
    """Index a large folder in the background; returns at once. NotFound or BadInput for what is no folder."""
    check_folder(folder)
    order = {"project": project.slug, "device": "cpu", "folder": str(folder.resolve())}
    return runs.start(lib.root, project.slug, "index", order)


def found_by(run: RunDir) -> Indexed | None:
    """What an index run found; None before it is done."""
    if not (run.path / FOUND).exists():
        return None
    raw = read_json(run.path / FOUND)
    lengths = Lengths(**{**raw["lengths"], "counts": tuple(raw["lengths"]["counts"])})
    return Indexed(**{**raw, "errors": tuple(map(tuple, raw["errors"])), "lengths": lengths,
                      "rates": {int(rate): hours for rate, hours in raw["rates"].items()},
                      "corpora": tuple(CorpusFound(**part) for part in raw["corpora"])})
