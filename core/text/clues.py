"""What the words around a number say about how it was spoken: order, room, year, dollars, in each language."""
from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from core.text.languages import table
from core.text.languages.table import Language
from core.text.names import known
from core.text.numerals import Kind, Numeral
from core.text.readings import Reading

BARE: frozenset[Kind] = frozenset(("digits", "thousands", "quantity"))
_CODED: frozenset[Kind] = frozenset(("digits", "thousands", "groups", "range", "hash", "phone"))
_RIGHT_BEHIND = re.compile(r"[\s-]*([^\W\d_][\w']*(?:\.m\b)?)")
_WORD = re.compile(r"[^\W\d_][\w']*(?:\.m\b)?|\d+")
# One sign for all apostrophes and glottal stops; Arabic vowel signs are left out.
_PLAIN = str.maketrans(dict.fromkeys("’‘ʻʼ", "'") | dict.fromkeys(map(chr, range(0x64B, 0x653)), ""))
# Behind these a number is no count of something: "uno por ciento".
_NO_NOUN = frozenset("por per pour".split())
REACH = 4
# From this many digits on, a code word before the number outweighs a counted noun behind it.
LONG = 5


@dataclass(frozen=True)
class _Lexicon:
    """A language's clue words: style by word in lower case; `month` finds a month right behind a number."""

    before: dict[str, str]
    after: dict[str, str]
    feminine: frozenset[str]
    year_before: frozenset[str]
    months: frozenset[str]
    month: re.Pattern[str]


@lru_cache(maxsize=64)
def _lexicon(language: str) -> tuple[Language, _Lexicon]:
    """The table and the clue words of `language`, both empty for a language without a table."""
    own = table(known(language) or "") or Language("", ())
    months = own.months if own.code == "en" else tuple(month.lower() for month in own.months)
    names = "|".join(month.translate(_PLAIN) for month in own.months) or "(?!)"
    behind = re.compile(rf"\s?(?:de |d'|di |o )?(?:{names})\b", 0 if own.code == "en" else re.IGNORECASE)
    return own, _Lexicon(
        _by_word(own.before),
        _by_word(own.after),
        frozenset(own.feminine.translate(_PLAIN).split()),
        frozenset(own.year_before.split()),
        frozenset(month.translate(_PLAIN) for month in months),
        behind,
    )


def _by_word(styles: object) -> dict[str, str]:
    words = dict(styles) if isinstance(styles, dict) else {}
    return {word: style for style, all_words in words.items() for word in all_words.translate(_PLAIN).split()}


def clue(text: str, numeral: Numeral, context: str = "", language: str = "en") -> tuple[str, str] | None:
    """(style, the word that says so) for `numeral` in `text`; `context` counts as text before it. None
    without a clue.

    A counted noun right behind the number tells most, then the nearest word of the four before it, then the
    context.
    """
    own, words = _lexicon(language)
    before = _WORD.findall(text[max(0, numeral.start - 80) : numeral.start].translate(_PLAIN))[-REACH:]
    behind = text[numeral.end : numeral.end + 24].translate(_PLAIN)
    digits = numeral.plain.replace(",", "")
    if found := _bent(own, numeral, before) or _day(words, digits, behind):
        return found
    noun = _RIGHT_BEHIND.match(behind)
    styles = {words.before.get(word.lower(), "") for word in before}
    coded = len(digits) >= LONG and not {"code", "phone"}.isdisjoint(styles)
    if noun and not coded and (style := words.after.get(noun[1].lower())):
        return _gendered(style, noun[1].lower(), own, words), noun[1]
    if before and (dated := _date(before, digits, own, words)):
        return dated
    for word in (*reversed(before), *reversed(_WORD.findall(context.translate(_PLAIN)))):
        if style := words.before.get(word.lower()):
            return style, word
    return None


def _bent(own: Language, numeral: Numeral, before: list[str]) -> tuple[str, str] | None:
    """The form of an ordinal or a date behind an article: am vierzehnten, der vierzehnte."""
    if numeral.kind not in ("ordinal", "date") or not own.ordinal_after:
        return None
    word = before[-1] if before else ""
    form = own.ordinal_after.get(word.lower(), own.ordinal_after[""])
    return f"form {form}".strip(), word or numeral.written


def _day(words: _Lexicon, digits: str, behind: str) -> tuple[str, str] | None:
    """A day of the month, with its month behind it."""
    month = words.month.match(behind) if len(digits) <= 2 and digits.isdigit() else None
    return ("day", month[0].split()[-1]) if month and 1 <= int(digits) <= 31 else None


def _gendered(style: str, noun: str, own: Language, words: _Lexicon) -> str:
    """A quantity that bends to the noun behind it."""
    if style != "quantity" or not own.bends or noun in _NO_NOUN:
        return style
    return "quantity, feminine" if noun in words.feminine else "quantity, masculine"


def _date(before: list[str], digits: str, own: Language, words: _Lexicon) -> tuple[str, str] | None:
    """A year after "in", after a month or after its day; in English a day after a month's name in capitals."""
    word = before[-1]
    named = word if own.code == "en" else word.lower()
    if len(digits) == 4 and "1500" <= digits <= "2099":
        if word.lower() in words.year_before or named in words.months:
            return "year", word
        if own.code == "en" and word.isdigit() and len(before) > 1 and before[-2] in words.months:
            return "year", before[-2]
    if own.code == "en" and named in words.months and len(digits) <= 2 and digits.isdigit():
        return ("ordinal", word) if 1 <= int(digits) <= 31 else None
    return None


def preferred(
    style: str, numeral: Numeral, readings: tuple[Reading, ...], language: str = "en"
) -> Reading | None:
    """The reading that `style` asks for, or None where the style does not fit this kind of number."""
    own = _lexicon(language)[0]
    plain = numeral.plain.lstrip("-").replace(",", "")
    if style.startswith("form"):
        names: tuple[str, ...] = (f"{numeral.kind} {style[5:]}".strip(),)
    elif style == "phone" and own.phone == "pairs":
        names = ("pairs", "cardinal", "digit by digit") if numeral.kind in _CODED else ()
    elif style in ("code", "phone"):
        names = ("digit by digit",) if numeral.kind in _CODED else ()
    elif style == "half day" and numeral.kind == "time":
        names = ("time with 12 hours",)
    elif numeral.kind in BARE and plain.isdigit():
        tell = _names if own.code in ("en", "") else _names_by_table
        names = tell(style, len(numeral.plain), "0" in numeral.plain[1:-1], numeral.plain.startswith("0"))
    else:
        names = ()
    by_name = {reading.name: reading for reading in readings}
    return next((by_name[name] for name in names if name in by_name), None)


@lru_cache(maxsize=1024)
def _names(style: str, n_digits: int, inner_zero: bool, leading_zero: bool) -> tuple[str, ...]:
    """Names of English readings in the order in which `style` prefers them."""
    if leading_zero and n_digits > 1:
        return ("digit by digit",)
    if style == "label":  # room 12, room 204, room 101, flight 2490
        by_size = {
            1: "cardinal",
            2: "cardinal",
            3: "digit by digit with oh" if inner_zero else "digit by digit",
            4: "pairs",
        }
        return (by_size.get(n_digits, "digit by digit"), "year", "cardinal", "digit by digit")
    if style in ("time", "half day"):
        return ("pairs", "year", "cardinal") if n_digits in (3, 4) else ("cardinal",) if n_digits < 3 else ()
    if style == "hours":
        return ("pairs", "year", "cardinal") if n_digits == 4 else ("cardinal",)
    if style == "year":
        return ("year",) if n_digits == 4 else ("ordinal",) if n_digits < 3 else ()
    by_style = {"ordinal": ("ordinal",), "day": ("ordinal",), "quantity": ("cardinal", "year")}
    return by_style.get(style, ())


def _names_by_table(style: str, n_digits: int, _inner_zero: bool, leading_zero: bool) -> tuple[str, ...]:
    """Names of readings in the other languages, in the order in which `style` prefers them."""
    if leading_zero and n_digits > 1 and style != "time":
        return ("digit by digit",)
    if style.startswith("quantity, "):
        return (f"cardinal, {style[10:]}", "cardinal")
    if style == "label":
        return ("cardinal", "digit by digit") if n_digits <= 4 else ("digit by digit",)
    if style == "year":
        return ("year", "cardinal") if n_digits == 4 else ("cardinal",) if n_digits < 3 else ()
    if style == "time":
        return ("cardinal",) if n_digits < 3 else ()
    return {"quantity": ("cardinal",), "day": ("day", "ordinal in -er", "cardinal")}.get(style, ())
