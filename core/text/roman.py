"""Roman numerals: Chapter IV, Henry VIII, XXe siècle, but never "I", "MIX" or "CD" where they are words."""

from __future__ import annotations

import re
from functools import lru_cache

from core.text.languages.table import Language, Roman

Found = tuple[int, int, str]
_LETTERS = re.compile(r"(?<!\w)(?:[IVX](?!\w)|[IVXLCDM]{2}|I(?=er?\b|re\b)|[VX]e\b)")
_NUMERAL = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_VALUES = {"M": 1000, "D": 500, "C": 100, "L": 50, "X": 10, "V": 5, "I": 1}
_BEFORE = re.compile(r"([^\W\d_][^\W\d_'’-]*)[ \u00a0]$")
_BEHIND = re.compile(r"[ \u00a0]([^\W\d_]+)")
_WORDS = frozenset("MIX DIV MI DI".split())
# Sure enough behind any name: "Rocky III", "Apollo XIII"; IV, VI, XI, XL and CD have other meanings.
_SURE = frozenset("II III VII VIII IX XII XIII XIV XV XVI XVII XVIII XIX XXI".split())
# Behind "Chapter I" a sentence about oneself may go on, so only these words or a stop may follow an I.
_AFTER_I = frozenset("of and or the in on is was at by ended began".split())


def has_roman(text: str) -> bool:
    """Whether capitals stand in `text` that may be a Roman numeral."""
    return _LETTERS.search(text) is not None


def value(numeral: str) -> int:
    """The number that `numeral` (capitals) stands for; 0 where it is none."""
    if not numeral or not _NUMERAL.fullmatch(numeral):
        return 0
    values = [_VALUES[letter] for letter in numeral]
    return sum(-one if one < following else one for one, following in zip(values, [*values[1:], 0], strict=True))


@lru_cache(maxsize=64)
def _pattern(suffix: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.'’-])([IVXLCDM]+)({suffix or '(?!)'})?(?![\w'’-]|\.\w)")


def find_roman(text: str, own: Language) -> list[Found]:
    """(start, end, "8 the {ordinal}") for each Roman numeral: its number and the template to say it in."""
    if own.roman is None or not has_roman(text):
        return []
    found = []
    for match in _pattern(own.roman.suffix).finditer(text):
        number = value(match[1])
        template = _template(text, match, number, own.roman) if number else ""
        if template:
            found.append((*match.span(), f"{number} {template}"))
    return found


def _template(text: str, match: re.Match[str], number: int, roman: Roman) -> str:
    """How the numeral of `match` is said at its place; "" where it is none."""
    before = _BEFORE.search(text[max(0, match.start() - 30) : match.start()])
    behind = _BEHIND.match(text[match.end() : match.end() + 24])
    word, following = before[1] if before else "", behind[1] if behind else ""
    if match[1] in _WORDS or (match[1] == "I" and not match[2] and following and following not in _AFTER_I):
        return ""
    if following.lower() in roman.after:
        return roman.after[following.lower()]
    if len(match[1]) == 1 and match[1] not in "IVX":
        return ""
    if word.lower() in roman.titles and number < 200:
        return roman.titles[word.lower()] if number > 1 or not match[2] else "{ordinal}"
    if word.lower() in roman.rulers and word[0].isupper() and number < 40:
        return _ruler(number, roman)
    if match[2] and match[2] != "." and len(match[0]) > 2:
        return "{ordinal}"
    return "{cardinal}" if word[:1].isupper() and number < 40 and match[1] in _SURE else ""


def _ruler(number: int, roman: Roman) -> str:
    """The template behind the name of a king, a queen or a pope."""
    if number == 1 and roman.first:
        return roman.first
    return roman.small if roman.small and number <= 10 else roman.ruler
