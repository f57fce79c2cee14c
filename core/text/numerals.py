"""Finds the written numbers in a text: where they stand and what kind of thing each one is."""
from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast

from core.text.languages import table
from core.text.names import known
from core.text.patterns import COMMA_DECIMAL, SIGNS, pattern, plain_fraction
from core.text.roman import find_roman, has_roman

Kind = Literal[
    "digits",
    "groups",
    "phone",
    "thousands",
    "decimal",
    "version",
    "time",
    "ratio",
    "money",
    "range",
    "slash",
    "fraction",
    "code",
    "hash",
    "decade",
    "ordinal",
    "percent",
    "degrees",
    "quantity",
    "sign",
    "dashed",
    "date",
    "roman",
    "rule",
]

NUMBER_DIGITS = r"\d⁰¹²³⁴-⁹₀-₉①-⑳⓪¼½¾⅐-⅞"
DASHES = "-‐‑‒–—−﹣－"
_SEPARATORS = {"٫": ".", "٬": ",", "⁄": "/", "٪": "%", "﹪": "%", "’": "'", "‘": "'", "ʼ": "'"}
_SEPARATORS |= dict.fromkeys(DASHES, "-") | dict.fromkeys("\u00a0\u2007\u2009\u202f", " ")
_HAS_NUMBER = re.compile(f"[{NUMBER_DIGITS}{SIGNS}٪﹪％＄]")


@dataclass(frozen=True)
class Numeral:
    """One written number: `start`/`end` are character offsets, `plain` is ASCII in English conventions
    (1,000.5).
    """

    written: str
    start: int
    end: int
    kind: Kind
    plain: str


@lru_cache(maxsize=4096)
def _fold_char(char: str) -> str:
    if "\uff01" <= char <= "\uff5e":
        char = chr(ord(char) - 0xFEE0)
    digit = unicodedata.digit(char, None)
    return _SEPARATORS.get(char, char) if digit is None else str(digit)


def fold(text: str) -> str:
    """`text` with digits, dashes, spaces and separators of every script as ASCII; the length stays the
    same.
    """
    return text if text.isascii() else "".join(map(_fold_char, text))


def has_number(text: str) -> bool:
    """Whether anything in `text` may need words: a digit of any script, or a currency, percent or degree
    sign.
    """
    return _HAS_NUMBER.search(text) is not None


def find(text: str, language: str = "en") -> list[Numeral]:
    """All written numbers in `text`, from left to right, never overlapping; Roman numerals where the language
    has them.
    """
    if not has_number(text) and not has_roman(text):
        return []
    code = known(language) or language.strip().lower()
    base, own = re.split("[-_]", code)[0], table(code)
    matches = pattern(base).finditer(fold(text)) if has_number(text) else ()
    numerals = [_arabic(text, match, base) for match in matches]
    romans = find_roman(text, own) if own else []
    if not romans:
        return numerals
    numerals += [Numeral(text[start:end], start, end, "roman", plain) for start, end, plain in romans]
    return sorted(numerals, key=lambda numeral: numeral.start)


def _arabic(text: str, match: re.Match[str], base: str) -> Numeral:
    """The number of one match of the language's pattern."""
    start, end = match.span()
    kind, plain = cast(Kind, match.lastgroup), match[0]
    if base in COMMA_DECIMAL and kind in _AMOUNTS and not _POINT_DECIMAL.search(plain):
        plain = _FIGURES.sub(lambda figures: figures[0].translate(_SWAP), plain)
    return Numeral(text[start:end], start, end, *_settled(kind, plain, base))


_SWAP = str.maketrans({".": ",", ",": ".", " ": ","})
_FIGURES = re.compile(r"\d[\d., ]*\d")
# "3.10" is no group of thousands anywhere, nor "1,234.56" a decimal with a comma.
_POINT_DECIMAL = re.compile(r"^\D*\d+(?:,\d{3})*\.\d{1,2}(?!\d)\D*$")
_AMOUNTS = frozenset(("money", "percent", "degrees", "quantity", "thousands", "decimal"))
_KIND_OF: dict[str, Kind] = {"parts": "version"}


def _settled(kind: Kind, plain: str, base: str) -> tuple[Kind, str]:
    """Kind and plain form, as the readings expect them.

    Groups joined by dashes are a range when they rise, are short and carry no leading zero ("10-15"). A
    date is year-month-day, a time has colons.
    """
    if kind == "fraction":
        return kind, plain_fraction(plain)
    if kind == "date":
        return kind, _date(re.findall(r"\d+", plain), base)
    if kind == "time" and not plain.replace(":", "").isdigit():
        hour, *rest = re.findall(r"\d+", plain)
        return kind, ":".join((hour, *(rest or ["00"])))
    if kind == "hash":
        return kind, "#" + "".join(char for char in plain if char.isdigit())
    if kind == "groups":
        parts = plain.split("-")
        rising = len(parts) == 2 and len(parts[0]) <= len(parts[1]) <= 4 and int(parts[0]) < int(parts[1])
        if rising and parts[0][0] != "0" and (len(parts[0]), len(parts[1])) != (3, 4):
            return "range", plain
    return _KIND_OF.get(kind, kind), plain


def _date(parts: list[str], base: str) -> str:
    """Year-month-day from the parts of a date: ISO, else day first; 12-31-2024 month first in English; the
    year is 0 where none is written.
    """
    if len(parts[0]) == 4:
        return "-".join(parts)
    day, month, year = (*parts, "0")[:3]
    if int(month) > 12 or (base == "en" and int(day) <= 12):
        day, month = month, day
    return f"{year}-{month}-{day}"
