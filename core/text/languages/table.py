"""What one language knows about numbers: the table that the readings, the finding and the way back are made of.

A new language is one file beside this one with a `TABLE`, and its line in `languages/__init__.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Noun:
    """Something that is counted: `one` livre, `many` livres; `feminine` where the number bends to it.

    `two` and `few` are the dual and the plural of 3 to 10 where a language has them (Arabic); "" elsewhere.
    """

    one: str
    many: str
    feminine: bool = False
    two: str = ""
    few: str = ""


@dataclass(frozen=True)
class Clock:
    """Clock times in words: templates in which {hours} is the counted hour ("une heure"), {h} the bare one.

    `half`, `past` and `to` are said of 30, 15 and 45 minutes on a clock of 12 hours, {next} is the hour to
    come. `named` are hours with a name of their own (12: midi), `names` the twelve hours from one to twelve
    where they are not cardinals, `minute` is what {minutes} counts.
    """

    hour: Noun
    full: str = "{h} {m}"
    whole: str = "{hours}"
    half: str = ""
    past: str = ""
    to: str = ""
    named: Mapping[int, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    minute: Noun | None = None


@dataclass(frozen=True)
class Roman:
    """Where a Roman numeral may stand, and how it is said there: templates of {cardinal} and {ordinal}.

    `titles` are the words before it ("chapitre"), `rulers` the names before it ("Louis"), `after` the words
    behind it ("secolo"), each in lower case; {Ordinal} is the ordinal with a capital. `small` replaces the
    template up to ten, `first` for one.
    """

    titles: Mapping[str, str] = field(default_factory=dict)
    rulers: frozenset[str] = frozenset()
    ruler: str = "{ordinal}"
    after: Mapping[str, str] = field(default_factory=dict)
    suffix: str = ""
    small: str = ""
    first: str = ""


Bends = tuple[tuple[str, str], ...]
"""Regular expressions and what takes their place, applied in this order."""


@dataclass(frozen=True)
class Language:
    """The numbers of one language. Only `code` and `digits` have to be there; what is empty is not read.

    Names: `digits` are the ten names, `cardinal` and `ordinal` give a number's words where num2words has no
    such language, `mend` repairs num2words' words where they are wrong. `minus`, `plus`, `point`, `to` (between
    the ends of a range), `ratio` (16:9; `to` where it is empty), `dot` (in a version), `slash`, `number` (for #) and `link` (one *and* a half) are words.

    Writing: `comma` for 1.000,5 where English writes 1,000.5; `ordinals` and `times` are regular expressions of
    a written ordinal and of a clock time besides 14:30, in which NUM, HH and MM stand for digits, MONTH for the
    months and ARTICLE_NUM for digits behind a word of `ordinal_after`; `decade` is what makes one of 1980
    ("1980er"), `prefixes` are letters that are written on the word behind them.

    Amounts: `signs` (%, °, °C), `money` (sign -> whole and small coin), `units` (kg) and `magnitudes` (million)
    name what is counted; `bends` says what a number becomes before a masculine ("m") or feminine ("f") noun, and
    `counted` takes the place of that where regular expressions do not do. `parts` are the names of 1/n, `half`
    the template of a number and a half, `cents` the usual template of {whole} coins and their {small} ones or
    bare {n}; `of_magnitude` stands between a million and what is counted ("de|d'": the second before a vowel). `decimals` is "cardinal" where 3,14 is said with fourteen. Bends with
    other names are only for the way back.

    Habits: `phone` is the reading that phone numbers have, `hundreds` the word of years ("neunzehnhundert"),
    `years` their usual reading; `joined` where compounds are one word; `doubles` are double and triple.

    Dates: `months`, and `date` with {day}, {month}, {year}; `first_day` instead of the cardinal; `day` is
    "ordinal" or "cardinal". `ordinal_forms` are bent ordinals by name, `ordinal_endings` which of them a written
    ending asks for, `ordinal_after` which of them a word before asks for ("" where none of them stands).

    Clues: words before (`before`) and right behind (`after`) a number by the style that they ask for, see
    `core.text.clues`; `feminine` are counted nouns that bend the number, `year_before` come right before a year.

    Way back: `also` gives other spellings of number words, `powers` the words of 1000 and more, `joins` the words
    between parts of a number; words in `beside` count as digits only beside other digits.
    """

    code: str
    digits: tuple[str, ...]
    cardinal: Callable[[int], str] | None = None
    ordinal: Callable[[int], str] | None = None
    mend: Callable[[str], str] | None = None
    minus: str = ""
    plus: str = ""
    point: str = ""
    dot: str = ""
    to: str = ""
    ratio: str = ""
    slash: str = ""
    number: str = ""
    link: str = ""
    prefixes: str = ""
    comma: bool = False
    ordinals: str = ""
    decade: str = ""
    times: str = ""
    signs: Mapping[str, Noun] = field(default_factory=dict)
    money: Mapping[str, tuple[Noun, Noun | None]] = field(default_factory=dict)
    units: Mapping[str, Noun] = field(default_factory=dict)
    magnitudes: Mapping[str, str] = field(default_factory=dict)
    of_magnitude: str = ""
    bends: Mapping[str, Bends] = field(default_factory=dict)
    counted: Callable[[int, str, Noun], str] | None = None
    parts: Mapping[int, Noun] = field(default_factory=dict)
    over: str = ""
    cents: str = "{whole} {small}"
    half: str = ""
    decimals: str = "digits"
    phone: str = "digit by digit"
    hundreds: str = ""
    years: str = "cardinal"
    joined: bool = False
    doubles: tuple[tuple[str, int], ...] = ()
    months: tuple[str, ...] = ()
    date: str = "{day} {month} {year}"
    first_day: str = ""
    day: str = "cardinal"
    ordinal_forms: Mapping[str, Bends] = field(default_factory=dict)
    ordinal_endings: Mapping[str, str] = field(default_factory=dict)
    ordinal_after: Mapping[str, str] = field(default_factory=dict)
    clock: Clock | None = None
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    feminine: str = ""
    year_before: str = ""
    roman: Roman | None = None
    also: Mapping[str, str] = field(default_factory=dict)
    powers: Mapping[str, int] = field(default_factory=dict)
    joins: tuple[str, ...] = ()
    beside: frozenset[str] = frozenset()
