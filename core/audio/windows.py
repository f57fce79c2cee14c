"""Windows of long files, drawn in an order that is a pure function of (seed, epoch, index).

Nothing is shuffled or remembered: the order is a permutation that is computed place by place, so that sixty
thousand hours take no memory for it, and any process finds its share, or goes on in mid-epoch, by a number.
"""
from __future__ import annotations

import hashlib
import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from core.errors import BadInput
from core.files import each_jsonl

ROUNDS = 4
"""Of the Feistel network; four make it a pseudo-random permutation (Luby and Rackoff, 1988)."""


@dataclass(frozen=True)
class Sound:
    """A file as the index saw it; `size` in bytes, 0 where that was not noted."""

    path: Path
    n_samples: int
    rate: int
    size: int = 0


@dataclass(frozen=True)
class Window:
    """`n_samples` of a file from sample `start` on, at the file's own rate."""

    sound: Sound
    start: int
    n_samples: int


def sounds_in(table: Path) -> list[Sound]:
    """The files of a table that `app.py index --out` wrote. Raises BadInput for a line that names none."""
    found = []
    for number, (row, _) in enumerate(each_jsonl(table), 1):
        try:
            rate = int(row["sample_rate"])
            n_samples = round(float(row["duration"]) * rate)
            sound = Sound(table.parent / row["path"], n_samples, rate, int(row.get("size", 0)))
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput(f"Line {number} of {table.name} is not one of an index ({error!r}); write the "
                           "table again with app.py index --out.") from error
        found.append(sound)
    return found


class Windows:
    """All windows of `sounds`: each file from its start on, `seconds` long, the last one as long as is left.

    What is left at the end of a file and is shorter than `least` seconds is joined to no window and left out.
    """

    def __init__(self, sounds: Sequence[Sound], seconds: float, seed: int, least: float = 1.0) -> None:
        if not 0 < least <= seconds:
            raise BadInput(f"Windows of {seconds:g} s, of which {least:g} s are enough, cannot be cut; "
                           "choose a length above 0 and no shorter than what is enough.")
        self._sounds, self._seconds, self._seed, self._least = list(sounds), seconds, seed, least
        self._ends = list(accumulate(self._n_of(sound) for sound in self._sounds))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def _n_of(self, sound: Sound) -> int:
        length = round(self._seconds * sound.rate)
        whole, left = divmod(sound.n_samples, length)
        return whole + (left >= self._least * sound.rate)

    def window(self, epoch: int, index: int) -> Window:
        """The `index`-th window of an epoch (0 to len - 1): each comes once an epoch."""
        place = permuted(index, len(self), f"{self._seed} {epoch}")
        number = bisect_right(self._ends, place)
        sound = self._sounds[number]
        length = round(self._seconds * sound.rate)
        start = (place - (self._ends[number] - self._n_of(sound))) * length
        return Window(sound, start, min(length, sound.n_samples - start))

    def share(
        self, epoch: int, rank: int = 0, world: int = 1, worker: int = 0, workers: int = 1, first: int = 0
    ) -> Iterator[Window]:
        """What worker `worker` of `workers` of process `rank` of `world` gets, from its `first`-th one on.

        All shares of an epoch together are each window once; they differ in length by one at most.
        """
        if not (0 <= rank < world and 0 <= worker < workers):
            raise ValueError(f"no process {rank} of {world} with a worker {worker} of {workers}")
        step = world * workers
        for index in range(rank * workers + worker + first * step, len(self), step):
            yield self.window(epoch, index)


def permuted(index: int, n: int, key: str) -> int:
    """Where `index` goes in a permutation of range(n) that belongs to `key`: a Feistel network on the next
    power of four, walked until it is back in the range (Black and Rogaway, 2002)."""
    if not 0 <= index < n:
        raise IndexError(f"window {index} of {n}")
    half = max(1, ((n - 1).bit_length() + 1) // 2)
    place = _mixed(index, half, key)
    while place >= n:
        place = _mixed(place, half, key)
    return place


def _mixed(value: int, half: int, key: str) -> int:
    """One pass through the network on 2 * `half` bits."""
    left, right = value >> half, value & ((1 << half) - 1)
    for number in range(ROUNDS):
        digest = hashlib.blake2b(f"{key} {number} {right}".encode(), digest_size=8).digest()
        left, right = right, left ^ (int.from_bytes(digest, "big") & ((1 << half) - 1))
    return left << half | right


def standing_of(sound: Sound) -> str:
    """What became of a file since its index, without opening it: "" where it is as it was."""
    try:
        size = os.stat(sound.path).st_size
    except OSError:
        return "it is gone, or cannot be looked at"
    return f"it had {sound.size:,} bytes and has {size:,} now" if sound.size not in (0, size) else ""
