"""The clips of one dataset as encoded examples: encoded once, kept by content hash, read
when they are needed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.cache import ArrayCache
from core.errors import BadInput
from core.families.base import Example, Prepared, Trains
from core.families.base.options import LoopOptions
from core.files import sha256_of
from core.training.pairing import paired
from core.types import Row


class Corpus:
    """Examples of `rows`, whose audio lies below `folder`; `seconds` tells their lengths
    without reading them. With `options` they are pairs in a family that learns from such."""

    def __init__(
        self,
        family: Trains,
        rows: Sequence[Row],
        folder: Path,
        base: Path,
        prepared: Prepared,
        cache: ArrayCache,
        options: LoopOptions | None = None,
    ) -> None:
        self.rows, self._options = list(rows), options
        self._family, self._folder, self._base, self._prepared, self._cache = (
            family,
            folder,
            base,
            prepared,
            cache,
        )
        self._encoder = family.encoder_id(base)
        self._hashes: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def seconds(self) -> list[float]:
        """Length of each clip."""
        return [row.seconds for row in self.rows]

    def encode(self, index: int) -> None:
        """Make sure that one clip is encoded and kept. Raises BadInput for broken audio."""
        self._encoded(self.rows[index])

    def example(self, index: int, epoch: int = 0) -> Example:
        """The example of one clip in an epoch."""
        return paired(self._family, self.rows, index, self._alone, self._options, epoch)

    def _alone(self, index: int) -> Example:
        row = self.rows[index]
        return self._family.example(row, self._encoded(row), self._prepared)

    def examples(self) -> list[Example]:
        """All of them, in the order of the rows."""
        return [self.example(i) for i in range(len(self))]

    def _encoded(self, row: Row) -> np.ndarray:
        key = f"{self._encoder} {self._hash(row)} {row.start!r} {row.end!r}"
        return self._cache.get_or_make(key, lambda: self._make(row))

    def _make(self, row: Row) -> np.ndarray:
        made = self._family.encode(row, self._folder, self._base)
        if not len(made) or not np.isfinite(made).all():
            raise BadInput(
                f"The audio of clip {row.id} ({row.audio}) gives no usable features; listen to it, and leave"
                " it out or record it again."
            )
        return made

    def _hash(self, row: Row) -> str:
        """Content hash of the row's file: from the manifest, else of the file itself, once."""
        if re.fullmatch(r"[0-9a-f]{64}", row.sha256):
            return row.sha256
        if row.audio not in self._hashes:
            self._hashes[row.audio] = sha256_of(self._folder / row.audio)
        return self._hashes[row.audio]


def handful(rows: Sequence[Row], n: int) -> list[int]:
    """Indices of `n` rows, always the same ones of a set: those whose ids hash lowest."""
    ranked = sorted(range(len(rows)), key=lambda i: hashlib.sha256(rows[i].id.encode("utf-8")).hexdigest())
    return sorted(ranked[:n])
