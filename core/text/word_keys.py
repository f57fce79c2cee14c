"""The form in which a written and a heard word are compared, without what spellers and recognisers vary."""
from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from core.text.normalise import for_scoring

# Apostrophes, ʻokina, hamza, glottal stop: written by one, left out by the next.
_GLOTTAL = dict.fromkeys(map(ord, "'’‘ʼʻʽʾʿˀ`´ʹʔʕ"))
# Letters that Unicode does not take apart; casefold has ß already.
_WHOLE = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "ŋ": "ng"}
    | {"\u0640": None}  # only stretches Arabic letters
)

# By language, what two spellers of one word write: (pattern, replacement) on the folded word, in this order.
# Another language is another line. Both sides are changed, so a pattern may hit words it is not meant for.
VARIANTS: dict[str, tuple[tuple[str, str], ...]] = {
    "ar": (("ى", "ي"), ("ة$", "ه")),
    "de": (("ae", "a"), ("oe", "o"), ("ue", "u"), ("ph", "f")),  # a folded ä is a
    "en": (
        ("^ok$", "okay"), ("^mr$", "mister"), ("^dr$", "doctor"),
        ("our$", "or"), ("is(e[sd]?|ing|ation)$", r"iz\1"),
    ),
    "mi": (("([aeiou])\\1", r"\1"),),  # long vowels doubled in place of macrons
    "nl": (("y", "ij"),),
    "sm": (("ng", "g"), ("k", "t"), ("([aeiou])\\1", r"\1")),  # k is how t is said among friends
    "tvl": (("ng", "g"), ("([aeioufgklmnpstv])\\1", r"\1")),  # long sounds are doubled by some
}


@lru_cache(maxsize=65_536)
def key(word: str, language: str = "") -> str:
    """`word` without case, punctuation, spaces, accents, macrons and glottal stops, in the spelling chosen
    for `language` ("en", "sm", "en-GB"; one without variants changes nothing more); empty where no letter or
    digit is left.

    Numbers stay as they are written: who wants 12 to meet "twelve" hands in texts in words (`text.convert`).
    Vowel signs and tone marks that are letters of their own in their script (Devanagari, Thai, kana) stay.
    """
    folded = "".join(for_scoring(word).translate(_GLOTTAL).translate(_WHOLE).split())
    if not folded.isascii():
        apart = unicodedata.normalize("NFD", folded)
        folded = unicodedata.normalize("NFC", "".join(char for char in apart if not _accent(char)))
    for pattern, spelling in VARIANTS.get(re.split("[-_]", language.casefold())[0], ()):
        folded = re.sub(pattern, spelling, folded)
    return folded


def _accent(char: str) -> bool:
    """Marks above and below letters, and the points of Hebrew and Arabic."""
    place = unicodedata.combining(char)
    return 10 <= place <= 35 or place >= 200
