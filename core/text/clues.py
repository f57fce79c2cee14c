"""What the words around a number say about how it was spoken, in English: order, room, year, dollars."""
from __future__ import annotations

import re
from functools import lru_cache

from core.text.numerals import Kind, Numeral
from core.text.readings import Reading

_BEFORE: dict[str, str] = {
    "code": (
        "order orders code codes pin passcode password account acct ticket invoice reference ref "
        "tracking location id identifier serial case booking confirmation customer member membership "
        "policy card zip postcode part model item sku shipment parcel package locker badge license "
        "licence plate passport registration digits key otp token"
    ),
    "phone": "phone telephone mobile cell fax tel dial call ring text extension ext landline hotline",
    "label": (
        "room flight gate bus route highway interstate train apartment suite building channel area "
        "unit line hwy"
    ),
    "year": (
        "year since born anno summer winter spring autumn christmas january february april june july "
        "august september october november december"
    ),
    "quantity": (
        "about around nearly almost over under roughly exactly approximately only another aged age "
        "page pages covid top chapter episode volume step platform table question lesson level plus "
        "minus times equals between least most"
    ),
    "time": "at until till o'clock",
}
_AFTER: dict[str, str] = {
    "time": "o'clock",
    "half day": "am pm a.m p.m",
    "hours": "hours",
    "quantity": (
        "dollars dollar pounds pound euros euro cents cent pence bucks yen people persons men women "
        "children guests items pieces boxes copies times percent per degrees seconds second minutes "
        "minute hour days day weeks week months month years year miles mile kilometers kilometres "
        "kilometer km meters metres meter feet foot inches inch kg kilos kilograms grams lbs liters "
        "litres tons tonnes thousand million billion hundred points votes pages words more other "
        "different new calls tickets customers orders packages steps stars cm mm gb mb"
    ),
}
_DATE_BEFORE = "January February March April May June July August September October November December".split()
_YEAR_BEFORE = frozenset("in since until by before after from during of circa to".split())
BARE: frozenset[Kind] = frozenset(("digits", "thousands", "quantity"))
_CODED: frozenset[Kind] = frozenset(("digits", "thousands", "groups", "range", "hash", "phone"))
_RIGHT_BEHIND = re.compile(r"[\s-]*([^\W\d_][\w']*(?:\.m\b)?)")
_WORD = re.compile(r"[^\W\d_][\w']*(?:\.m\b)?|\d+")
_BEFORE_OF = {word: style for style, words in _BEFORE.items() for word in words.split()}
_AFTER_OF = {word: style for style, words in _AFTER.items() for word in words.split()}
REACH = 4
# From this many digits on, a code word before the number outweighs a counted noun behind it.
LONG = 5


def clue(text: str, numeral: Numeral, context: str = "") -> tuple[str, str] | None:
    """(style, the word that says so) for `numeral` in `text`; `context` counts as text before it. None
    without a clue.

    A counted noun right behind the number tells most, then the nearest word of the four before it, then the
    context.
    """
    before = _WORD.findall(text[max(0, numeral.start - 80) : numeral.start].replace("’", "'"))[-REACH:]
    behind = _RIGHT_BEHIND.match(text[numeral.end : numeral.end + 24].replace("’", "'"))
    digits = numeral.plain.replace(",", "")
    coded = len(digits) >= LONG and not {"code", "phone"}.isdisjoint(
        _BEFORE_OF.get(w.lower(), "") for w in before
    )
    if behind and not coded and (style := _AFTER_OF.get(behind[1].lower())):
        return style, behind[1]
    if before and (dated := _date(before[-1], digits)):
        return dated, before[-1]
    for word in reversed(before):
        if style := _BEFORE_OF.get(word.lower()):
            return style, word
    for word in reversed(_WORD.findall(context)):
        if style := _BEFORE_OF.get(word.lower()):
            return style, word
    return None


def _date(word: str, digits: str) -> str | None:
    """A year after "in" or a month, a day of the month after a month's name in capitals."""
    if word.lower() in _YEAR_BEFORE or word in _DATE_BEFORE:
        if len(digits) == 4 and "1500" <= digits <= "2099":
            return "year"
    if word in _DATE_BEFORE and len(digits) <= 2 and digits.isdigit() and 1 <= int(digits) <= 31:
        return "ordinal"
    return None


def preferred(style: str, numeral: Numeral, readings: tuple[Reading, ...]) -> Reading | None:
    """The reading that `style` asks for, or None where the style does not fit this kind of number."""
    if style in ("code", "phone"):
        names: tuple[str, ...] = ("digit by digit",) if numeral.kind in _CODED else ()
    elif style == "half day" and numeral.kind == "time":
        names = ("time with 12 hours",)
    elif numeral.kind in BARE and numeral.plain.lstrip("-").replace(",", "").isdigit():
        names = _names(style, len(numeral.plain), "0" in numeral.plain[1:-1], numeral.plain.startswith("0"))
    else:
        names = ()
    by_name = {reading.name: reading for reading in readings}
    return next((by_name[name] for name in names if name in by_name), None)


@lru_cache(maxsize=1024)
def _names(style: str, n_digits: int, inner_zero: bool, leading_zero: bool) -> tuple[str, ...]:
    """Names of readings in the order in which `style` prefers them."""
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
    return {"ordinal": ("ordinal",), "quantity": ("cardinal",)}.get(style, ())
