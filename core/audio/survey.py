"""What a folder of sounds holds, in sum: which corpora, how many hours, whose, and how long the files are."""
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

from core.audio.corpora import WHY, Place, Recogniser
from core.audio.index import Folder
from core.audio.index import index as walk
from core.audio.index_ahead import ahead
from core.audio.index_cache import BOUNDS, IndexCache, Kept, Total
from core.errors import BadInput, NotFound
from core.files import replacing
from core.spread import Here, spread

Kind = TypeVar("Kind", str, int)
CACHE = "index.tsv"
"""Of a data root's folder of caches: what is known of files that were indexed before."""


@dataclass(frozen=True)
class CorpusFound:
    """The part of a folder with one layout, and `why` it was recognised; 0 speakers: it tells none."""

    layout: str
    why: str
    files: int
    hours: float
    speakers: int


@dataclass(frozen=True)
class Lengths:
    """How long the files are, in seconds; `counts` holds how many are shorter than each of `BOUNDS`, and last
    how many are longer than all of them."""

    shortest: float
    mean: float
    longest: float
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Indexed:
    """What was found: `files` that can be read, their `hours` of sound, the `seconds` that it took to look.

    `errors` holds (path below the folder, sentence). `formats` and `rates` are the hours of each ending and
    of each sample rate, and `corpora` the parts by their layout, the most first.
    """

    files: int
    hours: float
    seconds: float
    errors: tuple[tuple[str, str], ...]
    formats: dict[str, float]
    rates: dict[int, float]
    corpora: tuple[CorpusFound, ...]
    lengths: Lengths


def survey(
    folder: Path, cache: IndexCache, out: Path | None = None, tick: Callable[[int], None] | None = None
) -> Indexed:
    """Read the headers of all sounds below `folder`, or remember them; `tick` hears how many were looked at.

    `out` gets one line {path, duration, sample_rate, n_channels, size} a file, whole or not at all; paths are
    relative to it where they can be. Raises NotFound for a folder that is not there, BadInput for a file.
    """
    began = time.monotonic()
    check_folder(folder)
    sums = _Sums(os.path.abspath(folder))
    with spread() as where:
        if not isinstance(where, Here):
            ahead(sums.root, cache, where, tick or (lambda n: None))
    with replacing(out) if out else nullcontext() as lines:
        for found in walk(sums.root, cache, tick):
            sums.add(found)
            if lines and out:
                lines.writelines(_lines(_base(found.path, out), found.rows()))
    return sums.told(time.monotonic() - began)


def check_folder(folder: Path) -> None:
    """NotFound for a folder that is not there, BadInput for a file."""
    if not folder.exists():
        raise NotFound(f"There is no folder {folder}; check the path.")
    if not folder.is_dir():
        raise BadInput(f"{folder.name} is no folder: name the folder it lies in.")


class _Sums:
    """What is added up, folder by folder."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._recogniser = Recogniser()
        self._errors: list[tuple[str, str]] = []
        self._formats: defaultdict[str, float] = defaultdict(float)
        self._rates: defaultdict[int, float] = defaultdict(float)
        self._files: defaultdict[str, int] = defaultdict(int)
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._speakers: defaultdict[str, set[str]] = defaultdict(set)
        self._counts = [0] * (len(BOUNDS) + 1)
        self._shortest, self._longest = float("inf"), 0.0

    def add(self, found: Folder) -> None:
        total = found.total
        for ending, rate, _, length in total.kinds:
            self._formats[ending] += length / 3600
            self._rates[rate] += length / 3600
        below = os.path.relpath(found.path, self.root)
        self._errors += [(os.path.normpath(os.path.join(below, name)), why) for name, why in total.errors]
        if total.n_files:
            self._add_lengths(total)
            self._add_place(self._recogniser.place(found.path, total.example), total)

    def _add_lengths(self, total: Total) -> None:
        self._counts = [all_ + here for all_, here in zip(self._counts, total.counts, strict=True)]
        self._shortest = min(self._shortest, total.shortest)
        self._longest = max(self._longest, total.longest)

    def _add_place(self, place: Place, total: Total) -> None:
        self._files[place.layout] += total.n_files
        self._seconds[place.layout] += total.seconds
        if place.speaker:
            self._speakers[place.layout].add(place.speaker)

    def told(self, took: float) -> Indexed:
        files, seconds = sum(self._files.values()), sum(self._seconds.values())
        shortest = self._shortest if files else 0.0
        lengths = Lengths(shortest, seconds / files if files else 0.0, self._longest, tuple(self._counts))
        corpora = [
            CorpusFound(name, WHY[name], n, self._seconds[name] / 3600, len(self._speakers[name]))
            for name, n in sorted(self._files.items(), key=lambda each: -each[1])
        ]
        return Indexed(files, seconds / 3600, took, tuple(self._errors), _most_first(self._formats),
                       _most_first(self._rates), tuple(corpora), lengths)


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
                "sample_rate": row.rate, "n_channels": row.channels, "size": row.size}
        yield json.dumps(told).encode("ascii") + b"\n"
