"""Fresh prompts: of the same kinds as those that were learned from, with numbers that none of them says."""
from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from core.errors import BadInput
from core.text.generator_options import Options
from core.text.generators import GENERATORS
from core.text.names import digit_names, must_know
from core.text.normalise import for_scoring
from core.text.say_digits import digits_of
from core.text.script_file import Draft
from core.text.spoken import digit_strings, to_digits

SHORTEST = 3
"""Digits of the shortest number that can be new: of two, nearly all have been said."""
TRIES = 200
SAID_WHOLE = {"date": "dates", "amount of money": "amounts"}
"""The kinds that are not read digit by digit, and who makes new ones."""

Maker = Callable[[random.Random], Draft]


@dataclass
class Known:
    """What has been said: the numbers as digits, and the texts as scorers see them."""

    language: str
    digits: tuple[str, ...] | None = None
    numbers: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)

    def add(self, text: str, kind: str = "") -> None:
        """Note a text with its numbers. Of a kind that is said whole the text alone: the years of dates come
        again in other dates."""
        self.texts.add(for_scoring(text))
        if kind not in SAID_WHOLE:
            self.numbers.update(numbers_of(text, self.language, self.digits))

    def has(self, text: str, kind: str = "") -> bool:
        """Whether the text or one of its numbers was noted."""
        if for_scoring(text) in self.texts:
            return True
        return kind not in SAID_WHOLE and bool(self.numbers & numbers_of(text, self.language, self.digits))


@lru_cache(maxsize=16384)
def numbers_of(text: str, language: str, digits: tuple[str, ...] | None = None) -> frozenset[str]:
    """The numbers of a text that are long enough to be its own."""
    return frozenset(found for found in digit_strings(text, language, digits) if len(found) >= SHORTEST)


def fresh_drafts(asked: Iterable[tuple[str, str]], known: Known, n: int, seed: str = "") -> list[Draft]:
    """`n` prompts of the kinds of `asked` ((text, kind) each), as often as they come there; none says what is
    `known`, or a number of another.

    Raises BadInput where no prompt holds a number that can be made anew. The same seed gives the same.
    """
    rng = random.Random(f"fresh {seed}")
    makers = _makers(asked, known)
    if not makers:
        raise BadInput("No prompt of this project holds a number of three digits or more, so no fresh ones "
                       "can be made of the same kinds.")
    made: list[Draft] = []
    for kind in _shares(Counter({kind: len(found) for kind, found in makers.items()}), n):
        made.append(_new(makers[kind], rng, known))
        known.add(made[-1].text, kind)
    return made


def _makers(asked: Iterable[tuple[str, str]], known: Known) -> dict[str, list[Maker]]:
    """By kind, what makes a prompt like each of those that can be made anew."""
    names = known.digits or digit_names(must_know(known.language))
    found: dict[str, list[Maker]] = {}
    for text, kind in asked:
        if kind in SAID_WHOLE:
            found.setdefault(kind, []).append(_whole(SAID_WHOLE[kind], known.language))
        elif _is_digit_by_digit(text, known, names):
            found.setdefault(kind, []).append(_respelled(text, kind, known, names))
    return found


def _is_digit_by_digit(text: str, known: Known, names: Sequence[str]) -> bool:
    """Whether saying each digit of the text by its name gives the text again."""
    again = re.sub(r"\d+", lambda found: digits_of(found[0], names), _written(text, known))
    has_number = bool(numbers_of(text, known.language, known.digits))
    return has_number and for_scoring(again) == for_scoring(text)


def _written(text: str, known: Known) -> str:
    return to_digits(text, known.language, known.digits)


def _respelled(text: str, kind: str, known: Known, names: Sequence[str]) -> Maker:
    """The same words around other digits, as many as there were."""
    written = _written(text, known)

    def make(rng: random.Random) -> Draft:
        def other(found: re.Match[str]) -> str:
            return digits_of("".join(rng.choice("0123456789") for _ in found[0]), names)

        said = re.sub(r"\d+", other, written)
        return Draft(said[0].upper() + said[1:] if text[0].isupper() else said, kind, known.language)

    return make


def _whole(generator: str, language: str) -> Maker:
    def make(rng: random.Random) -> Draft:
        return rng.choice(GENERATORS[generator](Options(n=5, language=language), rng.randrange(10**6)))

    return make


def _new(makers: Sequence[Maker], rng: random.Random, known: Known) -> Draft:
    for _ in range(TRIES):
        draft = rng.choice(makers)(rng)
        if not known.has(draft.text, draft.group):
            return draft
    raise BadInput("All numbers of the length that the prompts of this project have were said already, so "
                   "none is fresh; add prompts with longer numbers.")


def _shares(counts: Counter[str], n: int) -> list[str]:
    """`n` kinds, as often as they are counted (largest remainders), in turns."""
    total = counts.total()
    exact = {kind: n * count / total for kind, count in counts.items()}
    given = {kind: int(share) for kind, share in exact.items()}
    for kind in sorted(exact, key=lambda kind: given[kind] - exact[kind])[: n - sum(given.values())]:
        given[kind] += 1
    rounds = range(max(given.values(), default=0))
    return [kind for at in rounds for kind, times in given.items() if at < times]
