"""Index: how many sounds a folder holds, how long they are, and which of them cannot be read."""
from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from core.audio.index_cache import BOUNDS, IndexCache
from core.audio.survey import CACHE, CorpusFound, Indexed, Lengths, survey
from core.config import DataRoot
from core.errors import BadInput, NotFound
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
    if not folder.exists():
        raise NotFound(f"There is no folder {folder}; check the path.")
    if not folder.is_dir():
        raise BadInput(f"{folder.name} is no folder: name the folder it lies in.")
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


def lines(found: Indexed) -> list[str]:
    """What was found, for a person: formats, rates, corpora, lengths, and the sum last."""
    told = [f"{name}: {hours:.2f} hours" for name, hours in found.formats.items()]
    told += [f"{rate:,} Hz: {hours:.2f} hours" for rate, hours in found.rates.items()]
    for part in found.corpora:
        whose = f", {part.speakers:,} speakers" if part.speakers else ""
        told.append(f"{part.layout}: {part.files:,} files, {part.hours:.2f} hours{whose} ({part.why})")
    told += [f"{span}: {n:,} files" for span, n in spans(found)]
    if found.files:
        told.append(f"Lengths: {found.lengths.shortest:.1f} to {found.lengths.longest:,.1f} s, "
                    f"{found.lengths.mean:.1f} s on average.")
    told.append(f"{found.files} files, {found.hours:.2f} hours; {len(found.errors)} are bad. "
                f"It took {found.seconds:.1f} s.")
    return told


def spans(found: Indexed) -> list[tuple[str, int]]:
    """(span of lengths, number of files) where there are any, the short ones first."""
    names = [f"under {BOUNDS[0]} s"]
    names += [f"{low} to {high} s" for low, high in pairwise(BOUNDS)]
    names.append(f"{BOUNDS[-1]} s and more")
    return [(name, n) for name, n in zip(names, found.lengths.counts, strict=True) if n]
