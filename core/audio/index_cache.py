"""What was read of many files before: one file that grows, by folder, name, size and time of change."""
from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from core.files import cut_tail, make_folder, replacing, told


class Kept(NamedTuple):
    """A file as it was: size in bytes, time of its last change, and its header or the sentence against it.

    With a size of -1 it could not even be looked at, which is not kept.
    """

    name: str
    size: int
    mtime_ns: int
    n_samples: int
    rate: int
    channels: int
    error: str = ""


class Total(NamedTuple):
    """A folder in short: the files that can be read, their seconds, and (name, sentence) of the others.

    `kinds` holds (ending, rate in Hz, files, seconds) for each ending and rate, `counts` the files shorter
    than each of `BOUNDS` and not than the one before, `example` the name of one that can be read.
    """

    n_files: int
    seconds: float
    errors: Sequence[tuple[str, str]]
    kinds: Sequence[tuple[str, int, int, float]]
    counts: Sequence[int]
    shortest: float
    longest: float
    example: str


BOUNDS = (1, 2, 5, 10, 15, 20, 30, 60, 600, 3600)
"""Seconds, between which the lengths of files are counted."""


class IndexCache:
    """The file `path`, one line a block: FOLDER tab MARK tab TOTAL tab ROWS, all but the mark in JSON.

    The mark stands for the names, sizes and times of all files of a folder; a block without one holds some of
    them, read before somebody broke off. All can be made again: a damaged line is left out.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._blocks: dict[str, list[bytes]] = {}
        self._n_bytes = self._n_waste = 0
        self._file: IO[bytes] | None = None
        lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []  # without a half line at the end
        for line in lines:
            folder, tab, block = line.partition(b"\t")
            if tab:
                self._keep(folder.decode("ascii", "replace"), block)

    def _keep(self, key: str, block: bytes) -> None:
        blocks = self._blocks.setdefault(key, [])
        if not block.startswith(b"\t"):  # the whole folder: what was known of it before is out of date
            self._n_waste += sum(map(len, blocks))
            blocks.clear()
        blocks.append(block)
        self._n_bytes += len(block)

    def whole(self, folder: str, mark: str) -> Total | None:
        """The totals of a folder, if `mark` says that nothing in it has changed."""
        blocks = self._blocks.get(json.dumps(folder))
        if not blocks or not blocks[-1].startswith(mark.encode("ascii") + b"\t"):
            return None
        try:
            return Total(*json.loads(blocks[-1].split(b"\t")[1]))
        except (ValueError, TypeError):  # damaged, or by a version that counted less: added up anew
            return None

    def of(self, folder: str) -> dict[str, Kept]:
        """What is known of the files of a folder, by name."""
        found: dict[str, Kept] = {}
        for block in self._blocks.get(json.dumps(folder), ()):
            try:
                found.update((row[0], Kept(*row)) for row in json.loads(block.split(b"\t")[2]))
            except (ValueError, TypeError, LookupError):
                continue
        return found

    def add(self, folder: str, rows: Sequence[Kept], mark: str = "", total: Total | None = None) -> None:
        """Append a block: the whole folder with its `mark` and `total`, else some of its files.

        Raises Unavailable when the disk is full.
        """
        key = json.dumps(folder)
        block = f"{mark}\t{json.dumps(total)}\t{json.dumps(rows)}".encode("ascii")
        self._keep(key, block)
        try:
            if self._file is None:
                make_folder(self.path.parent)
                self._file = open(self.path, "ab+")
                cut_tail(self._file)
            self._file.write(key.encode("ascii") + b"\t" + block + b"\n")
            self._file.flush()
        except OSError as error:
            raise told(error, self.path) from error

    def tidy(self, root: str, folders: Iterable[str]) -> None:
        """After a whole walk of `root`, which met `folders`: forget the others; rewrite a half empty file."""
        self.close()
        met = {json.dumps(folder) for folder in folders}
        below = json.dumps(root)[:-1].rstrip("/") + "/"
        for key in [key for key in self._blocks if key.startswith(below) and key not in met]:
            self._n_waste += sum(map(len, self._blocks.pop(key)))
        if self._n_waste * 2 > self._n_bytes:
            with replacing(self.path) as file:
                for key, blocks in self._blocks.items():
                    file.writelines(key.encode("ascii") + b"\t" + block + b"\n" for block in blocks)
            self._n_bytes, self._n_waste = self._n_bytes - self._n_waste, 0

    def close(self) -> None:
        """Let go of the file; what was added is in it."""
        if self._file:
            self._file.close()
            self._file = None
