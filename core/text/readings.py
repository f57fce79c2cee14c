"""All sensible ways to say one written number. The engine of readings sits behind the one function
`readings`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from core.text import readings_en
from core.text.names import MOST_DIGITS, between, decimal, digit_names, must_know, plain, say
from core.text.numerals import SIGNS, Kind, Numeral
from core.text.say_digits import digits_of

Named = list[tuple[str, str]]
DIGIT_BY_DIGIT = "digit by digit"


@dataclass(frozen=True)
class Reading:
    """One way to say a number: `score` is 1 for the most usual way of its kind and falls with the rank."""

    name: str
    text: str
    score: float


def readings(numeral: Numeral, language: str = "en") -> tuple[Reading, ...]:
    """Every sensible reading of `numeral`, the most usual of its kind first; distinct texts, no digits, no
    dashes.

    Raises BadInput when no number names are known for `language`. Empty for a sign that has no name in the
    language.
    """
    return _readings(numeral.plain, numeral.kind, must_know(language))


@lru_cache(maxsize=65536)
def _readings(written: str, kind: Kind, code: str) -> tuple[Reading, ...]:
    if kind == "dashed":
        named: Named = [("words", plain(written))]
    elif code.split("_")[0] == "en":
        named = readings_en.of(written, kind)
    else:
        named = _elsewhere(written, kind, code)
    first: dict[str, str] = {}
    for name, text in named:
        if text and " ".join(text.split()) not in first.values():
            first.setdefault(name, " ".join(text.split()))
    return tuple(
        Reading(name, text, round(1 / (rank + 1), 4)) for rank, (name, text) in enumerate(first.items())
    )


# Names of signs where the language is common; elsewhere a sign stays, and the validation shows it.
_SIGN_WORDS: dict[str, dict[str, str]] = {
    "de": {"%": "Prozent", "°": "Grad", "€": "Euro", "$": "Dollar", "£": "Pfund"},
    "fr": {"%": "pour cent", "°": "degrés", "€": "euros", "$": "dollars", "£": "livres"},
    "es": {"%": "por ciento", "°": "grados", "€": "euros", "$": "dólares", "£": "libras"},
    "it": {"%": "per cento", "°": "gradi", "€": "euro", "$": "dollari", "£": "sterline"},
    "pt": {"%": "por cento", "°": "graus", "€": "euros", "$": "dólares", "£": "libras"},
    "nl": {"%": "procent", "°": "graden", "€": "euro", "$": "dollar", "£": "pond"},
}
_AS_QUANTITY = frozenset(("thousands", "decimal", "money", "percent", "degrees", "quantity", "ordinal"))


def _elsewhere(written: str, kind: Kind, code: str) -> Named:
    """Digit by digit and cardinal, with the names of signs where they are known."""
    signs = _SIGN_WORDS.get(code.split("_")[0], {})
    if kind == "sign":
        return [("sign", signs.get(written, ""))]
    names, (minus, point) = digit_names(code), between(code)
    lead = f"{minus} " if written.startswith("-") else ""
    sign = next((signs.get(char, char) for char in written if char in SIGNS), "")
    spelled = " ".join(names[int(c)] if c.isdigit() else c for c in written if c.isalnum())
    by_digit: Named = [(DIGIT_BY_DIGIT, f"{lead}{spelled} {sign}")]
    whole, _, decimals = "".join(c for c in written if c.isdigit() or c == ".").partition(".")
    leading_zero = len(whole) > 1 and whole[0] == "0"
    if not 0 < len(whole) <= MOST_DIGITS or leading_zero or kind not in _AS_QUANTITY | {"digits"}:
        return by_digit
    cardinal = say(int(whole), "cardinal", code) or ""
    if decimals and not point:  # languages that say "five whole, twenty five hundredths"
        cardinal = decimal(float(f"{whole}.{decimals}"), code)
    tail = f" {point} {digits_of(decimals, names)}" if decimals and point else ""
    natural: Named = [("cardinal", f"{lead}{cardinal}{tail} {sign}")] if cardinal else []
    return natural + by_digit if kind in _AS_QUANTITY else by_digit + natural
