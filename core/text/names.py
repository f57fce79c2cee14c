"""Names of numbers in a language: num2words is the engine, and only here, but for tables with names by hand."""
from __future__ import annotations

import re
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache

from core.errors import BadInput
from core.text.languages import table

# Three-letter codes (MMS, Common Voice) whose first two letters would name another language.
_THREE_LETTERS = {
    "eng": "en",
    "deu": "de",
    "ger": "de",
    "fra": "fr",
    "fre": "fr",
    "spa": "es",
    "ita": "it",
    "por": "pt",
    "nld": "nl",
    "ara": "ar",
    "arb": "ar",
    "arz": "ar",
    "heb": "he",
    "rus": "ru",
    "ukr": "uk",
    "pol": "pl",
    "ces": "cs",
    "slk": "sk",
    "slv": "sl",
    "swe": "sv",
    "dan": "da",
    "nob": "no",
    "nor": "no",
    "fin": "fi",
    "hun": "hu",
    "ron": "ro",
    "tur": "tr",
    "vie": "vi",
    "tha": "th",
    "jpn": "ja",
    "kor": "ko",
    "ind": "id",
    "fas": "fa",
    "pes": "fa",
    "cat": "ca",
    "cym": "cy",
    "isl": "is",
    "lit": "lt",
    "lav": "lv",
    "ben": "bn",
    "tel": "te",
    "kan": "kn",
    "amh": "am",
    "epo": "eo",
    "smo": "sm",
    "srp": "sr",
}
_UNSAYABLE = (NotImplementedError, ArithmeticError, LookupError, TypeError, ValueError)
MOST_DIGITS = 15
# num2words 0.5.14 never comes back from a larger Amharic number.
_MOST_DIGITS_IN = {"am": 6}
# Elsewhere num2words 0.5.14 has no currencies, English names for them, or others than those asked for.
_MONEY_IN = frozenset("ca de es fi fr it nl pl pt ru uk".split())


@lru_cache(maxsize=256)
def known(language: str) -> str | None:
    """The engine's code for `language` ("en-GB" -> "en", "pt-BR" -> "pt_BR", "eng" -> "en"), or None."""
    from num2words import CONVERTER_CLASSES  # type: ignore[import-untyped,unused-ignore]

    base, _, region = language.strip().replace("-", "_").partition("_")
    base = _THREE_LETTERS.get(base.lower(), base.lower())
    for code in (f"{base}_{region.upper()}", base):
        if code in CONVERTER_CLASSES or _by_hand(code):
            return code
    return None


def _by_hand(code: str) -> bool:
    """Whether the language's own table gives the names of its numbers."""
    found = table(code)
    return found is not None and found.cardinal is not None


def must_know(language: str) -> str:
    """The engine's code for `language`; BadInput says what to do where there is none."""
    code = known(language)
    if code is None:
        raise BadInput(
            f"Numbers cannot be put into words in the language “{language}”: no number names are known "
            f"for it. "
            "Write the numbers out in the transcript by hand, or choose another language for the project."
        )
    return code


@lru_cache(maxsize=65536)
def say(number: int, form: str, code: str) -> str | None:
    """`number` as "cardinal", "ordinal" or "year" words without dashes or commas; None where the engine has
    no name.
    """
    if len(str(abs(number))) > _MOST_DIGITS_IN.get(code, MOST_DIGITS):
        return None
    own = table(code)
    if own and own.cardinal:
        return (own.ordinal if form == "ordinal" and own.ordinal else own.cardinal)(number)
    from num2words import num2words

    try:
        words = plain(str(num2words(number, lang=code, to=form)))
    except _UNSAYABLE:
        return None
    return own.mend(words) if own and own.mend else words


def plain(words: str) -> str:
    """Number words without dashes, commas and doubled spaces."""
    return " ".join(re.sub(r"[-‐‑–,\u00ad]", " ", words).split())


@lru_cache(maxsize=1024)
def digit_names(code: str) -> tuple[str, ...]:
    """The ten names of the digits 0 to 9."""
    return tuple(say(digit, "cardinal", code) or str(digit) for digit in range(10))


@lru_cache(maxsize=64)
def number_words(code: str) -> frozenset[str]:
    """Every single word that the names of 0 to 100, 1000 and a million are made of, in lower case."""
    words: set[str] = set()
    for number in (*range(101), 1000, 1_000_000):
        for form in ("cardinal", "ordinal"):
            words |= set((say(number, form, code) or "").casefold().split())
    if code.startswith("en"):
        words |= {"oh", "billion", "trillion", "thousands", "hundreds", "millions"}
        words -= {"and"}
    return frozenset(words)


@lru_cache(maxsize=64)
def between(code: str) -> tuple[str, str]:
    """The words for minus and for the decimal point, taken from the engine's own -5 and 1.5; "" where it
    has none.
    """
    one, five = (say(number, "cardinal", code) or "" for number in (1, 5))
    negative, half = say(-5, "cardinal", code) or "", decimal(1.5, code)
    minus = negative.removesuffix(five).strip() if negative.endswith(five) else ""
    point = half.removeprefix(one).removesuffix(five).strip() if half.endswith(five) else ""
    return minus, "" if " " in point else point


@lru_cache(maxsize=4096)
def money(amount: str, currency: str, code: str) -> str | None:
    """`amount` ("12.50") of a currency ("EUR") in the engine's words; None where it has none, or no sound
    ones.
    """
    from num2words import num2words

    if code not in _MONEY_IN:
        return None
    with suppress(*_UNSAYABLE):
        return plain(str(num2words(Decimal(amount), lang=code, to="currency", currency=currency)))
    return None


def decimal(value: float, code: str) -> str:
    """`value` in the engine's own words ("five whole and twenty five hundredths" in some languages); ""
    where it has none.
    """
    from num2words import num2words

    if value >= 10 ** _MOST_DIGITS_IN.get(code, MOST_DIGITS):
        return ""
    with suppress(*_UNSAYABLE):
        return plain(str(num2words(value, lang=code)))
    return ""
