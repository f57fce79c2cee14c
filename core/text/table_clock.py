"""Clock times and dates from a language's table."""

from __future__ import annotations

from core.text.languages.table import Clock, Language
from core.text.names import say
from core.text.table_words import DIGIT_BY_DIGIT, Named, bent, by_digit, cardinal, counted, year


def time(written: str, own: Language) -> Named:
    """14:30 as it is read, in words on a clock of twelve hours, and digit by digit."""
    hour, minute = (int(part) for part in written.split(":")[:2])
    digits = [(DIGIT_BY_DIGIT, by_digit(written, own))]
    clock = own.clock
    if clock is None:
        return [("cardinals", " ".join(cardinal(str(int(part)), own) for part in written.split(":"))), *digits]
    tail = "".join(f" {cardinal(str(int(part)), own)}" for part in written.split(":")[2:])
    full = clock.whole if minute == 0 and not tail else clock.full
    small = (hour - 1) % 12 + 1
    named = [("time", _said(full, hour, minute, clock, own) + tail)]
    template = {15: clock.past, 30: clock.half, 45: clock.to}.get(minute, "")
    if template and not tail:
        named.append(("time in words", _said(template, small, minute, clock, own)))
        if clock.names:  # the usual way where hours have names
            named.reverse()
    if minute == 0 and hour % 24 in clock.named:
        named.append(("time in words", clock.named[hour % 24]))
    named.append(("time with 12 hours", _said(full, small, minute, clock, own) + tail))
    if 0 < minute < 10 and not tail:
        zero = _said(full, hour, minute, clock, own).removesuffix(cardinal(str(minute), own))
        named.append(("time with zero", f"{zero}{by_digit(f'{minute:02d}', own)}"))
    return [*named, ("cardinals", f"{cardinal(str(hour), own)} {cardinal(str(minute), own)}{tail}"), *digits]


def _said(template: str, hour: int, minute: int, clock: Clock, own: Language) -> str:
    """A template with the hour, the hour to come and the minutes filled in."""
    following = hour % 12 + 1
    minutes = cardinal(str(minute), own)
    return template.format(
        h=_hour(hour, clock, own),
        hours=counted(str(hour), cardinal(str(hour), own), clock.hour, own) if not clock.names else "",
        next=_hour(following, clock, own),
        next_hours=counted(str(following), cardinal(str(following), own), clock.hour, own) if not clock.names else "",
        m=minutes,
        minutes=counted(str(minute), minutes, clock.minute, own) if clock.minute else minutes,
    ).strip()


def _hour(hour: int, clock: Clock, own: Language) -> str:
    if clock.names:
        return clock.names[(hour - 1) % 12]
    words = cardinal(str(hour), own)
    return bent(words, own.bends.get("f", ())) if clock.hour.feminine else words


def date(written: str, own: Language) -> Named:
    """Year-month-day as a date in words, in each bent form, and its digits one by one."""
    digits_of_year, month, day = written.split("-")
    digits = (DIGIT_BY_DIGIT, " ".join(by_digit(part, own) for part in (day, month, digits_of_year)))
    if not own.months or not 1 <= int(month) <= 12:
        return [digits]
    number = str(int(day))
    parts = {"month": own.months[int(month) - 1], "year": year(digits_of_year, own)}
    forms = {"date": cardinal(number, own)}
    if own.day == "ordinal":
        ordinal = say(int(day), "ordinal", own.code) or ""
        forms = {f"date {name}": bent(ordinal, bends) for name, bends in own.ordinal_forms.items()}
        forms |= {"date": ordinal}
    elif number == "1" and own.first_day:
        forms = {"date": own.first_day, "date with cardinal": cardinal("1", own)}
    named = [(name, own.date.format(day=words, **parts)) for name, words in forms.items()]
    usual = f"date {own.ordinal_after.get('', '')}".strip()
    return [*sorted(named, key=lambda pair: pair[0] != usual), digits]
