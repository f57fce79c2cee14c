"""The held-out items by speaker, by length and by kind of prompt: for looking, never for judging."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from core.evaluation.bootstrap import Interval, paired, ratio, unpaired
from core.evaluation.rates import ItemScore
from core.evaluation.verdict import FEWEST, HARM

By = Literal["speaker", "length", "kind"]
LENGTHS = ("short", "middle", "long")
NOTE = ("Groups are for looking, not for judging: of twenty intervals at 95 % one is wrong by chance alone. "
        f"Of fewer than {FEWEST} recordings too little can be said.")


@dataclass(frozen=True)
class Traits:
    """What an item is grouped by; "" and None where it is not known."""

    speaker: str = ""
    kind: str = ""
    seconds: float | None = None


@dataclass(frozen=True)
class Group:
    """The word error rates of one group; `interval` of tuned - base is None where the items are too few.

    `above` and `up_to` are the bounds of a length in seconds (None: no bound).
    """

    by: By
    name: str
    n: int
    n_words: int
    base: float
    tuned: float
    interval: Interval | None
    above: float | None = None
    up_to: float | None = None


Bounds = tuple[float | None, float | None]


def grouped(base: Sequence[ItemScore], tuned: Sequence[ItemScore],
            traits: dict[str, Traits]) -> tuple[Group, ...]:
    """All groups; a trait that does not divide the items gives none. `traits` are by the items' ids."""
    found: list[Group] = []
    for by in ("speaker", "kind"):
        members = _members(base, {item.id: getattr(traits[item.id], by) for item in base})
        found += _groups(by, base, tuned, {name: (ids, (None, None)) for name, ids in members.items()})
    return (*found, *_groups("length", base, tuned, _by_length(base, traits)))


def _members(items: Sequence[ItemScore], names: dict[str, str]) -> dict[str, set[str]]:
    """The ids of each name, sorted by name; those without one are in none."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for item in items:
        if names[item.id]:
            found[names[item.id]].add(item.id)
    return dict(sorted(found.items()))


def _by_length(items: Sequence[ItemScore], traits: dict[str, Traits]) -> dict[str, tuple[set[str], Bounds]]:
    """Thirds by seconds, their bounds rounded to tenths so that they can be said."""
    seconds = {item.id: at for item in items if (at := traits[item.id].seconds) is not None}
    if not seconds:
        return {}
    third, two_thirds = (round(float(cut), 1) for cut in np.quantile([*seconds.values()], [1 / 3, 2 / 3]))
    found = {}
    for name, (low, high) in zip(LENGTHS, pairwise((None, third, two_thirds, None)), strict=True):
        ids = {each for each, at in seconds.items()
               if (low is None or at > low) and (high is None or at <= high)}
        if ids:
            found[name] = ids, (low, high)
    return found


def _groups(by: By, base: Sequence[ItemScore], tuned: Sequence[ItemScore],
            members: dict[str, tuple[set[str], Bounds]]) -> list[Group]:
    if len(members) < 2:
        return []
    return [_group(by, name, _of(base, ids), _of(tuned, ids), bounds)
            for name, (ids, bounds) in members.items()]


def _group(by: By, name: str, base: list[ItemScore], tuned: list[ItemScore], bounds: Bounds) -> Group:
    interval = paired(base, tuned, "wer") if len(base) >= FEWEST else None
    return Group(by, name, len(base), sum(item.n_words for item in base), ratio(base, "wer"),
                 ratio(tuned, "wer"), interval, *bounds)


def _of(items: Iterable[ItemScore], ids: set[str]) -> list[ItemScore]:
    return [item for item in items if item.id in ids]


def lagging(tuned: Sequence[ItemScore], traits: dict[str, Traits], level: float = 0.95) -> tuple[str, ...]:
    """A sentence on each speaker whom the tuned model surely understands less well than the others.

    The certainty is that of all speakers together (Bonferroni), so that looking at many finds none by
    chance; a difference of no more than two points is not worth a sentence.
    """
    members = _members(tuned, {item.id: traits[item.id].speaker for item in tuned})
    sure = 1 - (1 - level) / max(len(members), 1)
    said = []
    for name, ids in members.items():
        own, others = _of(tuned, ids), [item for item in tuned if item.id not in ids]
        if min(len(own), len(others)) < FEWEST:
            continue
        more = unpaired(others, own, "wer", level=sure)
        if more.low > 0 and more.difference > HARM:
            said.append(_lags(name, ratio(own, "wer"), ratio(others, "wer"), more))
    return tuple(said)


def _lags(name: str, own: float, others: float, more: Interval) -> str:
    return (f"The speaker {name} lags behind: {100 * own:.1f} % of the words are wrong, "
            f"{100 * others:.1f} % with the others (95 % sure: {100 * more.low:.1f} to {100 * more.high:.1f} "
            "points more); record more of this speaker.")
