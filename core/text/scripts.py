"""Scripts: lists of prompts to be read aloud. The Numbers template is made here."""
from __future__ import annotations

import random

from core.text.names import digit_names, must_know
from core.text.say_digits import digits_of
from core.text.script_file import Draft, Script, read_script
from core.text.spread import column

__all__ = ["Draft", "Script", "numbers_script", "read_script"]


# group, how many, carriers, digits
_PLAN: tuple[tuple[str, int, tuple[str, ...], int], ...] = (
    (
        "order number",
        15,
        ("order {}", "order number {}", "my order number is {}", "please check order {}"),
        7,
    ),
    ("location code", 15, ("location {}", "location code {}", "we are at location {}"), 6),
    ("phone number", 10, ("phone number {}", "my phone number is {}", "call my phone on {}"), 10),
)
_MIXED: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("account number {}", (8,)),
    ("ticket number {}", (5,)),
    ("invoice {}", (6,)),
    ("reference {}", (4,)),
    ("tracking number {}", (9,)),
    ("account number {} and ticket number {}", (6, 4)),
    ("invoice {} for order {}", (5, 7)),
    ("my account number is {}", (7,)),
    ("please check ticket number {}", (6,)),
    ("reference {} at location {}", (4, 6)),
)


def numbers_script(seed: int = 1, language: str = "en") -> list[Draft]:
    """50 prompts in words, digit by digit: 15 order numbers, 15 location codes, 10 phone numbers, 10 mixed
    codes.

    The same seed gives the same prompts. In each group every digit stands equally often (within one) at
    every place, leading zeros too. Carriers are English; in other languages the prompts are the digits
    alone.
    """
    rng = random.Random(f"numbers {seed} {language}")
    names = digit_names(must_know(language))
    english = language.lower().startswith("en")
    drafts = []
    for group, count, carriers, n_digits in _PLAN:
        codes = _spread(rng, count, n_digits)
        drafts += [
            _draft(carriers[at % len(carriers)], [code], names, group, language, english)
            for at, code in enumerate(codes)
        ]
    digits = _Even(rng)
    for carrier, sizes in _MIXED:
        codes = ["".join(digits.next() for _ in range(size)) for size in sizes]
        drafts.append(_draft(carrier, codes, names, "mixed code", language, english))
    return drafts


def _draft(
    carrier: str, codes: list[str], names: tuple[str, ...], group: str, language: str, english: bool
) -> Draft:
    spoken = [digits_of(code, names) for code in codes]
    text = carrier.format(*spoken) if english else " ".join(spoken)
    return Draft(text[0].upper() + text[1:] if english else text, group, language)


def _spread(rng: random.Random, count: int, n_digits: int) -> list[str]:
    """`count` distinct codes; at each place every digit stands count/10 times, rounded down or up."""
    while True:
        columns = [column(rng, count) for _ in range(n_digits)]
        codes = ["".join(row) for row in zip(*columns, strict=True)]
        if len(set(codes)) == count:
            return codes


class _Even:
    """Digits in shuffled tens, so that all come equally often."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._left: list[str] = []

    def next(self) -> str:
        """The next digit."""
        if not self._left:
            self._left = self._rng.sample("0123456789", 10)
        return self._left.pop()
