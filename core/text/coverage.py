"""The coverage meter: which digits stand where, which follow each other, and in which phrases."""
from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from core.text.dates import without_date
from core.text.generator_options import MARK
from core.text.letters import without_letters
from core.text.script_file import Draft
from core.text.spoken import to_digits

Counts = tuple[tuple[int, ...], ...]
SHOWN = 5
_RUN = re.compile(r"\d+")


@dataclass(frozen=True)
class Coverage:
    """What a script makes people say.

    `places[i][d]`: codes with the digit d at place i + 1; `pairs[a][b]`: how often b comes right after a;
    `carriers`: prompts of each phrase, {} for the number. Missing is what never comes, rare what comes less
    than half as often as an even spread would have it; places are (place, digit), counted from 1. Shares are
    0..1 of all digits at the places there are, and of the 100 pairs.
    """

    n_prompts: int
    n_codes: int
    n_digits: int
    places: Counts
    pairs: Counts
    carriers: Mapping[str, int]
    missing_places: tuple[tuple[int, int], ...]
    rare_places: tuple[tuple[int, int], ...]
    missing_pairs: tuple[str, ...]
    rare_pairs: tuple[str, ...]
    share_of_places: float
    share_of_pairs: float
    groups: Mapping[str, Coverage]

    @property
    def sentence(self) -> str:
        """What is covered and what is missing, for a person."""
        if not self.n_prompts:
            return "There are no prompts yet, so there is nothing to cover."
        if not self.n_codes:
            return f"{_n(self.n_prompts, 'prompt')} without a number: there are no digits to cover."
        n_cells = 10 * len(self.places)
        said = (
            f"{_n(self.n_codes, 'number')} in {_n(self.n_prompts, 'prompt')}: "
            f"{n_cells - len(self.missing_places)} of {n_cells} digits in their places, "
            f"{100 - len(self.missing_pairs)} of 100 pairs of digits, {_n(len(self.carriers), 'phrase')}."
        )
        places = [f"{digit} as digit {place}" for place, digit in self.missing_places]
        lacking = [f"pairs {_some(self.missing_pairs)}"] * bool(self.missing_pairs)
        lacking += [_some(places)] * bool(places)
        missing = f"Missing: {', and '.join(lacking)}." if lacking else "Nothing is missing."
        return f"{said} {missing}" + (f" Rare: pairs {_some(self.rare_pairs)}." if self.rare_pairs else "")


def _n(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _some(things: Sequence[str]) -> str:
    more = f" and {len(things) - SHOWN} more" if len(things) > SHOWN else ""
    return ", ".join(things[:SHOWN]) + more


@dataclass(frozen=True)
class Said:
    """The numbers in one prompt, as digits, and the phrase around them ("" where there is no number)."""

    codes: tuple[str, ...]
    carrier: str


def said_in(prompt: Draft) -> Said:
    """What a prompt makes people say; its numbers may be written in words or in digits."""
    written = to_digits(prompt.text, prompt.language)
    codes = tuple(_RUN.findall(written))
    return Said(codes, without_date(without_letters(_RUN.sub(MARK, written))) if codes else "")


@dataclass
class Tally:
    """Counts that grow code by code."""

    places: list[list[int]] = field(default_factory=list)
    pairs: list[list[int]] = field(default_factory=lambda: [[0] * 10 for _ in range(10)])
    carriers: Counter[str] = field(default_factory=Counter)
    n_prompts: int = 0
    n_codes: int = 0

    def add(self, said: Said) -> None:
        """Count one prompt."""
        self.n_prompts += 1
        self.n_codes += len(said.codes)
        if said.carrier:
            self.carriers[phrase(said.carrier)] += 1
        for code in said.codes:
            digits = [int(char) for char in code]
            self.places += [[0] * 10 for _ in range(len(digits) - len(self.places))]
            for place, digit in enumerate(digits):
                self.places[place][digit] += 1
            for first, second in pairwise(digits):
                self.pairs[first][second] += 1


def phrase(carrier: str) -> str:
    """A carrier as it is counted: without case, closing marks and doubled spaces."""
    return " ".join(carrier.casefold().split()).rstrip(" .!?")


def tallied(all_said: Iterable[Said]) -> Tally:
    """The counts of several prompts."""
    tally = Tally()
    for said in all_said:
        tally.add(said)
    return tally


def coverage(prompts: Sequence[Draft]) -> Coverage:
    """The coverage of a script as a whole and, in `groups`, of each of its groups by itself."""
    everything = [said_in(prompt) for prompt in prompts]
    groups: defaultdict[str, list[Said]] = defaultdict(list)
    for prompt, said in zip(prompts, everything, strict=True):
        groups[prompt.group].append(said)
    return _measured(tallied(everything), {name: _measured(tallied(of), {}) for name, of in groups.items()})


def _measured(tally: Tally, groups: Mapping[str, Coverage]) -> Coverage:
    cells = [(at, d, n, sum(row)) for at, row in enumerate(tally.places, 1) for d, n in enumerate(row)]
    n_pairs = sum(map(sum, tally.pairs))
    pairs = [(f"{a}{b}", n) for a, row in enumerate(tally.pairs) for b, n in enumerate(row)]
    missing_places = tuple((at, d) for at, d, n, _ in cells if not n)
    missing_pairs = tuple(pair for pair, n in pairs if not n)
    return Coverage(
        n_prompts=tally.n_prompts,
        n_codes=tally.n_codes,
        n_digits=sum(map(sum, tally.places)),
        places=tuple(map(tuple, tally.places)),
        pairs=tuple(map(tuple, tally.pairs)),
        carriers=dict(tally.carriers.most_common()),
        missing_places=missing_places,
        rare_places=tuple((at, d) for at, d, n, total in cells if 0 < n < total / 20),
        missing_pairs=missing_pairs,
        rare_pairs=tuple(pair for pair, n in pairs if 0 < n < n_pairs / 200),
        share_of_places=1 - len(missing_places) / len(cells) if cells else 0.0,
        share_of_pairs=1 - len(missing_pairs) / 100,
        groups=groups,
    )
