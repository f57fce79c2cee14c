"""The one form in which texts are compared: no case, no punctuation, no doubled spaces."""
from __future__ import annotations

import re
import unicodedata

APOSTROPHES = "'’‘＇"
_OUTER_APOSTROPHE = re.compile(r"(?<!\S)'+|'+(?!\S)")


class _Folding(dict[int, str]):
    """A translation table that fills itself: marks and letters and digits stay, the rest becomes a space."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        if char in APOSTROPHES:
            folded = "'"
        elif category == "Cf":  # joiners and direction marks: invisible, and never between words
            folded = ""
        else:
            folded = char if category[0] in "LMN" else " "
        self[code] = folded
        return folded


_FOLDING = _Folding()


def for_scoring(text: str) -> str:
    """`text` as scorers see it: NFKC, casefolded, punctuation and hyphens to spaces, apostrophes inside
    words kept.

    Digits, leading zeros, accents and marks of any script stay; "zero" and "oh" are not changed.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(_FOLDING)
    if "'" in folded:
        folded = _OUTER_APOSTROPHE.sub(" ", folded)
    return " ".join(folded.split())
