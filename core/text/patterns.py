"""How numbers are written in a language: one regular expression of named kinds, the most telling first."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from core.text.languages import TABLES, table
from core.text.languages.table import Language

CURRENCY = "$¢£¤¥֏؋৲৳૱௹฿៛﷼￠￡￥￦" + "".join(map(chr, range(0x20A0, 0x20C1)))
VULGAR = "¼½¾⅐-⅞"
# Languages without a table that write 1.000,5 (and 1 000) where English writes 1,000.5.
_COMMA_DECIMAL = frozenset("az be ca cs da eo fi hu id is kz lt lv no pl ro ru sk sl sr sv tr uk vi".split())
COMMA_DECIMAL = _COMMA_DECIMAL | {code for code, found in TABLES.items() if found.comma}
SIGNS = CURRENCY + "%‰°℃℉"
_UNITS = (
    "am|pm|a\\.m|p\\.m|kg|g|mg|km|m|cm|mm|ml|cl|l|mph|kph|kmh|lb|lbs|oz|ft|hz|khz|mhz|ghz|kb|mb|gb|tb|"
    "h|hr|hrs|min|mins|s|sec|secs|ms|x|k|bn|kw|w|v"
)
_HOUR, _MINUTE = r"(?:[01]?\d|2[0-4])", r"[0-5]\d"
_BEHIND = r"(?<=\b{} )"
_DAY, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"


@lru_cache(maxsize=64)
def pattern(code: str) -> re.Pattern[str]:
    """The kinds of numbers in the language of `code` (two letters) as one alternation, for folded text."""
    kinds = _kinds(code in COMMA_DECIMAL, table(code) or Language(code, ()))
    return re.compile("|".join(f"(?P<{name}>{body})" for name, body in kinds.items() if body))


def _kinds(commas: bool, own: Language) -> dict[str, str]:
    """The body of each kind."""
    point, mark = (",", r"[. ]") if commas else (r"\.", ",")
    first = r"[1-9]\d{0,2}" if commas else r"\d{1,3}"
    behind = r"(?!\d|[. ]\d)" if commas else r"(?!\d)"
    grouped = rf"{first}(?:{mark}\d{{3}})+{behind}"
    amount = rf"(?:{grouped}|\d+)(?:{point}\d+)?"
    minus = r"(?:(?<![^\s(])-)?"
    many = "|".join(own.magnitudes) or "thousand|million|billion|trillion"
    magnitude = rf"(?: (?:{many})\b|(?:k|m|bn)\b)?"
    coin = rf"(?:{'|'.join(re.escape(sign) for sign in own.money if len(sign) > 1) or '(?!)'}|[{CURRENCY}])"
    return {
        "date": _dates(own),
        "phone": r"\+(?=(?:[ .()-]{0,2}\d){7})\d{1,3}(?:[ .-]?\(?\d+\)?)*"
        r"|\((?=(?:[ )-]{0,2}\d){7})\d{2,5}\)[ -]?\d{2,4}(?:[ -]\d{2,4})*"
        + (r"|\b0\d(?:\.\d\d){4}\b" if commas else ""),
        "money": rf"{minus}{coin} ?-?{amount}{magnitude}"
        rf"|{minus}{amount}(?: (?:{many}))? ?[{CURRENCY}](?! ?\d)",
        "time": r"(?<![\d:])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?![\d:])(?! (?:Uhr|uur|h)\b)"
        + "".join(f"|{part}" for part in (_filled(own.times, own),) if part),
        "ratio": r"\d+:\d+",
        "version": r"\b[vV]\d+(?:\.\d+)*\b|\d+(?:\.\d+){2,}" if not commas else r"\b[vV]\d+(?:\.\d+)*\b",
        "fraction": rf"(?:\d{{1,4}} ?)?[{VULGAR}]|\d{{1,3}} \d/\d{{1,2}}(?![\d/])",
        "slash": r"\d+(?:/\d+){1,2}",
        "ordinal": _filled(own.ordinals, own) or r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:st|nd|rd|th)\b",
        "decade": rf"\d+0{own.decade}\b" if own.decade else r"(?:(?<!\w)')?(?:\d\d)?\d0'?s\b",
        "percent": rf"{minus}{amount} ?[%‰]|(?<!\S)[%‰]\d+",
        "degrees": rf"{minus}{amount} ?(?:°(?: ?[CFcf]\b)?|[℃℉])",
        "quantity": _quantity(rf"(?<![A-Za-z]){minus}{amount}", own),
        "code": r"(?<![^\W_])(?:(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]+"
        r"|[A-Z]{1,4}-\d+)(?:-[A-Za-z]*\d[A-Za-z0-9]*)*",
        "thousands": rf"{minus}{grouped}(?:{point}\d+)?",
        "parts": r"\d+(?:\.\d+){2,}" if commas else "",
        "groups": r"(?=(?:[ -]?\d){7})\d{1,5}(?:[ -]\d{2,5})+(?![\d.]\d|\d)|\d+(?:-\d+)+",
        "decimal": rf"{minus}\d+{point}\d+|(?<!\S){minus}\.\d+|\d+\.\d{{1,2}}(?![\d.])",
        "hash": r"# ?\d+" if own.code == "en" else r"(?:#|\b[nN][º°]) ?\d+",
        "digits": rf"{minus}\d+",
        "sign": f"[{SIGNS}]",
    }


def _filled(written: str, own: Language) -> str:
    """A table's expression with its placeholders filled."""
    words = [form for word in own.ordinal_after if word for form in (word, word.capitalize())]
    parts = {
        "ARTICLE_NUM": f"(?:{'|'.join(map(_BEHIND.format, words))})NUM",
        "MONTH": "|".join(own.months),
        "NUM": r"\d{1,4}",
        "HH": _HOUR,
        "MM": _MINUTE,
    }
    for name, body in parts.items():
        written = written.replace(name, body)
    return written


def _dates(own: Language) -> str:
    """Dates in figures: ISO everywhere, and day first where the language has months."""
    iso = rf"(?<![\d-])\d{{4}}-{_MONTH}-{_DAY}(?![\d-])"
    if not own.months:
        return ""
    if own.code == "en":
        return rf"{iso}|(?<![\d.]){_DAY}\.{_MONTH}\.\d{{4}}(?![\d.]*\d)|(?<![\d-]){_DAY}-{_DAY}-\d{{4}}(?![\d-])"
    year = r"(?:\d{4}|\d\d)"
    same = "|".join(rf"{_DAY}{mark}{_MONTH}{mark}{year}" for mark in (r"\.", "/")) + rf"|{_DAY}-{_MONTH}-\d{{4}}"
    return rf"{iso}|(?<![\d./-])(?:{same})(?!\d|[./-]\d)"


def _quantity(amount: str, own: Language) -> str:
    """An amount that stands on a unit, and in languages that name their units an amount with its unit."""
    bare = rf"{amount}(?=(?:{_UNITS})\b)"
    if not own.units:
        return bare
    names = sorted(own.units, key=len, reverse=True)
    long = "|".join(map(re.escape, (name for name in names if len(name) > 1)))
    short = "".join(name for name in names if len(name) == 1)
    apart = "" if own.code == "en" else " ?"
    return rf"{amount}(?: ?(?i:{long})|{apart}[{short or '_'}])(?![\w/'])|{bare}"


def plain_fraction(written: str) -> str:
    """A vulgar fraction's figures behind a space: 2½ as "2 1/2"."""
    apart = re.sub(f"([{VULGAR}])", lambda found: " " + unicodedata.normalize("NFKC", found[0]), written)
    return apart.replace("⁄", "/")
