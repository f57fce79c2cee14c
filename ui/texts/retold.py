"""Sentences that come from core, in the language of the page: found again by the English text of their key.

Core speaks English and knows no page. The keys `core.*` hold its sentences with places for their figures and
names. A place named `n` or `n_...` takes a number only; what stands at a place named `told...` is said by core,
too, and is told again. A text of several sentences is told sentence by sentence; what no key fits is said as
it came.
"""
from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from ui.texts import DEFAULT, figure, language, said, texts

PREFIX = "core."
FIELDS = "core.field."
"""Names of options, which are told alone and never within a sentence: a project may be called Name."""
PARTS = "core.part."
"""What is said at places named `told...` only."""
MOST_CHARS = 2000
MOST_TOGETHER = 5
"""Sentences that one key holds at most."""
NUMBER = r"[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]\d+)?"
IS_NUMBER = re.compile(NUMBER)
BETWEEN = {False: re.compile(r"((?<=[.!?]) +|; )"), True: re.compile(r"((?<=[.!?]) +|; |, and |, | and )")}
"""Where a text may be divided, and where a part of a sentence may."""
JOINTS = {"fr": {"; ": "\u202f; ", ", and ": ", et ", " and ": " et "}}


@dataclass(frozen=True)
class Known:
    """A sentence of core as a pattern, and what every text that it fits begins with, holds and ends with."""

    key: str
    pattern: re.Pattern[str]
    start: str
    longest: str
    end: str


def retold(sentence: str) -> str:
    """The sentence in the language of whoever is being answered."""
    wanted = language()
    if wanted == DEFAULT or not sentence or len(sentence) > MOST_CHARS:
        return sentence
    return _retold(sentence, wanted)


@lru_cache(8192)
def _retold(text: str, wanted: str) -> str:
    key = _alone(FIELDS).get(text)
    return texts(wanted)[key] if key else _joined(text, wanted)


def _joined(text: str, wanted: str, is_part: bool = False) -> str:
    """The text divided so that as many of its letters as can be are those of a key; as it was where none is."""
    pieces = BETWEEN[is_part].split(text)  # a piece, a joint, a piece, ...
    glue = ["", *(JOINTS[wanted].get(joint, joint) for joint in pieces[1::2])]
    best = [(0, "")]
    for end in range(1, len(glue) + 1):
        n_said, before = best[-1]
        found = [(n_said, before + glue[end - 1] + pieces[2 * end - 2])]
        for start in range(max(0, end - MOST_TOGETHER) if end < len(glue) else 0, end):
            if fits := _fitting("".join(pieces[2 * start : 2 * end - 1]), is_part):
                n_said, before = best[start]
                found.append((n_said + fits[0], before + glue[start] + _told(fits[1], fits[2], wanted)))
        best.append(max(found, key=lambda each: each[0]))
    n_said, told = best[-1]
    return told if n_said else text


def _fitting(text: str, is_part: bool) -> tuple[int, str, Mapping[str, str]] | None:
    """The key that says most of a text: how many of its letters, the key, and the values of its places."""
    if key := _alone(PREFIX).get(text) or (is_part and _alone(PARTS).get(text)):
        return len(text), key, {}
    found = []
    for known in _patterns(is_part):
        if known.longest in text and text.startswith(known.start) and text.endswith(known.end):
            if match := known.pattern.fullmatch(text):
                values = match.groupdict()
                found.append((len(text) - sum(map(len, values.values())), known.key, values))
    return max(found, key=lambda each: each[0], default=None)


def _told(key: str, values: Mapping[str, str], wanted: str) -> str:
    made = {name: _value(name, value, wanted) for name, value in values.items()}
    return said(texts(wanted), wanted, key, made)


def _value(name: str, value: str, wanted: str) -> str:
    if IS_NUMBER.fullmatch(value):
        return figure(value, wanted)
    return _joined(value, wanted, is_part=True) if name.startswith("told") else value


@cache
def _alone(prefix: str) -> dict[str, str]:
    """The key of each text without places: of names of options, of parts, or of sentences."""
    return {text: key for key, text in texts(DEFAULT).items() if "{" not in text and _kind(key) == prefix}


@cache
def _patterns(is_part: bool) -> list[Known]:
    """Each sentence of core that has places; parts of sentences, too, where a part is told."""
    kinds = (PREFIX, PARTS) if is_part else (PREFIX,)
    return [_known(key, text) for key, text in texts(DEFAULT).items() if "{" in text and _kind(key) in kinds]


def _kind(key: str) -> str:
    return next((kind for kind in (FIELDS, PARTS, PREFIX) if key.startswith(kind)), "")


def _known(key: str, text: str) -> Known:
    pieces = list(string.Formatter().parse(text))
    words = [words for words, _, _, _ in pieces] + ([""] if pieces[-1][1] else [])
    pattern = "".join(re.escape(words) + (_place(name) if name else "") for words, name, _, _ in pieces)
    return Known(key, re.compile(pattern, re.S), words[0], max(words, key=len), words[-1])


def _place(name: str) -> str:
    return f"(?P<{name}>{NUMBER if name == 'n' or name.startswith('n_') else '.+?'})"
