"""Prompts that would raise the coverage of a script most, made in its own phrases."""
from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.errors import BadInput
from core.text.coverage import Said, Tally, phrase, said_in, tallied
from core.text.generator_options import MARK
from core.text.names import digit_names, known, must_know
from core.text.normalise import for_scoring
from core.text.say_digits import digits_of
from core.text.script_file import Draft

MOST = 1000
TRIED = 24


@dataclass(frozen=True)
class Suggestion:
    """One prompt worth adding, and a sentence that says what it brings."""

    draft: Draft
    sentence: str


@dataclass(frozen=True)
class _Shape:
    """What a new prompt looks like: a phrase, and how many digits stand in it."""

    carrier: str
    n_digits: int
    group: str
    language: str


def suggest(prompts: Sequence[Draft], n: int, seed: int = 1) -> list[Suggestion]:
    """The `n` prompts (1 to 1,000) that raise coverage most: one after the other, each the best of some tries
    that lean towards what is missing then. They have the phrases and the lengths of codes of `prompts`, and
    are none of them; fewer than `n` come back when these phrases hold no more.
    """
    if not 1 <= n <= MOST:
        raise BadInput(f"{n:,} prompts cannot be suggested; ask for 1 to {MOST:,}.")
    everything = [said_in(prompt) for prompt in prompts]
    shapes = _shapes(prompts, everything)
    tally, rng = tallied(everything), random.Random(f"suggest {seed}")
    taken = {(phrase(said.carrier), said.codes) for said in everything}
    found: list[Suggestion] = []
    for _ in range(n):
        tries = [(shape, _said(rng, tally, shape)) for shape in rng.choices(shapes, k=TRIED)]
        fresh = [(shape, said) for shape, said in tries if (phrase(said.carrier), said.codes) not in taken]
        if not fresh:
            break
        shape, best = max(fresh, key=lambda each: _gain(tally, each[1]))
        found.append(Suggestion(_draft(shape, best.codes[0]), _why(tally, best)))
        taken.add((phrase(best.carrier), best.codes))
        tally.add(best)
    return found


def _shapes(prompts: Sequence[Draft], everything: Sequence[Said]) -> list[_Shape]:
    """The shapes of those prompts that say one code digit by digit; the order number where there are none."""
    found = dict.fromkeys(
        _Shape(said.carrier, len(said.codes[0]), prompt.group, prompt.language)
        for prompt, said in zip(prompts, everything, strict=True)
        if len(said.codes) == 1 and _is_by_digit(prompt, said)
    )
    if found:
        return list(found)
    language = prompts[0].language if prompts else "en"
    carrier = "Order number {}" if must_know(language).startswith("en") else MARK
    return [_Shape(carrier, 7, "order number", language)]


def _is_by_digit(prompt: Draft, said: Said) -> bool:
    code = known(prompt.language)
    if code is None:
        return False
    both = (said.codes[0], digits_of(said.codes[0], digit_names(code)))
    text = for_scoring(prompt.text)
    return any(for_scoring(said.carrier.replace(MARK, digits)) == text for digits in both)


def _said(rng: random.Random, tally: Tally, shape: _Shape) -> Said:
    """A code built digit by digit, each drawn the more likely, the less it was said there and after the
    one """
    code = ""
    for place in range(shape.n_digits):
        at = tally.places[place] if place < len(tally.places) else [0] * 10
        after = tally.pairs[int(code[-1])] if code else [0] * 10
        weights = [(_worth(at[digit]) + _worth(after[digit])) ** 3 for digit in range(10)]
        code += str(rng.choices(range(10), weights)[0])
    return Said((code,), shape.carrier)


def _worth(count: int) -> float:
    """How much one more is worth of what was said `count` times."""
    return 1 / (1 + count) ** 2


def _gain(tally: Tally, said: Said) -> float:
    """What a code adds per digit that has to be read, and what its phrase adds."""
    digits = [int(char) for char in said.codes[0]]
    places = [row[digit] for row, digit in zip(tally.places, digits, strict=False)]
    counts = [*places, *[0] * (len(digits) - len(places)), *(tally.pairs[a][b] for a, b in pairwise(digits))]
    return sum(map(_worth, counts)) / len(digits) + _worth(tally.carriers[phrase(said.carrier)])


def _draft(shape: _Shape, code: str) -> Draft:
    words = digits_of(code, digit_names(must_know(shape.language)))
    return Draft(shape.carrier.replace(MARK, words), shape.group, shape.language)


def _why(tally: Tally, said: Said) -> str:
    """Which pairs and places nobody had to say so far; else which pairs are said least."""
    digits = [int(char) for char in said.codes[0]]
    counts = {f"{a}{b}": tally.pairs[a][b] for a, b in pairwise(digits)}
    pairs = [pair for pair, count in counts.items() if not count]
    places = [
        f"{digit} as digit {at + 1}"
        for at, digit in enumerate(digits)
        if at >= len(tally.places) or not tally.places[at][digit]
    ]
    new = [f"pair {pair}" for pair in pairs[:3]] + places[:3]
    if new:
        return f"Nobody has to say this yet: {', '.join(new)}."
    if not counts:
        return "It evens out how often each digit is said."
    return f"The pairs {', '.join(sorted(counts, key=lambda pair: counts[pair])[:3])} are said least."
