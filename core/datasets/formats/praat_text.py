"""Praat's text files as tiers of labelled stretches: the long form, the short one, and what writes them.

Praat reads free-standing numbers, quoted strings and <flags> and skips every other sign, so this does, too
(Praat manual, "TextGrid file formats"). praatio divides the file at words such as `item [`, which a label may
hold as well.
"""
from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.errors import BadInput

_TOKEN = re.compile(r'"(?:[^"]|"")*"|<exists>|<absent>|(?<!\S)[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?(?!\S)')
Interval = tuple[float, float, str]
"""Start, end and label of a stretch."""


@dataclass(frozen=True)
class Tier:
    """A named row of stretches in the order of their times; what has no label is left out."""

    name: str
    intervals: tuple[Interval, ...]


def parsed(text: str, name: str) -> list[Tier]:
    """The interval tiers of a TextGrid called `name` (points are skipped). BadInput for another file."""
    tokens = iter(_TOKEN.findall(text))
    try:
        if [next(tokens), next(tokens)] != ['"ooTextFile"', '"TextGrid"']:
            raise _damaged(name)
        _number(tokens), _number(tokens)
        if next(tokens) != "<exists>":
            return []
        tiers = [_tier(tokens) for _ in range(int(_number(tokens)))]
    except (StopIteration, ValueError, OverflowError) as error:
        raise _damaged(name) from error
    return [tier for tier in tiers if tier]


def _damaged(name: str) -> BadInput:
    return BadInput(f"{name} is not a whole TextGrid file in Praat's text form: save it again from Praat as "
                    "a text file.")


def _number(tokens: Iterator[str]) -> float:
    number = float(next(tokens))
    if not math.isfinite(number):
        raise ValueError(number)
    return number


def _string(tokens: Iterator[str]) -> str:
    token = next(tokens)
    if not token.startswith('"'):
        raise ValueError(token)
    return token[1:-1].replace('""', '"')


def _tier(tokens: Iterator[str]) -> Tier | None:
    kind, name = _string(tokens), _string(tokens)
    _number(tokens), _number(tokens)
    n = int(_number(tokens))
    if kind != "IntervalTier":
        for _ in range(n):
            _number(tokens), _string(tokens)
        return None
    found = [(_number(tokens), _number(tokens), _string(tokens)) for _ in range(n)]
    return Tier(name, tuple(each for each in found if each[2].strip()))


def composed(tiers: Sequence[Tier], seconds: float) -> Iterator[str]:
    """The lines of a TextGrid of `seconds`, in the long form; what overlaps goes into a tier of its own."""
    laid = [layer for tier in tiers for layer in layers(tier)]
    end = max([seconds, *(last for tier in laid for _, last, _ in tier.intervals)])
    yield from ('File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", f"xmax = {end!r}",
                "tiers? <exists>", f"size = {len(laid)}", "item []:")
    for number, tier in enumerate(laid, 1):
        yield from _composed(number, tier, end)


def layers(tier: Tier) -> list[Tier]:
    """The tier, and "NAME (2)" and so on for stretches that begin before the one before them has ended."""
    rows: list[list[Interval]] = [[]]
    for each in sorted(tier.intervals):
        free = next((row for row in rows if not row or row[-1][1] <= each[0]), None)
        if free is None:
            rows.append([each])
        else:
            free.append(each)
    names = [tier.name, *(f"{tier.name} ({n})" for n in range(2, len(rows) + 1))]
    return [Tier(name, tuple(row)) for name, row in zip(names, rows, strict=True)]


def _composed(number: int, tier: Tier, end: float) -> Iterator[str]:
    filled = list(_filled(tier, end))
    yield f"    item [{number}]:"
    yield '        class = "IntervalTier"'
    yield f"        name = {_quoted(tier.name)}"
    yield "        xmin = 0"
    yield f"        xmax = {end!r}"
    yield f"        intervals: size = {len(filled)}"
    for at, (start, stop, label) in enumerate(filled, 1):
        yield f"        intervals [{at}]:"
        yield f"            xmin = {start!r}"
        yield f"            xmax = {stop!r}"
        yield f"            text = {_quoted(label)}"


def _filled(tier: Tier, end: float) -> Iterator[Interval]:
    """The stretches with silent ones between them: Praat wants none left out."""
    at = 0.0
    for start, stop, label in tier.intervals:
        if start > at:
            yield at, start, ""
        yield start, stop, label
        at = stop
    if at < end:
        yield at, end, ""


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
