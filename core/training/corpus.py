"""The clips of one dataset as encoded examples: encoded once, kept by content hash, read
when they are needed.

The files of a corpus lie where somebody else may move them: a clip of one that is gone, or is no longer what
it was, is left out of what is learned, under its name, and the others go on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.cache import ArrayCache
from core.errors import BadInput, NotFound, Refused, StudioError
from core.families.base import Example, Prepared, Trains
from core.families.base.options import LoopOptions
from core.files import sha256_of
from core.stamps import changed, gone_or_resized
from core.training.pairing import paired
from core.training.stretches import Stretches
from core.types import Row


class LeftOut(StudioError):
    """The clip `id` of a corpus cannot be had any more, for `reason`; `audio` is its file."""

    def __init__(self, id: str, audio: str, reason: str) -> None:
        super().__init__(id, audio, reason)  # as they are, so that it can be sent to another process
        self.id, self.audio, self.reason = id, audio, reason

    def __str__(self) -> str:
        return f"{self.id}: {self.reason}"


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
        self.rows, self._options = rows, options
        self._family, self._folder, self._base, self._prepared, self._cache = (
            family,
            folder,
            base,
            prepared,
            cache,
        )
        self._encoder = family.encoder_id(base)
        self._hashes: dict[str, str] = {}
        self.lies_elsewhere = any(row.stamp for row in rows[:1])
        """Whether the rows are those of a corpus: then any of them may be gone one day."""

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def seconds(self) -> Sequence[float] | npt.NDArray[np.float64]:
        """Length of each clip."""
        if isinstance(self.rows, Stretches):
            return self.rows.seconds()
        return [row.seconds for row in self.rows]

    @property
    def files(self) -> Sequence[Row]:
        """The rows before any was cut in windows."""
        return self.rows.files if isinstance(self.rows, Stretches) else self.rows

    def encode(self, index: int) -> None:
        """Make sure that one clip is encoded and kept. Raises BadInput for broken audio; LeftOut where that
        is a file of a corpus, or where it is gone."""
        self._encoded(self.rows[index])

    def example(self, index: int, epoch: int = 0) -> Example:
        """The example of one clip in an epoch. Raises as `encode`."""
        return paired(self._family, self.rows, index, self._alone, self._options, epoch)

    def _alone(self, index: int) -> Example:
        row = self.rows[index]
        return self._family.example(row, self._encoded(row), self._prepared)

    def examples(self, indices: Sequence[int] | None = None) -> list[Example]:
        """Those of `indices` (None: all) that can be had, in that order. Refused where none can."""
        found, gone = list[Example](), list[LeftOut]()
        for i in range(len(self)) if indices is None else indices:
            try:
                found.append(self.example(i))
            except LeftOut as error:
                gone.append(error)
        if gone and not found:
            raise nothing_left(gone)
        return found

    def lost(self) -> list[LeftOut]:
        """A clip of each file that is gone or has another size, without opening any."""
        first = {row.audio: row for row in reversed(self.files) if row.stamp}
        told = ((row, gone_or_resized(self._folder / row.audio, row.stamp)) for row in first.values())
        return [LeftOut(row.id, row.audio, what) for row, what in told if what]

    def _encoded(self, row: Row) -> np.ndarray:
        key = f"{self._encoder} {self._hash(row)} {row.start!r} {row.end!r}"
        if not row.stamp:
            return self._cache.get_or_make(key, lambda: self._make(row))
        if what := changed(self._folder / row.audio, row.stamp):
            raise LeftOut(row.id, row.audio, what)
        try:
            return self._cache.get_or_make(key, lambda: self._make(row))
        except (BadInput, NotFound) as error:
            raise LeftOut(row.id, row.audio, str(error)) from error

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
        if row.stamp:
            return row.stamp
        if re.fullmatch(r"[0-9a-f]{64}", row.sha256):
            return row.sha256
        if row.audio not in self._hashes:
            self._hashes[row.audio] = sha256_of(self._folder / row.audio)
        return self._hashes[row.audio]


def handful(rows: Sequence[Row], n: int) -> list[int]:
    """Indices of `n` rows, always the same ones of a set: those whose ids hash lowest."""
    ranked = sorted(range(len(rows)), key=lambda i: hashlib.sha256(rows[i].id.encode("utf-8")).hexdigest())
    return sorted(ranked[:n])


def nothing_left(gone: Sequence[LeftOut]) -> Refused:
    """The refusal where not one of some clips of a corpus is there any more."""
    return Refused(f"Not one of {len(gone)} clips of the corpus can be read as it was ({gone[0]}): put its "
                   "files back where they were, or make the dataset again from where they are now.")
