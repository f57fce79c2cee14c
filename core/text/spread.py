"""Codes whose symbols are spread evenly: at each place, every symbol comes equally often."""
from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product
from math import prod

from core.errors import BadInput

DIGITS = "0123456789"


def column(rng: random.Random, count: int, alphabet: Sequence[str] = DIGITS) -> list[str]:
    """`count` symbols in random order; each comes count / len(alphabet) times, rounded down or up."""
    whole, rest = divmod(count, len(alphabet))
    symbols = list(alphabet) * whole + rng.sample(alphabet, rest)
    rng.shuffle(symbols)
    return symbols


def codes(rng: random.Random, count: int, alphabets: Sequence[str]) -> list[str]:
    """`count` different codes with a symbol of `alphabets[i]` at place i, evenly spread at each place.

    Raises BadInput when there are not that many codes.
    """
    n_all = prod(map(len, alphabets))
    if count > n_all:
        raise BadInput(
            f"There are only {n_all:,} different codes of that length, and {count:,} were asked for; ask for "
            "fewer, or for longer ones."
        )
    if 2 * count > n_all:  # what is left of all of them after an even part is even too
        left_out = set(codes(rng, n_all - count, alphabets))
        rest = [code for code in map("".join, product(*alphabets)) if code not in left_out]
        rng.shuffle(rest)
        return rest
    rows = [list(row) for row in zip(*(column(rng, count, a) for a in alphabets), strict=True)]
    while twins := _twins(rows):
        for at in twins:
            other, place = rng.randrange(count), rng.randrange(len(alphabets))
            rows[at][place], rows[other][place] = rows[other][place], rows[at][place]
    return ["".join(row) for row in rows]


def _twins(rows: list[list[str]]) -> list[int]:
    """Where a row stands that stood before."""
    seen: set[tuple[str, ...]] = set()
    found = []
    for at, row in enumerate(map(tuple, rows)):
        if row in seen:
            found.append(at)
        seen.add(row)
    return found
