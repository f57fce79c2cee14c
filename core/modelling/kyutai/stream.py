"""Words as a stream of text tokens, one a frame of 80 ms, and back. The delay lives here alone: a word that
starts at t has its first piece at frame floor((t + delay) * rate), a mark one frame before, padding
elsewhere.

Delayed streams: arXiv 2509.08753. A word whose place is still taken by the pieces of the one before waits for
its turn; nothing is ever deleted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

FIRST_PIECE = 4
"""Ids below are no text: 0 marks a word to come (and is what an unknown letter becomes), 1 and 2 are the ends
of a text, 3 is padding."""
FRAME_RATE = 12.5
"""Frames a second of every published Mimi."""
_SAME = 1e-6  # of a frame: 0.08 s is one frame, though 0.08 * 12.5 may come out just below


@dataclass(frozen=True)
class Rule:
    """`delay` in seconds between sound and text, `rate` in frames a second, and the two marks."""

    delay: float
    rate: float = FRAME_RATE
    pad: int = 3
    epad: int = 0

    def frame(self, seconds: float) -> int:
        """The frame of the first piece of a word that starts at `seconds`."""
        return math.floor((seconds + self.delay) * self.rate + _SAME)

    @property
    def delay_frames(self) -> int:
        """Whole frames of the delay: 6 for 0.5 s."""
        return math.floor(self.delay * self.rate + _SAME)

    def seconds(self, frame: int) -> float:
        """When the word was spoken whose first piece stands at `frame`."""
        return (frame - self.delay_frames) / self.rate


@dataclass(frozen=True)
class Timed:
    """A word as its `pieces`, spoken from `start` (seconds)."""

    start: float
    pieces: tuple[int, ...]


@dataclass(frozen=True)
class Laid:
    """`tokens` and `owners` (frames,): the token of each frame, and the number of the word whose piece it is
    (-1: none). `waits` (words,): seconds that each word's first piece stands late. `cut`: words of which
    pieces found no frame any more."""

    tokens: tuple[int, ...]
    owners: tuple[int, ...]
    waits: tuple[float, ...]
    cut: tuple[int, ...]

    @property
    def backlog(self) -> float:
        """The longest wait, in seconds."""
        return max(self.waits, default=0.0)


def lay(words: Sequence[Timed], n_frames: int, rule: Rule) -> Laid:
    """The stream of `words` in the order of their starts, over `n_frames` frames."""
    tokens, owners = [rule.pad] * n_frames, [-1] * n_frames
    waits: list[float] = []
    cut: list[int] = []
    free = 0
    for number, word in enumerate(words):
        wanted = max(0, rule.frame(word.start))
        first = max(wanted, free)
        if 0 < first <= n_frames and tokens[first - 1] == rule.pad and word.pieces:
            tokens[first - 1] = rule.epad
        for frame, piece in enumerate(word.pieces, first):
            if frame < n_frames:
                tokens[frame], owners[frame] = piece, number
        free = first + len(word.pieces)
        waits.append((first - wanted) / rule.rate)
        if free > n_frames:
            cut.append(number)
    return Laid(tuple(tokens), tuple(owners), tuple(waits), tuple(cut))


def pieces_of(tokens: Sequence[int]) -> list[tuple[int, int]]:
    """(frame, piece) of all text in a stream."""
    return [(frame, token) for frame, token in enumerate(tokens) if token >= FIRST_PIECE]
