"""The index of a large folder: length, rate and channels of each sound in it, read once and then known."""
from __future__ import annotations

import hashlib
import os
import time
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from core.audio.header import ENDINGS
from core.audio.index_cache import BOUNDS, IndexCache, Kept, Total
from core.audio.peek import peek
from core.errors import BadInput, StudioError

_TASK, _THREADS = 32, 8
_SLOW = 0.002
"""Seconds a file: above it the disk (or the network) is waited for, and several threads wait at once."""
_SAVE_SECONDS = 2.0
Tick = Callable[[int], None]
Seen = tuple[str, int, int]
"""A file of a folder: name, size in bytes (-1: no file), time of its last change in ns."""


class Listing(NamedTuple):
    """The sounds of a folder, column by column: a folder that has not changed is never looked at by file."""

    names: list[str]
    sizes: list[int]
    times: list[int]

    def mark(self) -> str:
        """A hash of all names, sizes and times: the same only while no file of the folder has changed."""
        digest = hashlib.blake2b("/".join(self.names).encode("utf-8", "surrogateescape"), digest_size=16)
        digest.update(array("q", self.sizes))
        digest.update(array("q", self.times))
        return digest.hexdigest()

    def files(self) -> list[Seen]:
        """File by file."""
        return list(zip(*self, strict=True))


@dataclass(frozen=True)
class Folder:
    """A folder that holds sounds: its totals, and (when asked for) the row of each file by name."""

    path: str
    total: Total
    rows: Callable[[], list[Kept]]


def index(root: str, cache: IndexCache, tick: Tick | None = None) -> Iterator[Folder]:
    """Each folder with sounds, from `root` (absolute) down; only what changed is read.

    `tick` hears how many files have been looked at. What was read is in the cache when this ends, however
    it ends: after Ctrl+C or a kill the next call goes on from there.
    """
    met: list[str] = []
    n_looked = 0
    reader = _Reader(cache, tick or (lambda n: None))
    try:
        for path, listing in walk(root):
            mark = listing.mark()
            total = cache.whole(path, mark)
            if total is not None:
                yield Folder(path, total, partial(_known, cache, path))
            else:
                rows, total = reader.read(path, listing.files(), mark, n_looked)
                yield Folder(path, total, partial(sorted, rows))
            met.append(path)
            n_looked += len(listing.names)
            reader.tick(n_looked)
        cache.tidy(root, met)
    finally:
        reader.close()
        cache.close()


def _known(cache: IndexCache, path: str) -> list[Kept]:
    return sorted(cache.of(path).values())


def total_of(rows: list[Kept]) -> Total:
    """A folder in short."""
    good = [row for row in rows if not row.error]
    errors = sorted((row.name, row.error) for row in rows if row.error)
    kinds: dict[tuple[str, int], tuple[int, float]] = {}
    for row in good:
        kind = row.name[row.name.rfind("."):].lower(), row.rate
        n, seconds = kinds.get(kind, (0, 0.0))
        kinds[kind] = n + 1, seconds + row.n_samples / row.rate
    told = [(*kind, *sums) for kind, sums in sorted(kinds.items())]
    lengths, counts = [row.n_samples / row.rate for row in good], [0] * (len(BOUNDS) + 1)
    for length in lengths:
        counts[bisect_right(BOUNDS, length)] += 1
    return Total(len(good), sum(seconds for _, seconds in kinds.values()), errors, told, counts,
                 min(lengths, default=0.0), max(lengths, default=0.0), good[0].name if good else "")


def walk(root: str) -> Iterator[tuple[str, Listing]]:
    """Each folder that holds sounds, sorted, with them in the disk's order; hidden and linked folders not."""
    waiting = [root]
    while waiting:
        path = waiting.pop()
        try:
            listing, folders = _listed(path)
        except OSError:  # told as a file without a name
            listing, folders = Listing([""], [-1], [0]), []
        waiting += [os.path.join(path, name) for name in sorted(folders, reverse=True)]
        if listing.names:
            yield path, listing


def _listed(path: str) -> tuple[Listing, list[str]]:
    """The sounds of one folder and the folders in it; twenty thousand rounds, so each makes few calls."""
    listing, folders = Listing([], [], []), list[str]()
    names, sizes, times = listing
    handle = os.open(path, os.O_RDONLY)  # by an open folder its files are found sooner than by their paths
    try:
        with os.scandir(handle) as entries:
            for entry in entries:
                name = entry.name
                if name[0] == ".":
                    continue
                if name.lower().endswith(ENDINGS) and entry.is_file():
                    found = entry.stat()
                    names.append(name)
                    sizes.append(found.st_size)
                    times.append(found.st_mtime_ns)
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(name)
                elif name.lower().endswith(ENDINGS):  # a link to nowhere; a pipe, which would make us wait
                    names.append(name)
                    sizes.append(-1)
                    times.append(0)
    finally:
        os.close(handle)
    return listing, folders


class _Reader:
    """Reads headers one after the other while that is quick, else with several threads; keeps them."""

    def __init__(self, cache: IndexCache, tick: Tick) -> None:
        self._cache, self.tick = cache, tick
        self._pool: ThreadPoolExecutor | None = None

    def read(self, path: str, files: list[Seen], mark: str, n_before: int) -> tuple[list[Kept], Total]:
        """The row of each file, from the cache where it has not changed, and the folder in short."""
        known = self._cache.of(path)
        rows: list[Kept] = []
        todo = files
        if known:
            rows = [row for file in files if (row := known.get(file[0])) and row[1:3] == file[1:]]
            same = {row.name for row in rows}
            todo = [file for file in files if file[0] not in same]
        saved, since = len(rows), time.monotonic()
        try:
            for some in self._chunks(path, todo):
                rows += some
                self.tick(n_before + len(rows))
                if time.monotonic() - since > _SAVE_SECONDS:
                    self._save(path, rows[saved:])
                    saved, since = len(rows), time.monotonic()
        except BaseException:  # Ctrl+C too: what was read is not read again
            self._save(path, rows[saved:])
            raise
        total = total_of(rows)
        if any(row.size < 0 for row in rows):
            self._save(path, rows[saved:])
        else:
            self._cache.add(path, rows, mark, total)
        return rows, total

    def _save(self, path: str, rows: list[Kept]) -> None:
        """Keep some rows of a folder, without those that could not be looked at."""
        if kept := [row for row in rows if row.size >= 0]:
            self._cache.add(path, kept)

    def _chunks(self, path: str, files: list[Seen]) -> Iterator[list[Kept]]:
        size = _TASK * _THREADS
        for first in range(0, len(files), size):
            some, began = files[first : first + size], time.monotonic()
            if self._pool:
                tasks = [some[at : at + _TASK] for at in range(0, len(some), _TASK)]
                yield from self._pool.map(partial(read_rows, path), tasks)
                continue
            yield read_rows(path, some)
            if time.monotonic() - began > _SLOW * len(some):
                self._pool = ThreadPoolExecutor(_THREADS)

    def close(self) -> None:
        """End the threads, after the files that they have in hand."""
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)


def read_rows(path: str, files: list[Seen]) -> list[Kept]:
    """The row of each file of a folder, as its header or what is wrong with it."""
    return [_row(path, *file) for file in files]


def _row(path: str, name: str, size: int, mtime_ns: int) -> Kept:
    if size < 0:
        what = f"{name} is no file, or a link to one that is gone: take it away, or bring the file back."
        no_folder = f"The folder {os.path.basename(path)} cannot be opened: change its rights or its owner."
        return Kept(name, -1, 0, 0, 0, 0, what if name else no_folder)
    try:
        return Kept(name, size, mtime_ns, *peek(f"{path}/{name}", size))
    except BadInput as error:
        return Kept(name, size, mtime_ns, 0, 0, 0, str(error))
    except StudioError as error:  # rights may change without a trace in the file
        return Kept(name, -1, 0, 0, 0, 0, str(error))
