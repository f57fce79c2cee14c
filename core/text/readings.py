"""All sensible ways to say one written number. The engine of readings sits behind the one function
`readings`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from core.errors import BadInput
from core.text import readings_en, table_readings
from core.text.languages import table
from core.text.languages.table import Language
from core.text.names import between, digit_names, known, must_know, plain, say
from core.text.numerals import Kind, Numeral
from core.text.table_words import DIGIT_BY_DIGIT as DIGIT_BY_DIGIT
from core.text.table_words import Named


@dataclass(frozen=True)
class Reading:
    """One way to say a number: `score` is 1 for the most usual way of its kind and falls with the rank."""

    name: str
    text: str
    score: float


def readings(
    numeral: Numeral, language: str = "en", digits: Sequence[str] | None = None
) -> tuple[Reading, ...]:
    """Every sensible reading of `numeral`, the most usual of its kind first; distinct texts, no digits, no
    dashes.

    `digits` are ten words for 0 to 9 in a language whose numbers have no names here; everything is then read
    digit by digit. Raises BadInput when no number names are known for `language` and none are given, or when
    `digits` are not ten words. Empty for a sign that has no name in the language.
    """
    own_words = checked(digits) if digits is not None else None
    code = must_know(language) if own_words is None else known(language) or ""
    return _readings(numeral.plain, numeral.kind, code, own_words)


def checked(digits: Sequence[str]) -> tuple[str, ...]:
    """`digits` without outer spaces; BadInput when they are not ten different words without digits."""
    words = tuple(" ".join(word.split()) for word in digits)
    if len(set(words)) != 10 or len(words) != 10 or not all(words) or any(c.isdigit() for c in "".join(words)):
        raise BadInput(
            "The names of the digits have to be ten different words, for zero to nine and in this order; "
            f"these are {len(words)}: {', '.join(words) or 'none'}. Mend the list in the project's settings."
        )
    return words


@lru_cache(maxsize=64)
def spoken_language(code: str, digits: tuple[str, ...] | None = None) -> Language:
    """The table of an engine's code, made from the engine's names where none was written by hand.

    With `digits` it reads digit by digit and nothing else, unless the language has a table of its own.
    """
    own = table(code)
    if own:
        return replace(own, digits=digits) if digits else own
    if digits:
        return Language("", digits)
    minus, point = between(code)
    return Language(code, digit_names(code), minus=minus, point=point)


@lru_cache(maxsize=65536)
def _readings(written: str, kind: Kind, code: str, digits: tuple[str, ...] | None) -> tuple[Reading, ...]:
    if kind == "dashed":
        named: Named = [("words", plain(written))]
    elif kind == "roman":
        named = _roman(written, code)
    elif code.split("_")[0] == "en":
        named = readings_en.of(written, kind)
    else:
        named = table_readings.of(written, kind, spoken_language(code, digits))
    first: dict[str, str] = {}
    for name, text in named:
        if text and " ".join(text.split()) not in first.values():
            first.setdefault(name, " ".join(text.split()))
    return tuple(
        Reading(name, text, round(1 / (rank + 1), 4)) for rank, (name, text) in enumerate(first.items())
    )


def _roman(written: str, code: str) -> Named:
    """A Roman numeral as its place asks for ("8 the {ordinal}"), as a cardinal, as an ordinal."""
    number, template = written.split(" ", 1)
    cardinal, ordinal = (plain(say(int(number), form, code) or "") for form in ("cardinal", "ordinal"))
    words = {"cardinal": cardinal, "ordinal": ordinal, "Ordinal": ordinal[:1].upper() + ordinal[1:]}
    return [("roman", template.format(**words)), ("cardinal", cardinal), ("ordinal", ordinal)]
