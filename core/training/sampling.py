"""Which clips are worked on when: a pure function of (seed, epoch, index), so that a run can
be taken up anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np
import numpy.typing as npt

POOL = 4  # windows that are sorted by length together: less padding, and still another mixture each epoch


class Drawn(Sequence[list[int]]):
    """The clips of an epoch, each once, in windows of `size` indices (one may be shorter), near-equal lengths
    together. A window is put together when it is asked for: only an order of all clips is held."""

    def __init__(
        self, seconds: Sequence[float] | npt.NDArray[np.float64], size: int, seed: int, epoch: int
    ) -> None:
        rng = np.random.default_rng([seed, 1, epoch])
        self._seconds, self._size = seconds, size
        self._order = rng.permutation(len(seconds))
        self._places = rng.permutation(n_windows(len(seconds), size))

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> list[int]: ...
    @overload
    def __getitem__(self, index: slice) -> list[list[int]]: ...
    def __getitem__(self, index: int | slice) -> list[int] | list[list[int]]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        pool, at = divmod(int(self._places[index]), POOL)
        together = self._order[pool * self._size * POOL : (pool + 1) * self._size * POOL].tolist()
        ranked = sorted(together, key=lambda i: (self._seconds[i], i))
        return ranked[at * self._size : (at + 1) * self._size]


def n_windows(n: int, size: int) -> int:
    """How many windows of `size` an epoch of `n` clips has."""
    return -(-n // size)


def split(items: Sequence[int], size: int) -> list[list[int]]:
    """`items` in micro-batches of at most `size`."""
    return [list(items[at : at + size]) for at in range(0, len(items), size)]
