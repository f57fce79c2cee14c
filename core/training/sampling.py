"""Which clips are worked on when: a pure function of (seed, epoch), so that a run can
be taken up anywhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

POOL = 4  # windows that are sorted by length together: less padding, and still another mixture each epoch


def windows(seconds: Sequence[float], size: int, seed: int, epoch: int) -> list[list[int]]:
    """All clips once, as lists of `size` indices (the last may be shorter), near-equal lengths together."""
    rng = np.random.default_rng([seed, 1, epoch])
    order = rng.permutation(len(seconds)).tolist()
    pools = [order[at : at + size * POOL] for at in range(0, len(order), size * POOL)]
    ready = [
        ranked[at : at + size]
        for pool in pools
        for ranked in [sorted(pool, key=lambda i: (seconds[i], i))]
        for at in range(0, len(ranked), size)
    ]
    return [ready[i] for i in rng.permutation(len(ready)).tolist()]


def n_windows(n: int, size: int) -> int:
    """How many windows of `size` an epoch of `n` clips has."""
    return -(-n // size)


def split(items: Sequence[int], size: int) -> list[list[int]]:
    """`items` in micro-batches of at most `size`."""
    return [list(items[at : at + size]) for at in range(0, len(items), size)]
