"""Finds the written numbers in a text: where they stand and what kind of thing each one is."""
from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

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
]

CURRENCY = "$¢£¤¥֏؋৲৳૱௹฿៛﷼￠￡￥￦" + "".join(map(chr, range(0x20A0, 0x20C1)))
SIGNS = CURRENCY + "%‰°℃℉"
NUMBER_DIGITS = r"\d⁰¹²³⁴-⁹₀-₉①-⑳⓪¼½¾⅐-⅞"
DASHES = "-‐‑‒–—−﹣－"
# Languages that write 1.000,5 (and 1 000) where English writes 1,000.5.
COMMA_DECIMAL = frozenset(
    "az be ca cs da de eo es fi fr hu id is it kz lt lv nl no pl pt ro ru sk sl sr sv tr uk vi".split()
)
_SEPARATORS = {"٫": ".", "٬": ",", "⁄": "/", "٪": "%", "﹪": "%", "’": "'", "‘": "'", "ʼ": "'"}
_SEPARATORS |= dict.fromkeys(DASHES, "-") | dict.fromkeys("\u00a0\u2007\u2009\u202f", " ")
_UNITS = (
    "am|pm|a\\.m|p\\.m|kg|g|mg|km|m|cm|mm|ml|cl|l|mph|kph|kmh|lb|lbs|oz|ft|hz|khz|mhz|ghz|kb|mb|gb|tb|"
    "h|hr|hrs|min|mins|s|sec|secs|ms|x|k|bn|kw|w|v"
)
_HAS_NUMBER = re.compile(f"[{NUMBER_DIGITS}{SIGNS}٪﹪％＄]")
_VULGAR = "¼½¾⅐-⅞"


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
    """All written numbers in `text`, from left to right, never overlapping."""
    if not has_number(text):
        return []
    commas = re.split("[-_]", language.lower())[0] in COMMA_DECIMAL
    numerals = []
    for match in _pattern(commas).finditer(fold(text)):
        start, end = match.span()
        kind: Kind = match.lastgroup  # type: ignore[assignment]
        swapped = commas and kind in _AMOUNTS and not _POINT_DECIMAL.fullmatch(match[0])
        kind, plain = _settled(kind, match[0].translate(_SWAP) if swapped else match[0])
        numerals.append(Numeral(text[start:end], start, end, kind, plain))
    return numerals


_SWAP = str.maketrans({".": ",", ",": ".", " ": ","})
# "3.10" is no group of thousands anywhere.
_POINT_DECIMAL = re.compile(r"-?\d+\.\d{1,2}")
_AMOUNTS = frozenset(("money", "percent", "degrees", "quantity", "thousands", "decimal"))


def _settled(kind: Kind, plain: str) -> tuple[Kind, str]:
    """Groups joined by dashes are a range when they rise, are short and carry no leading zero ("10-15")."""
    if kind == "fraction":
        return kind, re.sub(
            f"([{_VULGAR}])", lambda m: " " + unicodedata.normalize("NFKC", m[0]), plain
        ).replace("⁄", "/")
    if kind == "groups":
        parts = plain.split("-")
        rising = len(parts) == 2 and len(parts[0]) <= len(parts[1]) <= 4 and int(parts[0]) < int(parts[1])
        if rising and parts[0][0] != "0" and (len(parts[0]), len(parts[1])) != (3, 4):
            return "range", plain
    return kind, plain


@lru_cache(maxsize=2)
def _pattern(commas: bool) -> re.Pattern[str]:
    """The kinds as one alternation, the most telling first, on folded text."""
    point, mark = (",", r"[. ]") if commas else (r"\.", ",")
    grouped = rf"\d{{1,3}}(?:{mark}\d{{3}})+(?!\d)"
    amount = rf"(?:{grouped}|\d+)(?:{point}\d+)?"
    minus = r"(?:(?<![^\s(])-)?"
    magnitude = r"(?: (?:thousand|million|billion|trillion)\b|(?:k|m|bn)\b)?"
    kinds: dict[str, str] = {
        "phone": r"\+(?=(?:[ .()-]{0,2}\d){7})\d{1,3}(?:[ .-]?\(?\d+\)?)*"
        r"|\((?=(?:[ )-]{0,2}\d){7})\d{2,5}\)[ -]?\d{2,4}(?:[ -]\d{2,4})*",
        "money": rf"{minus}[{CURRENCY}] ?-?{amount}{magnitude}|{minus}{amount} ?[{CURRENCY}](?! ?\d)",
        "time": r"(?<![\d:])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?![\d:])",
        "ratio": r"\d+:\d+",
        "version": r"\b[vV]\d+(?:\.\d+)*\b|\d+(?:\.\d+){2,}" if not commas else r"\b[vV]\d+(?:\.\d+)*\b",
        "fraction": rf"(?:\d{{1,4}} ?)?[{_VULGAR}]|\d{{1,3}} \d/\d{{1,2}}(?![\d/])",
        "slash": r"\d+(?:/\d+){1,2}",
        "ordinal": r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:st|nd|rd|th)\b",
        "decade": r"(?:(?<!\w)')?(?:\d\d)?\d0'?s\b",
        "percent": rf"{minus}{amount} ?[%‰]",
        "degrees": rf"{minus}{amount} ?(?:°(?: ?[CFcf]\b)?|[℃℉])",
        "quantity": rf"(?<![A-Za-z]){minus}{amount}(?=(?:{_UNITS})\b)",
        "code": r"(?<![^\W_])(?:(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]+"
        r"|[A-Z]{1,4}-\d+)(?:-[A-Za-z]*\d[A-Za-z0-9]*)*",
        "thousands": rf"{minus}{grouped}(?:{point}\d+)?",
        "groups": r"(?=(?:[ -]?\d){7})\d{1,5}(?:[ -]\d{2,5})+(?![\d.]\d|\d)|\d+(?:-\d+)+",
        "decimal": rf"{minus}\d+{point}\d+|(?<!\S){minus}\.\d+|\d+\.\d{{1,2}}(?![\d.])",
        "hash": r"# ?\d+",
        "digits": rf"{minus}\d+",
        "sign": f"[{SIGNS}]",
    }
    return re.compile("|".join(f"(?P<{name}>{body})" for name, body in kinds.items()))
