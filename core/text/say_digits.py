"""Ways to say a run of digits one after the other: plain, with oh, with double and triple, in pairs, with
letters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from core.text.names import MOST_DIGITS, digit_names, say


def digits_of(written: str, names: Sequence[str]) -> str:
    """The name of each ASCII digit in `written`, in order; everything else is left out."""
    return " ".join(names[ord(char) - 48] for char in written if char.isdigit())


def english(written: str, zero: str = "zero") -> str:
    """Digit by digit in English, "+" as plus, with `zero` or "oh" for 0."""
    names = (zero, *digit_names("en")[1:])
    return ("plus " if written.startswith("+") else "") + digits_of(written, names)


def doubled(written: str, zero: str = "zero") -> str:
    """Digit by digit with "double" and "triple" for neighbours within a group ("555-0011")."""
    names = (zero, *digit_names("en")[1:])
    words = ["plus"] if written.startswith("+") else []
    for group in re.findall(r"\d+", written):
        for digit, run in groupby(group):
            n, name = len(list(run)), names[int(digit)]
            triples = int(n % 2 == 1 and n > 1)
            words += (
                [f"triple {name}"] * triples
                + [f"double {name}"] * ((n - 3 * triples) // 2)
                + [name] * (n == 1)
            )
    return " ".join(words)


def pairs(digits: str) -> str:
    """Two digits at a time, an odd one first: 1296 "twelve ninety six", 40213 "four oh two thirteen"."""
    odd = len(digits) % 2
    parts = [english(digits[:1])] if odd else []
    chunks = [digits[at : at + 2] for at in range(odd, len(digits), 2)]
    for place, chunk in enumerate(chunks):
        if chunk == "00" and parts and place == len(chunks) - 1:
            parts.append("hundred")
        elif chunk[0] == "0":
            parts.append(english(chunk, "oh"))
        else:
            parts.append(say(int(chunk), "cardinal", "en") or "")
    return " ".join(parts)


def spelled(code: str, zero: str = "zero", cardinals: bool = False, whole_letters: bool = False) -> str:
    """Letters one by one when they are few capitals, else as a word; digits one by one, or runs as
    cardinals.
    """
    parts = []
    for letters, digits in re.findall(r"([^\W\d_]+)|(\d+)", code):
        if letters:
            parts.append(
                " ".join(letters)
                if letters.isupper() and len(letters) <= 4 and not whole_letters
                else letters
            )
        elif cardinals and digits[0] != "0" and len(digits) <= MOST_DIGITS:
            parts.append((say(int(digits), "cardinal", "en") or english(digits)).replace(" and ", " "))
        else:
            parts.append(english(digits, zero))
    return " ".join(parts)
