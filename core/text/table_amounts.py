"""Amounts from a language's table: decimals, units, percent, degrees, money, fractions."""

from __future__ import annotations

import re

from core.text.languages.table import Language, Noun
from core.text.patterns import SIGNS
from core.text.table_words import DIGIT_BY_DIGIT, Named, amounts, by_digit, cardinal, counted, split


def thousands(written: str, own: Language) -> Named:
    """An amount without a unit; digit by digit without its marks."""
    whole, tail = split(written)
    return [*amounts(whole, tail, own), (DIGIT_BY_DIGIT, by_digit(whole + tail, own))]


def quantity(written: str, own: Language) -> Named:
    """An amount with its unit: as it is written, or the unit in words."""
    unit = re.sub(r"^[-\d.,\s]+", "", written)
    noun = own.units.get(unit) or own.units.get(unit.lower())
    whole, tail = split(written)
    named = [(name, f"{words} {unit}") for name, words in amounts(whole, tail, own)]
    if noun:
        named += [("with unit", _with(noun, whole, tail, own))]
    return [*named, (DIGIT_BY_DIGIT, f"{by_digit(whole + tail, own)} {unit}")]


def _with(noun: Noun, whole: str, tail: str, own: Language) -> str:
    """An amount that is counted in `noun`."""
    words = amounts(whole, tail, own)
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
    if written in own.money:
        return [("sign", own.money[written][0].many)]
    return [("sign", own.signs[written].many)] if written in own.signs else [("sign", "")]


def money(written: str, own: Language) -> Named:
    """12,50 € in its usual way, with "and", with bare cents, as a decimal, digit by digit."""
    coin = next((name for name in own.money if len(name) > 1 and name in written), "") or next(
        char for char in written if char in SIGNS
    )
    whole, tail = split(written)
    main, small = own.money.get(coin, (Noun(coin, coin), None))
    by_digits = (DIGIT_BY_DIGIT, f"{by_digit(whole + tail, own)} {main.many}")
    magnitude = re.search(rf"\b({'|'.join(own.magnitudes) or '(?!)'})\b", written)
    if magnitude:
        return [(name, f"{words} {_of(magnitude[1], main, own)}") for name, words in amounts(whole, tail, own)] + [by_digits]
    if not tail.strip("0"):
        return [("money", _with(main, whole, "", own)), by_digits]
    decimals = [("money as decimal", f"{words} {main.many}") for _, words in amounts(whole, tail, own)[:1]]
    if len(tail) != 2 or small is None:
        return [("money", decimals[0][1]), by_digits] if decimals else [by_digits]
    cents = str(int(tail))
    said = counted(cents, cardinal(cents, own), small, own)
    if not whole.strip("0"):
        return [("money", said), *decimals, by_digits]
    parts = {"whole": _with(main, whole, "", own), "small": said, "n": cardinal(cents, own)}
    link = own.link if own.code == "ar" else f"{own.link} "
    return [
        ("money", own.cents.format(**parts)),
        ("money with and", f"{parts['whole']} {link}{said}"),
        ("money without and", f"{parts['whole']} {said}"),
        ("money short", f"{parts['whole']} {parts['n']}"),
        *decimals,
        by_digits,
    ]


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
    if own.counted:
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
        part = f"{cardinal(whole, own)} {own.link} {part}".replace("و ", "و")
    digits = " ".join(by_digit(piece, own) for piece in (whole or "", top, bottom) if piece)
    return [("fraction", part), ("fraction with over", _over(whole, top, bottom, own)), (DIGIT_BY_DIGIT, digits)]


def _over(whole: str | None, top: str, bottom: str, own: Language) -> str:
    lead = f"{cardinal(whole, own)} {own.link} " if whole else ""
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
    shares = [("fraction", share(*texts, own)), ("fraction with over", _over(None, *texts, own))]
    likely = int(texts[0]) < int(texts[1]) and int(texts[1]) in own.parts
    return (shares + side if likely else side + shares) + digits
