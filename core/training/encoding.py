"""The clips of a corpus encoded over a cluster, each kept in the cache that all machines share."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from core.errors import StudioError
from core.spread import Spread
from core.training.corpus import Corpus, LeftOut

BATCH = 16
"""Clips a piece of work."""
Piece = tuple[int, Sequence[int]]
"""The number of a corpus, and which of its clips."""


def encode_all(
    corpora: Sequence[Corpus],
    where: Spread,
    tick: Callable[[int], None],
    due: Sequence[Sequence[int]] | None = None,
) -> None:
    """Encode what the caches of `corpora` do not hold of the clips that are `due` in each (None: all); `tick`
    hears how many are ready.

    Raises the StudioError of the first clip that cannot be encoded, as one process alone would; a clip of a
    corpus that is gone is passed over, as the run will.
    """
    done, wanted = 0, due or [range(len(corpus)) for corpus in corpora]
    for n_clips, error in where.map(encode_some, list(corpora), pieces(wanted)):
        if error is not None:
            raise error
        done += n_clips
        tick(done)


def pieces(due: Sequence[Sequence[int]]) -> Iterator[Piece]:
    """The clips that are due in each corpus, some together."""
    for number, clips in enumerate(due):
        for first in range(0, len(clips), BATCH):
            yield number, clips[first : first + BATCH]


def encode_some(corpora: list[Corpus], piece: Piece) -> tuple[int, StudioError | None]:
    """One piece of work: how many clips are ready, and what is wrong with the next one."""
    number, clips = piece
    for n_ready, clip in enumerate(clips):
        try:
            corpora[number].encode(clip)
        except LeftOut:
            continue
        except StudioError as error:
            return n_ready, error
    return len(clips), None
