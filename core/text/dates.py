"""Dates to be read aloud: spread evenly over days, months and years, and said in English."""
from __future__ import annotations

import random
import re
from calendar import monthrange
from collections.abc import Set
from datetime import date

from core.text.amounts_en import year as year_words
from core.text.names import say
from core.text.spread import column

YEARS = range(1950, 2050)
MOST = 12 * len(YEARS)  # so a year comes at most 12 times, and no month of it runs out of days
MONTHS = "January February March April May June July August September October November December".split()
_MONTH = f"(?:{'|'.join(MONTHS)})"
_ORDINAL = (
    "(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|twentieth|thirtieth"
    "|(?:thir|four|fif|six|seven|eigh|nine)teenth)"
)
# What a date leaves once its numbers are marks: "the {} first of May {}", "May {} first {}".
_LEFT = re.compile(
    rf"\b(?:the )?(?:\{{\}} )?{_ORDINAL} (?:of )?{_MONTH}\b(?: \{{\}})?"
    rf"|\b{_MONTH} (?:\{{\}} )?{_ORDINAL}\b(?: \{{\}})?",
    re.IGNORECASE,
)


def spread_dates(rng: random.Random, count: int) -> list[date]:
    """`count` different dates (at most MOST): days of the month, months and years come in even turns.

    A day that its month does not have waits for the next month that has it.
    """
    months = column(rng, count, [str(month) for month in range(1, 13)])
    years = column(rng, count, [str(year) for year in YEARS])
    days, found = _Days(rng), dict[date, None]()
    for year, month in zip(map(int, years), map(int, months), strict=True):
        fitting = {date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1)}
        found[date(year, month, days.next({one.day for one in fitting - found.keys()}))] = None
    return list(found)


class _Days:
    """The days 1 to 31 in shuffled rounds; one that does not fit stays first in the line."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._waiting: list[int] = []

    def next(self, fitting: Set[int]) -> int:
        """The first waiting day that is in `fitting`, which holds at least one of 1 to 31."""
        if fitting.isdisjoint(self._waiting):
            self._waiting += self._rng.sample(range(1, 32), 31)
        day = next(day for day in self._waiting if day in fitting)
        self._waiting.remove(day)
        return day


def say_date(day: date, day_first: bool = False) -> str:
    """March fourteenth nineteen eighty four, or the fourteenth of March nineteen eighty four."""
    ordinal = say(day.day, "ordinal", "en") or ""
    month, year = MONTHS[day.month - 1], year_words(str(day.year))
    return f"the {ordinal} of {month} {year}" if day_first else f"{month} {ordinal} {year}"


def without_date(carrier: str) -> str:
    """An English `carrier` whose digits are marks "{}", with one mark for a whole date."""
    return _LEFT.sub("{}", carrier)
