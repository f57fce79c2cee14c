"""The headers of a large folder read over a cluster, ahead of its index, which then knows them all."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from core.audio.index import Seen, read_rows, total_of, walk
from core.audio.index_cache import IndexCache, Kept
from core.spread import Spread

BATCH = 2000
"""Files a piece of work: some tenths of a second, beside which sending it is nothing."""


class Asked(NamedTuple):
    """A folder whose files are to be read, and the mark of its state."""

    path: str
    files: list[Seen]
    mark: str


def ahead(root: str, cache: IndexCache, where: Spread, tick: Callable[[int], None]) -> None:
    """Read what `cache` does not know of the folders below `root` (absolute), and keep it there.

    What the index finds afterwards is what it would have found alone: the same function reads the files.
    `tick` hears how many were read; what was read when it raises is kept.
    """
    n_read = 0
    try:
        for folders in where.map(read_folders, None, batches(root, cache)):
            for asked, rows in folders:
                whole = all(row.size >= 0 for row in rows)
                kept = rows if whole else [row for row in rows if row.size >= 0]
                cache.add(asked.path, kept, asked.mark if whole else "", total_of(rows) if whole else None)
                n_read += len(rows)
            tick(n_read)
    finally:
        cache.close()


def read_folders(_: None, folders: list[Asked]) -> list[tuple[Asked, list[Kept]]]:
    """One piece of work: the rows of some folders."""
    return [(asked, read_rows(asked.path, asked.files)) for asked in folders]


def batches(root: str, cache: IndexCache) -> Iterator[list[Asked]]:
    """Folders that are not known as they are, some together; a very large one is one piece."""
    some: list[Asked] = []
    n_files = 0
    for path, listing in walk(root):
        mark = listing.mark()
        if cache.whole(path, mark) is not None:
            continue
        some.append(Asked(path, listing.files(), mark))
        n_files += len(listing.names)
        if n_files >= BATCH:
            yield some
            some, n_files = [], 0
    if some:
        yield some
