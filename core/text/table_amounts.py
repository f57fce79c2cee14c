"""Amounts from a language's table: decimals, units, percent, degrees, money, fractions."""

from __future__ import annotations

import re
import unicodedata

from core.text.languages.table import Language, Noun
from core.text.patterns import CURRENCY, SIGNS
from core.text.table_clock import date
from core.text.table_words import (
    DIGIT_BY_DIGIT,
    Named,
    amounts,
    bent_cardinals,
    by_digit,
    cardinal,
    counted,
    split,
)


def thousands(written: str, own: Language) -> Named:
    """An amount without a unit; digit by digit without its marks."""
    whole, tail = split(written)
    others = [] if tail else bent_cardinals(cardinal(whole, own), own)
    return [*amounts(whole, tail, own), *others, (DIGIT_BY_DIGIT, by_digit(whole + tail, own))]


def quantity(written: str, own: Language) -> Named:
    """An amount with its unit: as it is written, or the unit in words."""
    unit = re.sub(r"^[-\d.,\s]+", "", written)
    noun = own.units.get(unit) or own.units.get(unit.lower())
    whole, tail = split(written)
    named = [(name, f"{words} {unit}") for name, words in amounts(whole, tail, own)]
    if noun:
        named += [("cardinal with unit", _with(noun, whole, tail, own))]
    return [*named, (DIGIT_BY_DIGIT, f"{by_digit(whole + tail, own)} {unit}")]


def _with(noun: Noun, whole: str, tail: str, own: Language) -> str:
    """An amount that is counted in `noun`."""
    words = amounts(whole, tail, own)
    if own.of_magnitude and not tail and whole.endswith("000000"):
        return _of(words[0][1], noun, own)
    return counted("" if tail else whole, words[0][1], noun, own) if words else ""


def with_sign(written: str, own: Language) -> Named:
    """Percent and degrees; a sign without a name stays, and the validation shows it."""
    found = re.search(r"[%‰]|[°℃℉](?: ?[CFcf]\b)?", written)
    written_sign = found[0].replace(" ", "").upper().replace("℃", "°C").replace("℉", "°F") if found else "%"
    whole, tail = split(written)
    by_digits = by_digit(whole + tail, own)
    noun = own.signs.get(written_sign)
    if noun is None:
        return [("cardinal", f"{words} {written_sign}") for _, words in amounts(whole, tail, own)] + [
            (DIGIT_BY_DIGIT, f"{by_digits} {written_sign}")
        ]
    return [("cardinal", _with(noun, whole, tail, own)), (DIGIT_BY_DIGIT, f"{by_digits} {noun.many}")]


def sign(written: str, own: Language) -> Named:
    """The name of a sign that stands alone; "" where the language's table has none."""
    if written in own.signs:
        return [("sign", own.signs[written].many)]
    noun = _coin(written, own)[0] if written in CURRENCY else None
    return [("sign", noun.many if noun and noun.many != written else "")]


def _coin(sign: str, own: Language) -> tuple[Noun, Noun | None]:
    """The whole and the small coin of a sign; its name in Unicode for a rare one, the sign itself without a
    table.
    """
    if sign in own.money or not own.money:
        return own.money.get(sign, (Noun(sign, sign), None))
    name = unicodedata.name(sign, "currency").replace("SIGN", "").split()[-1].lower()
    return Noun(name, name), None


def money(written: str, own: Language) -> Named:
    """12,50 € in its usual way, with "and", with bare cents, as a decimal, digit by digit."""
    long = (name for name in own.money if len(name) > 1 and name in written)
    main, small = _coin(next(long, "") or next(char for char in written if char in SIGNS), own)
    whole, tail = split(written)
    by_digits = (DIGIT_BY_DIGIT, f"{by_digit(whole + tail, own)} {main.many}")
    ways = amounts(whole, tail, own)
    magnitude = re.search(rf"\b({'|'.join(own.magnitudes) or '(?!)'})\b", written)
    if magnitude:
        return [*((name, f"{words} {_of(magnitude[1], main, own)}") for name, words in ways), by_digits]
    if not tail.strip("0"):
        return [("money", _with(main, whole, "", own)), by_digits]
    decimals = [("money as decimal", f"{words} {main.many}") for _, words in ways[:1]]
    coins = _coins(whole, tail, main, small, own) if small and len(tail) == 2 else []
    return [*coins, *decimals, by_digits]


def _coins(whole: str, tail: str, main: Noun, small: Noun, own: Language) -> Named:
    """Whole coins and small ones, in each way in which they are put together."""
    cents = str(int(tail))
    said = counted(cents, cardinal(cents, own), small, own)
    if not whole.strip("0"):
        return [("money", said)]
    coins, bare = _with(main, whole, "", own), cardinal(cents, own)
    return [
        ("money", own.cents.format(whole=coins, small=said, n=bare)),
        ("money with and", f"{coins} {_linked(own)}{said}"),
        ("money without and", f"{coins} {said}"),
        ("money short", f"{coins} {bare}"),
    ]


def _linked(own: Language) -> str:
    """The word for and, with the space behind it unless it is written on the next word."""
    return own.link if own.link in own.prefixes else f"{own.link} "


def _of(magnitude: str, noun: Noun, own: Language) -> str:
    """A million and what is counted: millions d'euros, Millionen Euro."""
    plain, _, elided = own.of_magnitude.partition("|")
    between = f"{elided}" if elided and noun.many[0] in "aeiouyéh" else f"{plain} " if plain else ""
    return f"{magnitude} {between}{noun.many}"


def share(top: str, bottom: str, own: Language) -> str:
    """3, 4 as trois quarts; "" where the language's table has no name for the part."""
    noun = own.parts.get(int(bottom))
    if noun is None:
        return ""
    if top == "2" and noun.two:
        return noun.two
    if own.bare_part:
        return noun.one if top == "1" else f"{cardinal(top, own)} {noun.many}"
    return counted(top, cardinal(top, own), noun, own)


def fraction(written: str, own: Language) -> Named:
    """½ and 2½: a number and a part."""
    found = re.fullmatch(r"(?:(\d+) +)?(\d+)/(\d+)", written.strip())
    whole, top, bottom = found.groups() if found else (None, "0", "1")
    part = share(top, bottom, own)
    if whole and (top, bottom) == ("1", "2") and own.half:
        part = own.half.format(n=cardinal(whole, own))
    elif whole and part:
        part = f"{cardinal(whole, own)} {_linked(own)}{part}"
    digits = " ".join(by_digit(piece, own) for piece in (whole or "", top, bottom) if piece)
    return [
        ("fraction", part),
        *([] if whole else _halves(top, bottom, own)),
        ("fraction with over", _over(whole, top, bottom, own)),
        (DIGIT_BY_DIGIT, digits),
    ]


def _halves(top: str, bottom: str, own: Language) -> Named:
    """½ before a noun of either gender: media hora, eine halbe Stunde."""
    names = own.halves.items() if (top, bottom) == ("1", "2") else ()
    return [(f"fraction, {gender}", words) for gender, words in names]


def _over(whole: str | None, top: str, bottom: str, own: Language) -> str:
    lead = f"{cardinal(whole, own)} {_linked(own)}" if whole else ""
    return f"{lead}{cardinal(top, own)} {own.over} {cardinal(bottom, own)}" if own.over else ""


def slash(written: str, own: Language) -> Named:
    """3/4 as a fraction where that is likely, else the numbers side by side."""
    texts = written.split("/")
    side = [("cardinals", " ".join(cardinal(text, own) for text in texts))]
    if own.slash:
        side.append(("slash", f" {own.slash} ".join(cardinal(text, own) for text in texts)))
    digits = [(DIGIT_BY_DIGIT, by_digit(written, own))]
    if max(map(len, texts)) > 4:
        return digits + side
    if len(texts) != 2:
        return side + digits
    top, bottom = texts
    dates = _day_and_month(top, bottom, own) if written != "24/7" else []
    shares = [
        ("fraction", share(top, bottom, own)),
        *_halves(top, bottom, own),
        ("fraction with over", _over(None, top, bottom, own)),
    ]
    likely = int(top) < int(bottom) and int(bottom) in own.parts
    return (shares + side + dates if likely else dates + side + shares) + digits


def _day_and_month(day: str, month: str, own: Language) -> Named:
    """25/12 as a date, where it can be one."""
    if not (own.months and 1 <= int(day) <= 31 and 1 <= int(month) <= 12):
        return []
    return [pair for pair in date(f"0-{month}-{day}", own) if pair[0].startswith("date")]
