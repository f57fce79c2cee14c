"""Sentences that come from core, in the language of the page: found again by the English text of their key.

Core speaks English and knows no page. The keys `core.*` hold its sentences with places for their figures and
names. A place named `n` or `n_...` takes a number only; a text with `.one` and `.other`, the same in English,
goes by `n`. What stands at a place named `told...` is said by core, too, and is told again. A text of several
sentences is told sentence by sentence; what no key fits is said as it came.
"""
from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from ui.texts import DEFAULT, figure, is_one, language, said, texts

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
    return texts(wanted)[key] if key else _joined(text, wanted)[1]


def _joined(text: str, wanted: str, is_part: bool = False) -> tuple[int, str]:
    """How many letters of the text are those of keys, when it is divided so that most are; and so told."""
    pieces = BETWEEN[is_part].split(text)  # a piece, a joint, a piece, ...
    joints = ["", *pieces[1::2]]
    best = [(0, "")]
    for end in range(1, len(joints) + 1):
        n_said, before = best[-1]
        found = [(n_said, before + joints[end - 1] + pieces[2 * end - 2])]
        for start in range(max(0, end - MOST_TOGETHER) if end < len(joints) else 0, end):
            if fits := _fitting("".join(pieces[2 * start : 2 * end - 1]), wanted, is_part):
                n_said, before = best[start]
                joint = JOINTS.get(wanted, {}).get(joints[start], joints[start])
                found.append((n_said + fits[0], before + joint + fits[1]))
        best.append(max(found, key=lambda each: each[0]))
    return best[-1]


def _fitting(text: str, wanted: str, is_part: bool) -> tuple[int, str] | None:
    """How many letters of a text are those of the key that says most of it, and so told; None without one."""
    if key := _alone(PREFIX).get(text) or (is_part and _alone(PARTS).get(text)):
        return len(text), texts(wanted)[key]
    found = []
    for known in _patterns(is_part):
        if known.longest in text and text.startswith(known.start) and text.endswith(known.end):
            if match := known.pattern.fullmatch(text):
                found.append(_told(known.key, match.groupdict(), len(text), wanted))
    return max(found, key=lambda each: each[0], default=None)


def _told(key: str, values: Mapping[str, str], n_letters: int, wanted: str) -> tuple[int, str]:
    made = {name: _value(name, value, wanted) for name, value in values.items()}
    n_said = n_letters - sum(len(values[name]) - of_value for name, (of_value, _) in made.items())
    if key not in texts(wanted):
        key += ".one" if is_one(int(values["n"].replace(",", "")), wanted) else ".other"
    return n_said, said(texts(wanted), wanted, key, {name: value for name, (_, value) in made.items()})


def _value(name: str, value: str, wanted: str) -> tuple[int, str]:
    if IS_NUMBER.fullmatch(value):
        return 0, figure(value, wanted)
    return _joined(value, wanted, is_part=True) if name.startswith("told") else (0, value)


@cache
def _alone(prefix: str) -> dict[str, str]:
    """The key of each text without places: of names of options, of parts, or of sentences."""
    return {text: key for key, text in texts(DEFAULT).items() if "{" not in text and _kind(key) == prefix}


@cache
def _patterns(is_part: bool) -> list[Known]:
    """Each sentence of core that has places; parts of sentences, too, where a part is told."""
    kinds = (PREFIX, PARTS) if is_part else (PREFIX,)
    known = {text: key for key, text in texts(DEFAULT).items() if "{" in text and _kind(key) in kinds}
    return [_known(key.removesuffix(".one").removesuffix(".other"), text) for text, key in known.items()]


def _kind(key: str) -> str:
    return next((kind for kind in (FIELDS, PARTS, PREFIX) if key.startswith(kind)), "")


def _known(key: str, text: str) -> Known:
    pieces = list(string.Formatter().parse(text))
    words = [words for words, _, _, _ in pieces] + ([""] if pieces[-1][1] else [])
    pattern = "".join(re.escape(words) + (_place(name) if name else "") for words, name, _, _ in pieces)
    return Known(key, re.compile(pattern, re.S), words[0], max(words, key=len), words[-1])


def _place(name: str) -> str:
    return f"(?P<{name}>{NUMBER if name == 'n' or name.startswith('n_') else '.+?'})"
