"""English readings: one function a kind of written number, each giving (name, words), the usual first."""
from __future__ import annotations

import re
from collections.abc import Callable

from core.text.amounts_en import (
    Named,
    cardinal,
    cardinals,
    counted,
    decimal,
    is_year,
    money,
    one_by_one,
    quantity,
    share,
    sign,
    with_unit,
    worded,
    year,
)
from core.text.languages.en import TABLE
from core.text.names import say
from core.text.numerals import Kind
from core.text.say_digits import english, pairs, spelled


def of(written: str, kind: Kind) -> Named:
    """All English readings of `written`; a leading minus is said before each of them."""
    if written.startswith("-"):
        return [(name, f"minus {words}") for name, words in of(written[1:], kind)]
    return _KINDS[kind](written)


def _digits(digits: str) -> Named:
    named = one_by_one(digits)
    named += [("year", year(digits))] if is_year(digits) else []
    named += cardinals(digits)
    named += [("pairs", pairs(digits))] if 3 <= len(digits) <= 8 else []
    if len(digits) <= 4 and digits[0] != "0":
        named.append(("ordinal", say(int(digits), "ordinal", "en") or ""))
    return named


def _groups(written: str) -> Named:
    """Digits one by one; with a comma between the groups; "800" as eight hundred."""
    groups = re.findall(r"\d+", written)
    plus = "plus " if written.startswith("+") else ""
    hundreds = " ".join(cardinal(g) if re.fullmatch("[1-9]00", g) else english(g) for g in groups)
    named = [*one_by_one(written), ("phone groups", plus + ", ".join(map(english, groups)))]
    named.append(("phone groups with oh", plus + ", ".join(english(g, "oh") for g in groups)))
    named.append(("phone groups with hundred", plus + hundreds))
    small = all(len(group) <= 4 for group in groups)
    return [*named, ("groups in pairs", plus + " ".join(pairs(g) for g in groups))] if small else named


def _range(written: str) -> Named:
    low, high = written.split("-")
    both = year if is_year(low) and is_year(high) else cardinal
    return [
        ("range", f"{both(low)} to {both(high)}"),
        ("cardinals", f"{both(low)} {both(high)}"),
        ("range digit by digit", f"{english(low)} to {english(high)}"),
        *one_by_one(written),
    ]


def _version(written: str) -> Named:
    letter = "v " if written[0] in "vV" else ""
    parts = re.findall(r"\d+", written)
    named = [
        (name, letter + word.join(cardinal(p) if p[0] != "0" else english(p) for p in parts))
        for name, word in (("version", " point "), ("version with dot", " dot "))
    ]
    return [*named, ("digit by digit", letter + " point ".join(map(english, parts)))]


def _time(written: str) -> Named:
    hour, minute = (int(part) for part in written.split(":")[:2])
    tail = "".join(" and " + counted(str(int(s)), "second") for s in written.split(":")[2:])
    short = "" if minute == 0 else f"oh {english(str(minute))}" if minute < 10 else cardinal(str(minute))
    on_the_hour = "hundred" if hour > 12 else "o'clock"
    named = [("time", f"{cardinal(str(hour))} {short or on_the_hour}{tail}")]
    half = cardinal(str((hour - 1) % 12 + 1))
    following = cardinal(str(hour % 12 + 1))
    spoken = {
        0: f"{half} o'clock",
        15: f"quarter past {half}",
        30: f"half past {half}",
        45: f"quarter to {following}",
    }
    named += [("time in words", spoken[minute])] if minute in spoken and not tail else []
    named.append(("time with 12 hours", f"{half} {short}{tail}"))
    zeros = ("time with zero", f"{english(written[:2])} {english(f'{minute:02d}')}{tail}")
    return [*named, *one_by_one(written), zeros]


def _ratio(written: str) -> Named:
    parts = written.split(":")
    return [
        ("ratio", " to ".join(map(cardinal, parts))),
        ("cardinals", " ".join(map(cardinal, parts))),
        *one_by_one(written),
    ]


def _slash(written: str) -> Named:
    texts = written.split("/")
    side_by_side = [
        ("cardinals", " ".join(map(cardinal, texts))),
        ("slash", " slash ".join(map(cardinal, texts))),
    ]
    if max(map(len, texts)) > 4:
        return [*one_by_one(written), *side_by_side]
    parts, dates = [int(part) for part in texts], _dates(texts)
    if len(parts) == 3:
        return [*dates, *one_by_one(written), *side_by_side]
    shares = [
        ("fraction", share(*parts)),
        ("fraction with over", f"{cardinal(str(parts[0]))} over {cardinal(str(parts[1]))}"),
    ]
    likely = parts[0] < parts[1] and parts[1] in (2, 3, 4, 5, 6, 8, 10, 16, 100)
    return [*(shares + side_by_side if likely else side_by_side + shares), *dates, *one_by_one(written)]


def _dates(parts: list[str]) -> Named:
    """9/11 and 9/11/2001 as dates, month first and day first, where the figures allow it."""
    tail = "" if len(parts) < 3 else " " + (year(parts[2]) if is_year(parts[2]) else pairs(parts[2]))
    named = []
    for name, month, day in (("date, month first", *parts[:2]), ("date, day first", parts[1], parts[0])):
        if 1 <= int(month) <= 12 and 1 <= int(day) <= 31:
            named.append((name, f"{TABLE.months[int(month) - 1]} {say(int(day), 'ordinal', 'en')}{tail}"))
    return named


def _date(written: str) -> Named:
    """2024-03-14 as March fourteenth twenty twenty four, and with the day first."""
    digits, month, day = written.split("-")
    if not 1 <= int(month) <= 12:
        return one_by_one(written)
    ordinal, name = say(int(day), "ordinal", "en"), TABLE.months[int(month) - 1]
    spoken = year(digits)
    return [
        ("date", f"{name} {ordinal} {spoken}"),
        ("date, day first", f"the {ordinal} of {name} {spoken}"),
        ("date, day first without the", f"{ordinal} of {name} {spoken}"),
        ("date, month as number", f"{cardinal(str(int(day)))} {cardinal(str(int(month)))} {spoken}"),
        *one_by_one(written),
    ]


def _quantity(written: str) -> Named:
    """An amount that stands on its unit: the unit as it is written, or in words."""
    found = re.fullmatch(r"([-\d.,]+)( ?)(\S*)", written)
    amount, gap, unit = found.groups() if found else (written, "", "")
    named = quantity(amount)
    noun = TABLE.units.get(unit) or TABLE.units.get(unit.lower())
    if noun is None:
        return named
    said = noun.one if amount == "1" else noun.many
    return [(name, f"{words} {unit}") for name, words in named] + [
        (f"{name} with unit", f"{words} {said}") for name, words in named
    ]


def _fraction(written: str) -> Named:
    match = re.search(r"(?:(\d+) )?\s*(\d+)/(\d+)", written)
    whole, top, bottom = match.groups() if match else (None, "0", "1")
    spoken = share(int(top), int(bottom))
    lead = f"{cardinal(whole)} and " if whole else ""
    parts = [whole] if whole else []
    article = [("fraction with a", lead + "a" + spoken[3:])] if top == "1" else []
    return [
        ("fraction", lead + spoken),
        *article,
        ("digit by digit", " ".join(english(p) for p in [*parts, top, bottom])),
    ]


def _code(written: str) -> Named:
    named = [
        ("letters and digits", spelled(written)),
        ("letters and digits with oh", spelled(written, "oh")),
        ("letters and cardinal", spelled(written, cardinals=True)),
        ("letters as a word", spelled(written, whole_letters=True)),
    ]
    runs = re.findall(r"\d+", written)
    if len(runs) == 1 and 3 <= len(runs[0]) <= 8:
        named.append(("letters and pairs", spelled(written).replace(english(runs[0]), pairs(runs[0]))))
    return named


def _hash(written: str) -> Named:
    digits = written.lstrip("# ")
    named = [(name, f"number {words}") for name, words in _digits(digits) if name != "ordinal"]
    small = len(digits) <= 2
    return sorted(named, key=lambda pair: pair[0] != "cardinal") if small else named


def _decade(written: str) -> Named:
    digits = re.sub(r"\D", "", written)
    words = year(digits) if len(digits) == 4 else cardinal(digits)
    plural = words[:-1] + "ies" if words.endswith("y") else words + "s"
    return [("decade", plural), ("digit by digit", f"{english(digits)} s")]


def _ordinal(written: str) -> Named:
    digits = re.sub(r"\D", "", written)
    words = worded(digits, "ordinal")
    return [
        ("ordinal", words.replace(" and ", " ")),
        ("ordinal with and", words),
        ("digit by digit", english(digits)),
    ]


_KINDS: dict[str, Callable[[str], Named]] = {
    "digits": _digits,
    "groups": _groups,
    "phone": _groups,
    "thousands": quantity,
    "decimal": decimal,
    "version": _version,
    "time": _time,
    "ratio": _ratio,
    "money": money,
    "range": _range,
    "slash": _slash,
    "fraction": _fraction,
    "code": _code,
    "hash": _hash,
    "decade": _decade,
    "ordinal": _ordinal,
    "percent": with_unit,
    "degrees": with_unit,
    "quantity": _quantity,
    "sign": sign,
    "date": _date,
}
