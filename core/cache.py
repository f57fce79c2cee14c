"""Arrays that cost time to make, kept as .npy files under the hash of what they were made from."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.files import write_atomic


class ArrayCache:
    """A folder of arrays by content hash. Anything in it can be made again, so a damaged
    file is simply remade."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path_of(self, key: str) -> Path:
        """Where the array of `key` lies: two levels, so that no folder grows too wide."""
        digest = hashlib.sha256(key.encode("utf-8")).hexdigest()[:40]
        return self.folder / digest[:2] / f"{digest}.npy"

    def get(self, key: str) -> npt.NDArray[Any] | None:
        """The array of `key`, or None when it is not there or cannot be read whole."""
        path = self.path_of(key)
        if not path.exists():
            return None
        try:
            array: npt.NDArray[Any] = np.load(path, allow_pickle=False)
        except (ValueError, EOFError, OSError):
            return None
        return array

    def put(self, key: str, array: npt.NDArray[Any]) -> None:
        """Keep `array` under `key`, whole or not at all. Raises Unavailable when the disk is full."""
        held = io.BytesIO()
        np.save(held, array, allow_pickle=False)
        write_atomic(self.path_of(key), held.getvalue())

    def get_or_make(self, key: str, make: Callable[[], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """The kept array of `key`; made, and kept, when there is none."""
        found = self.get(key)
        if found is None:
            found = make()
            self.put(key, found)
        return found
