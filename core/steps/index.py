"""Index: how many sounds a folder holds, how long they are, and which of them cannot be read."""
from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from core.audio.index import index as walk
from core.audio.index_cache import IndexCache, Kept
from core.config import DataRoot
from core.errors import BadInput, NotFound
from core.files import replacing

Kind = TypeVar("Kind", str, int)


@dataclass(frozen=True)
class Indexed:
    """What was found: `files` that can be read, their `hours` of sound, the `seconds` that it took to look.

    `errors` holds (path below the folder, sentence). `formats` and `rates` are the hours of each ending and
    of each sample rate, the most first.
    """

    files: int
    hours: float
    seconds: float
    errors: tuple[tuple[str, str], ...]
    formats: dict[str, float]
    rates: dict[int, float]


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
    return IndexCache(data.cache / "index.tsv")


def index(
    data: DataRoot, folder: Path, out: Path | None = None, tick: Callable[[int], None] | None = None
) -> Indexed:
    """Read the headers of all sounds below `folder`, or remember them; `tick` hears how many were looked at.

    `out` gets one line {path, duration, sample_rate, n_channels} a file, whole or not at all; paths are
    relative to it where they can be. Raises NotFound for a folder that is not there, BadInput for a file.
    """
    began = time.monotonic()
    if not folder.exists():
        raise NotFound(f"There is no folder {folder}; check the path.")
    if not folder.is_dir():
        raise BadInput(f"{folder.name} is no folder: name the folder it lies in.")
    root, n_files, seconds = os.path.abspath(folder), 0, 0.0
    errors: list[tuple[str, str]] = []
    formats: defaultdict[str, float] = defaultdict(float)
    rates: defaultdict[int, float] = defaultdict(float)
    with replacing(out) if out else nullcontext() as lines:
        for found in walk(root, cache_of(data), tick):
            n_files += found.total.n_files
            seconds += found.total.seconds
            for ending, rate, _, length in found.total.kinds:
                formats[ending] += length / 3600
                rates[rate] += length / 3600
            below = os.path.relpath(found.path, root)
            errors += [(os.path.normpath(os.path.join(below, name)), why) for name, why in found.total.errors]
            if lines and out:
                lines.writelines(_lines(_base(found.path, out), found.rows()))
    return Indexed(n_files, seconds / 3600, time.monotonic() - began, tuple(errors),
                   _most_first(formats), _most_first(rates))


def _most_first(hours: dict[Kind, float]) -> dict[Kind, float]:
    return dict(sorted(hours.items(), key=lambda each: -each[1]))


def _base(place: str, out: Path) -> str:
    """How the table calls a folder: from where it lies itself, or from the root if it lies beside it."""
    home = os.path.abspath(out.parent)
    inside = os.path.commonpath([home, place]) == home
    return os.path.relpath(place, home) if inside else place


def _lines(base: str, rows: list[Kept]) -> Iterator[bytes]:
    for row in rows:
        if row.error:
            continue
        told = {"path": os.path.normpath(os.path.join(base, row.name)), "duration": row.n_samples / row.rate,
                "sample_rate": row.rate, "n_channels": row.channels}
        yield json.dumps(told).encode("ascii") + b"\n"
