"""Which word of a text could be which of the words that were heard: candidate pairs, in arrays."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SIMILARITY = 0.55
LIMIT = 1_000_000  # pairs
LONGEST = 8  # words in a row, for telling occurrences of a frequent word apart
SHORTEST = 3  # letters: below that, one other letter makes another word
_BLOCK = 4_000_000  # comparisons at a time


@dataclass(frozen=True)
class Pairs:
    """Candidates (n,): word `text` of the text could be anchor `heard`, with `similarity` 0..1; sorted by
    text, then heard, each pair once. `n_text` words and `n_heard` anchors were compared; `left_out` pairs of
    words that occur everywhere were not made."""

    text: Ints
    heard: Ints
    similarity: Floats
    n_text: int
    n_heard: int
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.text)

    def only(self, chosen: npt.NDArray[np.bool_]) -> Pairs:
        """Those that are true in `chosen` (n,)."""
        text, heard, similarity = self.text[chosen], self.heard[chosen], self.similarity[chosen]
        return Pairs(text, heard, similarity, self.n_text, self.n_heard, self.left_out)


def pairs(
    text: Ints, heard: Ints, similarity: Floats, n_text: int, n_heard: int, left_out: int = 0
) -> Pairs:
    """In the order of `Pairs`, whatever order they come in; of one that comes twice the more similar."""
    text, heard = np.asarray(text, np.int64), np.asarray(heard, np.int64)
    place = text * n_heard + heard
    order = np.lexsort((-similarity, place))
    order = order[np.diff(place[order], prepend=-1) > 0]
    similarity = np.asarray(similarity, np.float64)[order]
    return Pairs(text[order], heard[order], similarity, n_text, n_heard, left_out)


def candidates(
    text: Sequence[str],
    heard: Sequence[str],
    threshold: float = SIMILARITY,
    limit: int = LIMIT,
    placed: Mapping[int, int] | None = None,
) -> Pairs:
    """Pairs of equal keys, and of keys that are at least `threshold` similar (Indel, 0..1, by rapidfuzz), of
    `text` and `heard` (`text.word_keys.key`; an empty one pairs with nothing).

    At most about `limit` pairs. Equal keys come first, the rarest before all: a word that stands once on
    both sides is always paired. One that is too frequent for the limit is paired only where the words beside
    it match as well, as many of them as it takes. Similar keys then take the rest, the most telling first.
    `placed` are anchors whose word a person chose: {anchor: word}; they pair with nothing else.
    """
    names = sorted({*text, *heard} - {""})
    ids = {name: at for at, name in enumerate(names)} | {"": -1}
    words, anchors = (np.array([ids[name] for name in side], np.int64) for side in (text, heard))
    limit = max(limit, 4 * min(len(text), len(heard)))
    at_text, at_heard, left = _equal(words, anchors, len(names), limit // 2)
    similarity = np.ones(len(at_text))
    if threshold < 1.0:
        more = _similar(names, words, anchors, threshold, limit - len(at_text))
        at_text, at_heard = np.concatenate((at_text, more[0])), np.concatenate((at_heard, more[1]))
        similarity, left = np.concatenate((similarity, more[2])), left + more[3]
    found = pairs(at_text, at_heard, similarity, len(text), len(heard), left)
    return _by_hand(found, placed) if placed else found


def _by_hand(found: Pairs, placed: Mapping[int, int]) -> Pairs:
    chosen = np.array(sorted(placed.items()), np.int64)
    kept = found.only(~(np.isin(found.heard, chosen[:, 0]) | np.isin(found.text, chosen[:, 1])))
    return pairs(
        np.concatenate((kept.text, chosen[:, 1])), np.concatenate((kept.heard, chosen[:, 0])),
        np.concatenate((kept.similarity, np.ones(len(chosen)))), found.n_text, found.n_heard, found.left_out,
    )


class _Places:
    """Where each id (0 to n - 1) stands in a row of ids; negative ones stand nowhere."""

    def __init__(self, ids: Ints, n: int) -> None:
        self.order = np.argsort(ids, kind="stable")
        bounds = np.searchsorted(ids[self.order], np.arange(n + 1))
        self.first, self.count = bounds[:-1], np.diff(bounds)


def _crossed(one: Ints, other: Ints, text: _Places, heard: _Places) -> tuple[Ints, Ints, Ints]:
    """Each place in the text of id `one[k]` with each heard place of `other[k]`, and the k of each."""
    n_heard = heard.count[other]
    costs = text.count[one] * n_heard
    which = np.repeat(np.arange(len(one)), costs)
    within = np.arange(len(which)) - np.repeat(np.cumsum(costs) - costs, costs)
    row, column = np.divmod(within, n_heard[which])
    return text.order[text.first[one[which]] + row], heard.order[heard.first[other[which]] + column], which


def _equal(words: Ints, anchors: Ints, n_ids: int, limit: int) -> tuple[Ints, Ints, int]:
    """Pairs of equal ids, and how many were left out. What is too frequent is tried again by two words in a
    row, then three: each level takes up to half of what is left of the limit."""
    made: list[tuple[Ints, Ints]] = []
    every = 0
    for size in range(1, LONGEST + 1):
        text, heard = _Places(words, n_ids), _Places(anchors, n_ids)
        costs = text.count * heard.count
        taken = _cheapest(costs, limit // (2 * size))
        limit -= int(costs[taken].sum()) * size
        every = every or int(costs.sum())
        found, found_heard, _ = _crossed(np.flatnonzero(taken), np.flatnonzero(taken), text, heard)
        made += [(found + step, found_heard + step) for step in range(size)]
        frequent = (costs > 0) & ~taken
        if not frequent.any():
            break
        words, anchors, n_ids = _longer(words, anchors, frequent, costs > 0)
    at_text, at_heard = (np.concatenate(side) for side in zip(*made, strict=True))
    n_made = len(np.unique(at_text * (int(at_heard.max(initial=0)) + 1) + at_heard))
    return at_text, at_heard, every - n_made


def _cheapest(costs: Ints, limit: int) -> npt.NDArray[np.bool_]:
    """Which of the ids that have pairs are taken: those with the fewest first, up to `limit` pairs."""
    order = np.argsort(costs, kind="stable")
    taken = np.zeros(len(costs), np.bool_)
    taken[order[np.cumsum(costs[order]) <= limit]] = True
    return taken & (costs > 0)


def _longer(
    words: Ints, anchors: Ints, frequent: npt.NDArray[np.bool_], shared: npt.NDArray[np.bool_]
) -> tuple[Ints, Ints, int]:
    """Ids of each two neighbours that stand on both sides, where one of the two is too frequent alone."""
    made = []
    for ids in (words, anchors):
        first, second = ids[:-1], ids[1:]
        known = (first >= 0) & (second >= 0)
        known &= shared[first] & shared[second] & (frequent[first] | frequent[second])
        made.append(np.where(known, first * len(shared) + second, -1))
    names, dense = np.unique(np.concatenate(made), return_inverse=True)
    dense -= int(len(names) > 0 and names[0] < 0)
    return dense[: len(made[0])], dense[len(made[0]) :], len(names) - int(len(names) > 0 and names[0] < 0)


def _similar(
    names: Sequence[str], words: Ints, anchors: Ints, threshold: float, limit: int
) -> tuple[Ints, Ints, Floats, int]:
    """Pairs of different keys that are alike, with their similarity, and how many were left out."""
    text, heard = _Places(words, len(names)), _Places(anchors, len(names))
    long = np.array([len(name) >= SHORTEST for name in names], np.bool_)
    one, other, alike = _alike(names, np.flatnonzero(long & (text.count > 0)),
                               np.flatnonzero(long & (heard.count > 0)), threshold)
    rare = np.log(len(words) / text.count[one]) + np.log(len(anchors) / heard.count[other])
    order = np.lexsort((other, one, -(alike**2) * rare))
    costs = text.count[one[order]] * heard.count[other[order]]
    taken = order[np.cumsum(costs) <= limit]
    at_text, at_heard, which = _crossed(one[taken], other[taken], text, heard)
    return at_text, at_heard, alike[taken][which], int(costs.sum()) - len(at_text)


def _alike(
    names: Sequence[str], text: Ints, heard: Ints, threshold: float
) -> tuple[Ints, Ints, Floats]:
    """Pairs of different ids of `text` and `heard` whose names are alike."""
    from rapidfuzz import process
    from rapidfuzz.distance import Indel

    ones, others, alike = [text[:0]], [heard[:0]], [np.zeros(0)]
    columns = [names[at] for at in heard]
    step = max(1, _BLOCK // max(1, len(heard)))
    for begin in range(0, len(text), step):
        rows = text[begin : begin + step]
        scores = process.cdist([names[at] for at in rows], columns, scorer=Indel.normalized_similarity,
                               score_cutoff=threshold, dtype=np.float32)
        row, column = np.nonzero(scores)
        different = rows[row] != heard[column]
        row, column = row[different], column[different]
        ones.append(rows[row])
        others.append(heard[column])
        alike.append(scores[row, column].astype(np.float64))
    return np.concatenate(ones), np.concatenate(others), np.concatenate(alike)
