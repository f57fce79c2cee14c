"""Readings from a language's table: one function a kind of written number, each giving (name, words)."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby

from core.text import table_amounts
from core.text.languages.table import Language
from core.text.names import MOST_DIGITS, say
from core.text.numerals import Kind
from core.text.table_clock import date, time
from core.text.table_words import (
    DIGIT_BY_DIGIT,
    Named,
    bent,
    by_digit,
    cardinal,
    is_year,
    ordinals,
    pairs,
    year,
)


def of(written: str, kind: Kind, own: Language) -> Named:
    """All readings of `written` that the table gives; a leading minus is said before each of them."""
    if written.startswith("-") and own.minus:
        positive = [pair for pair in of(written[1:], kind, own) if not pair[0].startswith(("ordinal", "year"))]
        return [(name, f"{own.minus} {words}") for name, words in positive]
    return _KINDS.get(kind, _spelled)(written.lstrip("-"), own)


def _spelled(written: str, own: Language) -> Named:
    return [(DIGIT_BY_DIGIT, " ".join(own.digits[int(c)] if c.isdigit() else c for c in written if c.isalnum()))]


def one_by_one(written: str, own: Language) -> Named:
    """Digit by digit, with double and triple where the language says them."""
    named = [(DIGIT_BY_DIGIT, by_digit(written, own))]
    factors = {factor: word for word, factor in reversed(own.doubles)}
    if 2 in factors and re.search(r"(\d)\1", written):
        plus = [own.plus] if written.startswith("+") else []
        words = [word for group in re.findall(r"\d+", written) for word in _doubled(group, factors, own)]
        named.append(("double/triple", " ".join(plus + words)))
    return named


def _doubled(digits: str, factors: dict[int, str], own: Language) -> list[str]:
    """The words of one group of digits; runs that have no word of their own are cut into those that have."""
    words: list[str] = []
    for digit, run in groupby(digits):
        left = len(list(run))
        while left:
            n = 3 if left % 2 and left > 1 and 3 in factors else min(left, 2)
            words += [factors[n]] * (n > 1) + [own.digits[int(digit)]]
            left -= n
    return words


def _digits(digits: str, own: Language) -> Named:
    named = one_by_one(digits, own)
    if len(digits) > MOST_DIGITS or (len(digits) > 1 and digits[0] == "0"):
        return named + ([("pairs", pairs(digits, own))] if own.phone == "pairs" and len(digits) <= 10 else [])
    if not (words := say(int(digits), "cardinal", own.code)):
        return named
    named.append(("cardinal", words))
    bends = {"cardinal, masculine": "m", "cardinal, feminine": "f"}
    named += [(name, bent(words, own.bends.get(key, ()))) for name, key in bends.items()]
    named += [("year", year(digits, own)), ("year with hundreds", year(digits, own, True))] if is_year(digits) else []
    named += [("pairs", pairs(digits, own))] if 3 <= len(digits) <= 10 else []
    named += [("day", own.first_day)] if digits == "1" else []
    return named + (ordinals(digits, own) if digits != "0" else [])


def _groups(written: str, own: Language) -> Named:
    """Phones and other grouped digits: one by one or in pairs, as the language has it."""
    groups = re.findall(r"\d+", written)
    plus = f"{own.plus} " if written.startswith("+") and own.plus else ""
    named = one_by_one(written, own)
    named.append(("phone groups", plus + ", ".join(by_digit(group, own) for group in groups)))
    if any(len(group) > 1 for group in groups) and cardinal("12", own) != by_digit("12", own):
        named.append(("pairs", plus + " ".join(pairs(group, own) for group in groups)))
        if all(len(group) <= 4 for group in groups):
            named.append(("groups as cardinals", plus + " ".join(cardinal(group, own) for group in groups)))
    first = own.phone if sum(map(len, groups)) >= 8 else DIGIT_BY_DIGIT
    return sorted(named, key=lambda pair: pair[0] != first)


def _joined(word: str, written: str, own: Language) -> str:
    return f" {word} ".join(cardinal(part, own) for part in re.findall(r"\d+", written)).replace("  ", " ")


def _range(written: str, own: Language) -> Named:
    low, high = written.split("-")
    both = year if is_year(low) and is_year(high) else cardinal
    named = [("range", f"{both(low, own)} {own.to} {both(high, own)}")]
    return [*named, ("cardinals", f"{both(low, own)} {both(high, own)}"), *one_by_one(written, own)]


def _ratio(written: str, own: Language) -> Named:
    return [
        ("ratio", _joined(own.ratio or own.to, written, own)),
        ("cardinals", _joined("", written, own)),
        *one_by_one(written, own),
    ]


def _version(written: str, own: Language) -> Named:
    letter = "v " if written[0] in "vV" else ""
    digits = f" {own.dot} ".join(by_digit(part, own) for part in re.findall(r"\d+", written))
    return [("version", letter + _joined(own.dot, written, own)), (DIGIT_BY_DIGIT, letter + digits)]


def _code(written: str, own: Language) -> Named:
    parts = re.findall(r"([^\W\d_]+)|(\d+)", written)
    ways: dict[str, Callable[[str, Language], str]] = {
        "letters and digits": by_digit, "letters and cardinal": cardinal, "letters and pairs": pairs,
    }
    return [
        (name, " ".join(_letters(letters) if letters else way(digits, own) for letters, digits in parts))
        for name, way in ways.items()
    ]


def _letters(letters: str) -> str:
    """A few capitals one by one, other letters as they stand."""
    return " ".join(letters) if letters.isupper() and len(letters) <= 4 else letters


def _hash(written: str, own: Language) -> Named:
    digits = written.lstrip("# ")
    named = [(name, f"{own.number} {words}") for name, words in _digits(digits, own) if "ordinal" not in name]
    return sorted(named, key=lambda pair: pair[0] != "cardinal") if len(digits) <= 2 else named


def _decade(written: str, own: Language) -> Named:
    digits = re.sub(r"\D", "", written)
    if not own.decade:
        return _code(written, own)
    return [("decade", year(digits, own) + own.decade), (DIGIT_BY_DIGIT, f"{by_digit(digits, own)} {own.decade}")]


def _ordinal(written: str, own: Language) -> Named:
    digits = re.sub(r"\D", "", written)
    ending = re.sub(r"^[\d.]+", "", written)
    form = own.ordinal_endings.get(ending)
    named = ordinals(digits, own) if digits.strip("0") else []
    named.sort(key=lambda pair: pair[0] != (f"ordinal {form}" if form else "ordinal"))
    return [*named, ("cardinal", cardinal(digits, own)), (DIGIT_BY_DIGIT, by_digit(digits, own))]


_KINDS: dict[str, Callable[[str, Language], Named]] = {
    "digits": _digits,
    "groups": _groups,
    "phone": _groups,
    "thousands": table_amounts.thousands,
    "decimal": table_amounts.thousands,
    "version": _version,
    "time": time,
    "ratio": _ratio,
    "money": table_amounts.money,
    "range": _range,
    "slash": table_amounts.slash,
    "fraction": table_amounts.fraction,
    "code": _code,
    "hash": _hash,
    "decade": _decade,
    "ordinal": _ordinal,
    "percent": table_amounts.with_sign,
    "degrees": table_amounts.with_sign,
    "quantity": table_amounts.quantity,
    "sign": table_amounts.sign,
    "date": date,
}
