"""The windows of a run one after another: made when they are asked for, or ahead of time by other processes.

Every random choice in a window is a pure function of (seed, epoch, clip), so that windows which were made
ahead and never used leave no trace: the cursor counts what was taken.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from core.errors import StudioError
from core.families.base import Example
from core.training import sampling
from core.training.corpus import LeftOut

if TYPE_CHECKING:
    from core.training.session import Plan

AHEAD = 2
"""Windows that each process has ready."""

Place = tuple[int, int]
"""Epoch, and the number of a window in it."""
Fed = Example | LeftOut
"""A clip, or the word that it cannot be had any more."""


class Windows:
    """Any window of any epoch, of which process `rank` of `world` gets its share. Can be sent to others."""

    def __init__(self, plan: Plan, rank: int = 0, world: int = 1) -> None:
        self._family, self._corpus, self._prepared = plan.family, plan.train, plan.prepared
        self._options, self._share = plan.options, slice(rank, None, world)
        self._size = plan.options.batch_size * plan.options.accumulation
        self._epoch = -1
        self._drawn: Sequence[list[int]] = ()

    def __len__(self) -> int:
        return sampling.n_windows(len(self._corpus), self._size)

    def __getitem__(self, place: Place) -> list[Fed]:
        """The clips of a window, disturbed for its epoch. Raises BadInput for one that cannot be read."""
        return [self._clip(i, place[0]) for i in self.clips(place)[self._share]]

    def clips(self, place: Place) -> list[int]:
        """The indices of the clips of a window, of all processes."""
        epoch, number = place
        if epoch != self._epoch:
            self._drawn = sampling.Drawn(self._corpus.seconds, self._size, self._options.seed, epoch)
            self._epoch = epoch
        return self._drawn[number]

    def _clip(self, index: int, epoch: int) -> Fed:
        try:
            example = self._corpus.example(index, epoch)
        except LeftOut as error:
            return error
        return self._family.augment(example, self._prepared, self._options, self._options.seed, epoch)

    def due(self, n: int) -> list[int]:
        """The clips of the first `n` windows of a run, each once, in the order in which they come."""
        place, found = (0, 0), dict[int, None]()
        for _ in range(n):
            if len(found) == len(self._corpus):
                break
            found.update(dict.fromkeys(self.clips(place)))
            place = self.after(place)
        return list(found)

    def after(self, place: Place) -> Place:
        """The place of the next window."""
        epoch, number = place
        return (epoch, number + 1) if number + 1 < len(self) else (epoch + 1, 0)


class Feed:
    """Gives the windows in their order; with `workers` processes that begin where the first is asked for."""

    def __init__(self, windows: Windows, workers: int = 0) -> None:
        self._windows, self._workers = windows, workers
        self._next: Place | None = None
        self._coming: Iterator[Any] | None = None

    def take(self, place: Place) -> list[Fed]:
        """The window at `place`."""
        if not self._workers:
            return self._windows[place]
        if self._coming is None or place != self._next:
            self._coming = _ahead(self._windows, place, self._workers)
        self._next = self.after(place)
        found = next(self._coming)
        if isinstance(found, StudioError):
            raise found
        window: list[Fed] = found
        return window

    def __len__(self) -> int:
        """Windows of an epoch."""
        return len(self._windows)

    def after(self, place: Place) -> Place:
        """The place of the next window."""
        return self._windows.after(place)

    def close(self) -> None:
        """End the other processes; what they had ready is forgotten."""
        self._coming = None


class _Sent:
    """Windows for another process: what a person can mend comes back as it is, not as a traceback."""

    def __init__(self, windows: Windows) -> None:
        self._windows = windows

    def __getitem__(self, place: Place) -> list[Fed] | StudioError:
        try:
            return self._windows[place]
        except StudioError as error:
            return error


class _Places:
    """All places from one on, without an end."""

    def __init__(self, windows: Windows, first: Place) -> None:
        self._windows, self._first = windows, first

    def __iter__(self) -> Iterator[Place]:
        place = self._first
        while True:
            yield place
            place = self._windows.after(place)


def _ahead(windows: Windows, first: Place, workers: int) -> Iterator[Any]:
    """Windows from `first` on, in order, from processes that go when the iterator does, or this process."""
    import torch
    from torch.utils.data import DataLoader

    loader: Any = DataLoader(
        _Sent(windows),  # type: ignore[arg-type]  # it has no end, and so no length
        sampler=_Places(windows, first),
        batch_size=None,
        num_workers=workers,
        prefetch_factor=AHEAD,
        collate_fn=_as_it_is,
        worker_init_fn=partial(_leave_with, os.getpid()),
        generator=torch.Generator(),  # its own: the loader draws a seed, and the training's must not move
    )
    return iter(loader)


def _leave_with(parent: int, _number: int) -> None:
    """In a process that prepares clips: end when the one it works for was killed. The loader's own watch is
    not enough, because a window that nobody fetches keeps its process waiting in a full pipe."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, name="leave", daemon=True).start()


def _as_it_is(window: Any) -> Any:
    return window


@contextmanager
def deaths_told() -> Iterator[None]:
    """Inside it the end of a process that prepares clips is a sentence, wherever the loop was then."""
    try:
        yield
    except RuntimeError as error:
        if not str(error).startswith("DataLoader worker"):
            raise
        raise StudioError(
            "A process that prepares clips ended unexpectedly: the memory may have run out, or somebody ended"
            " it. Press Resume to go on from the last checkpoint; with the option “data_workers” at 0 there"
            " is no such process."
        ) from error
