"""Letters in codes, as they are read aloud: by their own name, or by the radio alphabet."""
from __future__ import annotations

import re

# I and O are left out, as in most codes: beside digits they are read as one and oh.
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
RADIO = {
    word[0].upper(): word
    for word in (
        "alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa "
        "quebec romeo sierra tango uniform victor whiskey xray yankee zulu"
    ).split()
}
_BEFORE_DIGITS = re.compile(rf"(?:\b(?:[A-Z]|{'|'.join(RADIO.values())})\s+)+(?=\{{\}})")


def spelled_letters(letters: str, radio: bool = False) -> str:
    """Capitals one by one, AK as A K, which is read by the letters' names, or as alpha kilo."""
    return " ".join(RADIO[letter] if radio else letter for letter in letters)


def without_letters(carrier: str) -> str:
    """`carrier` without the spelled letters right before a mark "{}": they are a part of the code."""
    return _BEFORE_DIGITS.sub("", carrier)
