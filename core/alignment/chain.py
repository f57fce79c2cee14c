"""Chains of matches: which words of a text were heard in their order, stretch by stretch of a recording."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.alignment.anchors import Anchor, slots
from core.alignment.matching import Floats, Ints, Pairs
from core.alignment.noise import Noise, best, noise, passed
from core.alignment.rate import nearness, on_pace
from core.alignment.weights import alone, runs

ROUNDS = 50
FEWEST = 10  # matches of a chain, beyond the length of a phrase; but one by hand is enough
SLIP = 0.85  # similarity: as a person may misspell the word that an anchor is set on
JOIN = 60.0  # seconds without a match between two chains that follow each other at the pace of both
SLACK = 1.0  # seconds
PACE_APART = 2.0  # times as fast or slow is still the same speech


@dataclass(frozen=True)
class Match:
    """Word `word` of the text is anchor `anchor`."""

    word: int
    anchor: int
    similarity: float


@dataclass(frozen=True)
class Chain:
    """Matches in which words and time both rise, from word `first` to before word `stop` and from `start` to
    `end` seconds. `chance`: how many chains of this `score` random pairs would make in this recording;
    `heard_by`: how many of its matches each source has, where that was counted."""

    matches: tuple[Match, ...]
    first: int
    stop: int
    start: float
    end: float
    score: float
    chance: float
    heard_by: tuple[tuple[str, int], ...] = ()

    @property
    def sure(self) -> float:
        """0..1: that it is no work of chance."""
        return 1.0 - min(1.0, self.chance)

    @property
    def matched(self) -> float:
        """The share of its words that have a match."""
        return len(self.matches) / (self.stop - self.first)


def chains(found: Pairs, anchors: Sequence[Anchor], begin: float = 0.0) -> list[Chain]:
    """The chains of a text in a recording, by their place in the text; no word and no time is in two of them.

    The heaviest chain of all is cut where it runs through nothing, what chance could have made is thrown
    away, and then it is done again with what is left on both sides: sections in another order are found in
    later rounds. `found` are the `candidates` of the text's words and of `anchors` (by time, as `merge` gives
    them); the text begins at second `begin` or later. An anchor that a person set binds, where its word
    stands once in the text or was placed.
    """
    late = np.array([anchor.middle >= begin for anchor in anchors], np.bool_)
    board = _board(found.only(late[found.heard]), anchors)
    done: list[Chain] = []
    for _ in range(ROUNDS):
        new = _round(board, done)
        if not new:
            break
        done += new
    return _begun(_joined(sorted(done, key=lambda chain: chain.first)), begin)


@dataclass(frozen=True)
class _Board:
    """All that a round looks at: of each pair (n,) its place, the middle of its anchor in seconds, what it
    weighs alone and in its run, and whether a person set it; `places` go with the anchors."""

    pairs: Pairs
    anchors: Sequence[Anchor]
    places: Ints
    place: Ints
    middles: Floats
    alone: Floats
    weight: Floats
    bound: npt.NDArray[np.bool_]

    @property
    def fewest(self) -> int:
        """Matches of a chain: more than a phrase, but a short text has no more."""
        return max(3, min(FEWEST, self.pairs.n_text // 3))


def _board(found: Pairs, anchors: Sequence[Anchor]) -> _Board:
    places = np.array(slots(anchors), np.int64)
    hand = np.array([anchor.by_hand for anchor in anchors], np.bool_)
    found, bound = _bound(found, hand, places)
    middles, place = np.array([anchor.middle for anchor in anchors])[found.heard], places[found.heard]
    weight = alone(found)
    return _Board(found, anchors, places, place, middles, weight, weight * runs(found.text, place), bound)


def _bound(
    found: Pairs, hand: npt.NDArray[np.bool_], places: Ints
) -> tuple[Pairs, npt.NDArray[np.bool_]]:
    """Without what contradicts a person, and which pairs bind: of an anchor by hand only the words most like
    it, and where that is one word, nothing else for the word, and nothing else at its place."""
    if not hand.any():
        return found, np.zeros(len(found), np.bool_)
    top = np.zeros(len(hand))
    np.maximum.at(top, found.heard, found.similarity)
    found = found.only(~hand[found.heard] | (found.similarity == top[found.heard]))
    sure = hand[found.heard] & (np.bincount(found.heard, minlength=len(hand))[found.heard] == 1)
    sure &= found.similarity >= SLIP
    place = places[found.heard]
    kept = sure | ~(np.isin(found.text, found.text[sure]) | np.isin(place, place[sure]))
    return found.only(kept), sure[kept]


def _round(board: _Board, done: Sequence[Chain]) -> list[Chain]:
    """More chains, in what those that are `done` leave free on both sides."""
    free_words, free_places = _free(board, done)
    left = np.flatnonzero(free_words[board.pairs.text] & free_places[board.place])
    if not len(left):
        return []
    words, places = np.cumsum(free_words) - 1, np.cumsum(free_places) - 1  # as if the rest were not there
    text, place = words[board.pairs.text[left]], places[board.place[left]]
    random = noise(text, place, board.alone[left], int(places[-1]) + 1)
    found = []
    for part, _ in _parts(board, left[_heaviest(board, left, board.weight[left])], random):
        near = _refined(board, part, left)
        steady = near[on_pace(board.pairs.text[near], board.middles[near]) | board.bound[near]]
        found += [_chain(board, kept, score, random) for kept, score in _parts(board, steady, random)
                  if score >= random.least() and (len(kept) >= board.fewest or board.bound[kept].any())]
    return found


def _refined(board: _Board, part: Ints, left: Ints) -> Ints:
    """The heaviest chain once more, of the pairs `left` between the ends of `part`, each worth the more the
    nearer it is to the pace of `part`."""
    if len(part) < board.fewest:
        return part
    text, place, at = board.pairs.text, board.place, board.middles
    ends = part[[0, -1]]
    inside = (text[left] >= text[ends[0]]) & (text[left] <= text[ends[1]])
    left = left[inside & (place[left] >= place[ends[0]]) & (place[left] <= place[ends[1]])]
    near = np.where(board.bound[left], 1.0, nearness(text[part], at[part], text[left], at[left]))
    left, near = left[near > 0], near[near > 0]
    return left[_heaviest(board, left, board.weight[left] * near)]


def _heaviest(board: _Board, left: Ints, weight: Floats) -> Ints:
    """The heaviest chain of `left`, and first of all one with as many as can be of those set by hand."""
    heavy = np.where(board.bound[left], weight + weight.sum(), weight)
    return best(board.pairs.text[left], board.place[left], heavy)


def _free(board: _Board, done: Sequence[Chain]) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which words and which places lie in no chain."""
    words = np.ones(board.pairs.n_text, np.bool_)
    places = np.ones(int(board.places.max(initial=0)) + 1, np.bool_)
    for chain in done:
        words[chain.first : chain.stop] = False
        places[board.places[chain.matches[0].anchor] : board.places[chain.matches[-1].anchor] + 1] = False
    return words, places


def _parts(board: _Board, on: Ints, random: Noise) -> list[tuple[Ints, float]]:
    """The chain `on`, cut where it loses as much, on its way through nothing, as makes a chain of its own;
    each part ends where it has gained most (X-drop), and comes with what it gained."""
    least = random.least()
    gain = np.where(board.bound[on], np.maximum(board.weight[on], least), board.weight[on]).tolist()
    loss = (random.loss * passed(board.pairs.text[on], board.place[on])).tolist()
    parts = []
    begin = 0
    while begin < len(on):
        total = peak = gain[begin]
        end = begin + 1
        for at in range(begin + 1, len(on)):
            total += gain[at] - loss[at]
            if total > peak:
                peak, end = total, at + 1
            elif total <= max(0.0, peak - least):
                break
        parts.append((on[begin:end], float(peak)))
        begin = end
    return parts


def _chain(board: _Board, on: Ints, score: float, random: Noise) -> Chain:
    words, heard = board.pairs.text[on].tolist(), board.pairs.heard[on].tolist()
    matches = tuple(map(Match, words, heard, board.pairs.similarity[on].round(4).tolist()))
    first, last = board.anchors[heard[0]], board.anchors[heard[-1]]
    chance = random.chance(score)
    return Chain(matches, words[0], words[-1] + 1, first.start, last.end, round(score, 1), chance)


def _joined(done: Sequence[Chain]) -> list[Chain]:
    """Chains in the order of the text; two that follow each other in time as well, as far apart as the words
    between them take, are one."""
    rank = {chain.start: at for at, chain in enumerate(sorted(done, key=lambda chain: chain.start))}
    joined: list[Chain] = []
    before = None
    for chain in done:
        follows = before is not None and rank[chain.start] == rank[before.start] + 1
        if follows and before and _goes_on(before, chain):
            joined[-1] = _both(joined[-1], chain)
        else:
            joined.append(chain)
        before = chain
    return joined


def _goes_on(one: Chain, other: Chain) -> bool:
    gap = other.start - one.end
    spoken = one.end - one.start + other.end - other.start
    words = one.stop - one.first + other.stop - other.first
    expected = (other.first - one.stop) * spoken / words
    return gap <= JOIN and expected / PACE_APART - SLACK <= gap <= expected * PACE_APART + SLACK


def _both(one: Chain, other: Chain) -> Chain:
    return replace(one, matches=one.matches + other.matches, stop=other.stop, end=other.end,
                   score=round(one.score + other.score, 1), chance=min(one.chance, other.chance))


def _begun(done: list[Chain], begin: float) -> list[Chain]:
    """With the first chain from the mark on, where the words before its first match fit in between."""
    if not begin or not done or done[0].start > min(chain.start for chain in done):
        return done
    first = done[0]
    mark = replace(first, first=0, stop=0, start=begin, end=begin, matches=())
    if not _goes_on(mark, first):
        return done
    return [replace(first, first=0, start=begin), *done[1:]]
