"""The small change of readings from a table: a cardinal, a bent number, digits in pairs, a year, a counted noun."""

from __future__ import annotations

import re

from core.text.languages.table import Bends, Language, Noun
from core.text.names import MOST_DIGITS, decimal, say
from core.text.say_digits import digits_of

Named = list[tuple[str, str]]
DIGIT_BY_DIGIT = "digit by digit"


def cardinal(digits: str, own: Language) -> str:
    """The cardinal of `digits`; one by one where it has leading zeros, is too long, or the language has none."""
    plain = len(digits) <= MOST_DIGITS and (len(digits) == 1 or digits[:1] != "0")
    return (digits and plain and say(int(digits), "cardinal", own.code)) or by_digit(digits, own)


def by_digit(written: str, own: Language) -> str:
    """Digit by digit, "+" as plus."""
    plus = f"{own.plus} " if written.startswith("+") and own.plus else ""
    return plus + digits_of(written, own.digits)


def bent(words: str, bends: Bends) -> str:
    """`words` after the bends of a table."""
    for pattern, replacement in bends:
        words = re.sub(pattern, replacement, words)
    return words


def counted(whole: str, words: str, noun: Noun, own: Language) -> str:
    """`words` (of the integer `whole`, "" for a decimal) with what they count: einundzwanzig Grad, un euro."""
    if own.counted and whole and len(whole) <= MOST_DIGITS:
        return own.counted(int(whole), words, noun)
    if whole and not (noun.one == noun.many and " " in noun.one):
        words = bent(words, own.bends.get("f" if noun.feminine else "m", ()))
    return f"{words} {noun.one if whole.lstrip('0') == '1' or whole == '0' and own.code == 'fr' else noun.many}"


def is_year(digits: str) -> bool:
    """Whether `digits` can be a year: 1000 to 2999."""
    return len(digits) == 4 and "1000" <= digits <= "2999"


def year(digits: str, own: Language, hundreds: bool | None = None) -> str:
    """A year as the language says it: neunzehnhundertvierundachtzig, mille neuf cent quatre vingt quatre.

    `hundreds` asks for the one way or the other; None for the language's habit.
    """
    by_hundreds = own.years == "hundreds" if hundreds is None else hundreds
    if not (by_hundreds and own.hundreds and "1100" <= digits <= "1999" and len(digits) == 4):
        return cardinal(digits, own)
    glue = "" if own.joined else " "
    rest = digits[2:].lstrip("0")
    return cardinal(digits[:2], own) + glue + own.hundreds + (glue + cardinal(rest, own) if rest else "")


def pairs(digits: str, own: Language) -> str:
    """Two digits at a time, an odd one first; three are said as one number."""
    if len(digits) == 3 and digits[0] != "0":
        return cardinal(digits, own)
    odd = len(digits) % 2
    chunks = [digits[:odd]] * odd + [digits[at : at + 2] for at in range(odd, len(digits), 2)]
    return " ".join(cardinal(chunk, own) for chunk in chunks)


def ordinals(digits: str, own: Language) -> Named:
    """The ordinal and its bent forms."""
    words = (say(int(digits), "ordinal", own.code) if len(digits) <= 4 else "") or ""
    forms = [(f"ordinal {name}", bent(words, bends)) for name, bends in own.ordinal_forms.items()]
    return [("ordinal", words), *forms] if words else []


def split(written: str) -> tuple[str, str]:
    """Whole digits and decimals of the first amount in `written` (English conventions)."""
    found = re.search(r"(\d[\d,]*)?(?:\.(\d+))?(?<=\d)", written)
    return ((found[1] or "").replace(",", ""), found[2] or "") if found else ("", "")


def amounts(whole: str, tail: str, own: Language) -> Named:
    """An amount in words, its usual way first."""
    if not tail:
        return [("cardinal", cardinal(whole, own))]
    if not own.point:  # languages that say "five whole, twenty five hundredths"
        return [("decimal", decimal(float(f"{whole or 0}.{tail}"), own.code))] if len(whole) <= MOST_DIGITS else []
    start = f"{cardinal(whole or '0', own)} {own.point} "
    ways = [("decimal", start + by_digit(tail, own))]
    if own.decimals == "cardinal" and len(tail) <= 3:
        natural = "decimal as cardinals", start + cardinal(tail, own)
        ways = [("decimal", natural[1]), ("decimal by digits", ways[0][1])]
    elif tail[0] != "0":
        ways.append(("decimal as cardinals", start + cardinal(tail, own)))
    return ways
