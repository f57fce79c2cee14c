"""The clips of a corpus encoded over a cluster, each kept in the cache that all machines share."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from core.errors import StudioError
from core.spread import Spread
from core.training.corpus import Corpus

BATCH = 16
"""Clips a piece of work."""
Piece = tuple[int, range]
"""The number of a corpus, and which of its clips."""


def encode_all(corpora: Sequence[Corpus], where: Spread, tick: Callable[[int], None]) -> None:
    """Encode what the caches of `corpora` do not hold; `tick` hears how many clips are ready.

    Raises the StudioError of the first clip that cannot be encoded, as one process alone would.
    """
    done = 0
    for n_clips, error in where.map(encode_some, list(corpora), pieces(corpora)):
        if error is not None:
            raise error
        done += n_clips
        tick(done)


def pieces(corpora: Sequence[Corpus]) -> Iterator[Piece]:
    """All clips, some together."""
    for number, corpus in enumerate(corpora):
        for first in range(0, len(corpus), BATCH):
            yield number, range(first, min(first + BATCH, len(corpus)))


def encode_some(corpora: list[Corpus], piece: Piece) -> tuple[int, StudioError | None]:
    """One piece of work: how many clips are ready, and what is wrong with the next one."""
    number, clips = piece
    for n_ready, clip in enumerate(clips):
        try:
            corpora[number].encode(clip)
        except StudioError as error:
            return n_ready, error
    return len(clips), None
