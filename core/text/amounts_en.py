"""English amounts: cardinals, decimals, money, percent and degrees."""
from __future__ import annotations

import re
import unicodedata

from core.text.names import MOST_DIGITS, say
from core.text.patterns import CURRENCY
from core.text.say_digits import doubled, english, pairs

Named = list[tuple[str, str]]
_UNITS = {
    "$": ("dollar", "cent"),
    "£": ("pound", "penny"),
    "€": ("euro", "cent"),
    "₹": ("rupee", "paisa"),
    "¢": ("cent", ""),
    "¥": ("yen", ""),
    "₩": ("won", ""),
    "₽": ("ruble", "kopek"),
    "₺": ("lira", "kurus"),
    "฿": ("baht", "satang"),
    "₫": ("dong", ""),
    "₴": ("hryvnia", "kopek"),
    "₪": ("shekel", "agora"),
}
_PLURALS = {
    "penny": "pence",
    "paisa": "paise",
    "yen": "yen",
    "won": "won",
    "baht": "baht",
    "lira": "lira",
    "dong": "dong",
}
_SIGNS = {"%": "percent", "‰": "per mille", "°": "degrees", "℃": "degrees Celsius", "℉": "degrees Fahrenheit"}
_PARTS = {2: ("half", "halves"), 4: ("quarter", "quarters")}
_MAGNITUDES = {"k": "thousand", "m": "million", "bn": "billion", "b": "billion"}
_AMOUNT = re.compile(r"([\d,]*)(?:\.(\d+))?")


def cardinal(digits: str) -> str:
    """The cardinal without "and"; digit by digit where the number is too long to have one."""
    return worded(digits, "cardinal").replace(" and ", " ")


def worded(digits: str, form: str) -> str:
    """`digits` as "cardinal" or "ordinal" words; one by one where the number is too long for a name."""
    return (len(digits) <= MOST_DIGITS and say(int(digits), form, "en")) or english(digits)


def cardinals(digits: str) -> Named:
    """Cardinal, with "and", and with "a hundred"; none for a code with leading zeros."""
    if (len(digits) > 1 and digits[0] == "0") or len(digits) > MOST_DIGITS:
        return []
    with_and = say(int(digits), "cardinal", "en") or ""
    named = [("cardinal", cardinal(digits)), ("cardinal with and", with_and)]
    if re.match(r"one (hundred|thousand|million)\b", with_and):
        named.append(("cardinal with a", "a" + with_and[3:]))
    return named


def one_by_one(written: str) -> Named:
    """Digit by digit, with oh, with double and triple, as far as they differ."""
    named = [("digit by digit", english(written))]
    if "0" in written:
        named.append(("digit by digit with oh", english(written, "oh")))
    if re.search(r"(\d)\1", written):
        named += [("double/triple", doubled(written)), ("double/triple with oh", doubled(written, "oh"))]
    return named


def is_year(digits: str) -> bool:
    """Whether `digits` can be a year: 1000 to 2999."""
    return len(digits) == 4 and "1000" <= digits <= "2999"


def year(digits: str) -> str:
    """1984 as nineteen eighty four, 2005 as two thousand five."""
    return (say(int(digits), "year", "en") or english(digits)).replace(" and ", " ")


def split(written: str) -> tuple[str, str]:
    """Whole digits (without marks) and decimals of the first amount in `written`."""
    start = re.search(r"\d|\.\d", written)
    match = _AMOUNT.match(written, start.start() if start else 0)
    return (match[1].replace(",", ""), match[2] or "") if match else ("", "")


def decimal(written: str) -> Named:
    """3.10 as three point one zero, with oh, as three point ten, as three ten."""
    whole, tail = split(written)
    lead = cardinal(whole) if whole else ""
    named = [
        ("decimal", f"{lead} point {english(tail)}"),
        ("decimal with oh", f"{lead} point {english(tail, 'oh')}"),
    ]
    named.append(("digit by digit", f"{english(whole)} point {english(tail)}"))
    if tail[0] != "0":
        named.append(("decimal as cardinals", f"{lead} point {cardinal(tail)}"))
    return named if len(tail) != 2 or not whole else [*named, ("money short", f"{lead} {pairs(tail)}")]


def quantity(written: str) -> Named:
    """An amount, with group marks and decimals or without: the cardinal first."""
    whole, tail = split(written)
    return decimal(f"{whole}.{tail}") if tail else [*cardinals(whole), *one_by_one(whole)]


def counted(digits: str, unit: str) -> str:
    """1 and cent as one cent, 12 and cent as twelve cents."""
    plural = _PLURALS.get(unit, unit + "s")
    return f"{cardinal(digits)} {unit if digits == '1' else plural}"


def currency_units(sign: str) -> tuple[str, str]:
    """Main and small unit of a currency sign, by its Unicode name where it is a rare one."""
    name = unicodedata.name(sign, "currency").replace("SIGN", "").strip().split()
    return _UNITS.get(sign) or (name[-1].lower(), "")


def money(written: str) -> Named:
    """$12.50 as twelve dollars and fifty cents, without "and", as twelve fifty, digit by digit."""
    main, small = currency_units(next(char for char in written if char in CURRENCY))
    many = _PLURALS.get(main, main + "s")
    whole, tail = split(written)
    point = f" point {english(tail)}" if tail else ""
    magnitude = re.search(r"(thousand|million|billion|trillion|k|m|bn?)\b", written.lower())
    word = _MAGNITUDES.get(magnitude[1], magnitude[1]) + " " if magnitude else ""
    unit = main if whole == "1" and not (tail or word) else many
    by_digit = ("digit by digit", f"{english(whole)}{point} {word}{unit}")
    if magnitude or (tail and (len(tail) != 2 or not small)):
        return [("money", f"{cardinal(whole)}{point} {word}{many}"), by_digit]
    if not tail.strip("0"):
        others = [
            (f"money{name[8:]}", f"{words} {many}") for name, words in cardinals(whole)[1:] if whole != "1"
        ]
        return [("money", counted(whole, main)), *others, by_digit]
    cents = counted(str(int(tail)), small)
    if not whole.strip("0"):
        return [("money", cents), by_digit]
    coins = counted(whole, main)
    return [
        ("money", f"{coins} and {cents}"),
        ("money without and", f"{coins} {cents}"),
        ("money short", f"{cardinal(whole)} {pairs(tail)}"),
        by_digit,
    ]


def with_unit(written: str) -> Named:
    """Percent and degrees: the amount, then the sign's name ("one degree" for 1°)."""
    sign = next(char for char in written if char in _SIGNS)
    unit = _SIGNS[sign] + {"C": " Celsius", "F": " Fahrenheit"}.get(
        written[-1].upper() if sign == "°" else "", ""
    )
    whole, tail = split(written)
    unit = unit.replace("degrees", "degree") if whole == "1" and not tail else unit
    return [(name, f"{words} {unit}") for name, words in quantity(written)]


def sign(written: str) -> Named:
    """The name of a sign that stands alone."""
    return [("sign", _SIGNS.get(written) or currency_units(written)[0])]


def share(top: int, bottom: int) -> str:
    """1, 2 as one half; 3, 4 as three quarters; 9, 11 as nine elevenths."""
    one, many = _PARTS.get(bottom, ("", ""))
    if not one:
        one = say(bottom, "ordinal", "en") or ""
        many = one + "s"
    return f"{cardinal(str(top))} {one if top == 1 else many}"
