"""What a candidate pair says for itself: a rare word, well heard, in a row of others, is hardly chance."""
from __future__ import annotations

import numpy as np

from core.alignment.matching import Floats, Ints, Pairs

LONGEST_RUN = 8  # a run that is longer says no more; else a refrain would outweigh everything
REACH = 2  # words: a run goes on where at most one is skipped on either side


def alone(found: Pairs) -> Floats:
    """The weight of each pair (n,) without its neighbours: rarity x similarity, the latter
    squared: at 0.55 two words share little but their length. In a chain it weighs as many
    times as much as its run is long (`runs`).

    Rarity is the inverse document frequency on both sides, in nats: one over the share of the anchors that
    are at least as similar to this word, and of the words that are to this anchor.
    """
    both = _rarity(found.text, found.similarity, found.n_heard)
    both += _rarity(found.heard, found.similarity, found.n_text)
    return both / 2 * found.similarity**2


def _rarity(side: Ints, similarity: Floats, n_other: int) -> Floats:
    ranked = (side << 10) + np.round((1 - similarity) * 1000).astype(np.int64)
    order = np.argsort(ranked, kind="stable")
    n_better = np.empty(len(side), np.int64)
    n_better[order] = _groups(ranked[order])[1] - _groups(side[order])[0]
    nats: Floats = np.log(np.maximum(1.0, n_other / n_better))
    return nats


def _groups(ordered: Ints) -> tuple[Ints, Ints]:
    """Where the equal ones around each of `ordered` (n,) begin and end."""
    edges = np.flatnonzero(np.diff(ordered, prepend=-1, append=-1))
    sizes = np.diff(edges)
    return np.repeat(edges[:-1], sizes), np.repeat(edges[1:], sizes)


def runs(text: Ints, place: Ints) -> Ints:
    """How many pairs the longest run through each has, at most `LONGEST_RUN`: rows of pairs in which text and
    place go on together, by one or past one word."""
    from core.alignment import _chain_kernels  # numba takes its time

    if not len(text):
        return np.ones(0, np.int64)
    order = np.argsort(text * (int(place.max()) + 1) + place, kind="stable")
    turned = order[::-1]
    before, after = np.empty(len(text), np.int64), np.empty(len(text), np.int64)
    _chain_kernels.behind(text[order], place[order], REACH, before)
    _chain_kernels.behind(text.max() - text[turned], place.max() - place[turned], REACH, after)
    lengths = np.empty(len(text), np.int64)
    lengths[order] = np.minimum(before + after[::-1] - 1, LONGEST_RUN)
    return lengths
