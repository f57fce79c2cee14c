"""Sentences that come from core, in the language of the page: found again by the English text of their key.

Core speaks English and knows no page. The keys `core.*` hold its sentences with places for their figures and
names; one that no key fits is said as it came.
"""
from __future__ import annotations

import re
import string
from functools import cache

from ui.texts import DEFAULT, figure, language, said, texts

PREFIX = "core."
NUMBER = re.compile(r"[-+]?\d[\d,]*(\.\d+)?(e[-+]\d+)?")


def retold(sentence: str) -> str:
    """The sentence in the language of whoever is being answered."""
    wanted = language()
    if wanted == DEFAULT or not sentence:
        return sentence
    for key, pattern in _patterns():
        if found := pattern.fullmatch(sentence):
            values = {name: _value(value, wanted) for name, value in found.groupdict().items()}
            return said(texts(wanted), wanted, key, values)
    return sentence


def _value(value: str, language: str) -> str:
    return figure(value, language) if NUMBER.fullmatch(value) else value


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Each sentence of core as a pattern; the longest first, which says the most."""
    known = {key: text for key, text in texts(DEFAULT).items() if key.startswith(PREFIX)}
    ordered = sorted(known.items(), key=lambda item: -len(item[1]))
    return [(key, re.compile(_pattern(text), re.S)) for key, text in ordered]


def _pattern(text: str) -> str:
    return "".join(re.escape(words) + (f"(?P<{name}>.+?)" if name else "")
                   for words, name, _, _ in string.Formatter().parse(text))
