"""A project's own replacements: what is written, and what is said instead, before any number is read."""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

REASON = "the project's rule"
NAME = "rule"
"""The reading that a rule gives."""
MASK = "\ue000"
"""Stands in the place of what a rule has found while numbers are looked for: no letter, digit or space."""
_TIES = r"[.,:/'’\-]"


@dataclass(frozen=True)
class Rule:
    """`written`, as whole words in any case, is said as `spoken`; where both are the same, it stays as it
    stands. `example` should become `expected`: the rule's test.
    """

    written: str
    spoken: str
    example: str = ""
    expected: str = ""

    @property
    def protects(self) -> bool:
        """Whether the rule only keeps its text from being read as a number."""
        return self.written == self.spoken


@dataclass(frozen=True)
class Place:
    """Where a rule has found its text: `start`/`end` are character offsets."""

    start: int
    end: int
    spoken: str


def found(text: str, rules: Sequence[Rule]) -> list[Place]:
    """What the rules find, from left to right, never overlapping; of several the longest does it."""
    return list(_places(text, tuple(rules))) if rules else []


def applied(text: str, rules: Sequence[Rule]) -> str:
    """`text` after the rules alone."""
    parts, at = list[str](), 0
    for place in found(text, rules):
        parts += [text[at : place.start], place.spoken]
        at = place.end
    return "".join([*parts, text[at:]])


def masked(text: str, places: Sequence[Place]) -> str:
    """`text`, of the same length, in which nobody finds a number where a rule has spoken."""
    for place in places:
        text = text[: place.start] + MASK * (place.end - place.start) + text[place.end :]
    return text


def _places(text: str, rules: tuple[Rule, ...]) -> Iterator[Place]:
    ordered, pattern = _compiled(rules)
    at = 0
    while match := pattern.search(text, at):
        start, end = match.span()
        if _is_mark(text, start - 1) or _is_mark(text, end):  # a vowel sign goes on with the word
            at = start + 1
            continue
        rule = ordered[(match.lastindex or 1) - 1]
        yield Place(start, end, match[0] if rule.protects else rule.spoken)
        at = end


@lru_cache(maxsize=64)
def _compiled(rules: tuple[Rule, ...]) -> tuple[tuple[Rule, ...], re.Pattern[str]]:
    ordered = tuple(sorted((rule for rule in rules if rule.written.strip()), key=lambda r: -len(r.written)))
    ways = "|".join(f"({_whole(rule.written)})" for rule in ordered)
    return ordered, re.compile(ways or r"(?!)", re.IGNORECASE)


def _whole(written: str) -> str:
    """A pattern of whole words; a rule for "9" does not find itself within "9.5" or "1,009"."""
    words = r"\s+".join(re.escape(word) for word in written.split())
    before = rf"(?<!\w)(?<!\d{_TIES})" if written.strip()[0].isdigit() else r"(?<!\w)"
    after = rf"(?!\w)(?!{_TIES}\d)" if written.strip()[-1].isdigit() else r"(?!\w)"
    return before + words + after


def _is_mark(text: str, at: int) -> bool:
    return 0 <= at < len(text) and unicodedata.category(text[at])[0] == "M"
