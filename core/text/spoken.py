"""The way back, for scoring: spoken digits as digit strings, leading zeros kept."""
from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from core.text import way_back
from core.text.names import known
from core.text.numerals import fold
from core.text.readings import checked, spoken_language
from core.text.zero import DIGITS, NEIGHBOURS, OTHER_ZEROS

_ZEROS = {**dict.fromkeys(("zero", "nought", "naught"), "0")}
_TEENS = {
    name: str(value)
    for value, name in enumerate(
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(), 10
    )
}
_TENS = {
    name: value
    for value, name in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_TIMES = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
_POWERS = {"thousand": 10**3, "million": 10**6, "billion": 10**9}
# A decimal point and a stroke are spoken ("point", "slash"), so they part two strings; a written group mark
# does not.
_LETTERS = r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u064b-\u065f\u0670])*"
_TOKEN = re.compile(rf"\d+|{_LETTERS}(?:['’]{_LETTERS})*|(?<=\d)[./](?=\d)")


def to_digits(text: str, language: str = "en", digits: Sequence[str] | None = None) -> str:
    """`text` with every maximal run of spoken digits as one digit string ("oh four two" -> "042"); the rest
    unchanged.

    Double and triple are expanded, cardinals count as their digits ("twenty five" -> "25"), digits that are
    written stay and join the run that they stand in. "one" is a digit wherever it stands, in a reference
    and a hypothesis alike. `digits` are ten words for a language without number names here.
    """
    pieces, at = [], 0
    for start, end, found in _runs(text, language, digits):
        pieces += [text[at:start], found]
        at = end
    return "".join(pieces) + text[at:]


def digit_strings(text: str, language: str = "en", digits: Sequence[str] | None = None) -> list[str]:
    """The digit strings said or written in `text`, in order: "order 0420" and "order oh four two oh" give
    ["0420"].
    """
    return [found for _, _, found in _runs(text, language, digits)]


def _runs(text: str, language: str, own_digits: Sequence[str] | None) -> list[tuple[int, int, str]]:
    """(start, end, digits) of every run, offsets in `text`."""
    folded = fold(text)
    names = _number_words(language, tuple(own_digits) if own_digits is not None else None)
    tokens = [(match.start(), match.end(), match[0].casefold()) for match in _TOKEN.finditer(folded)]
    if names is not None:
        tokens = [part for token in tokens for part in _parts(token, names)]
    words = [token[2] for token in tokens]
    runs: list[tuple[int, int, str]] = []
    at = 0
    while at < len(words):
        end, digits = _run(words, at, names)
        if digits:
            runs.append((tokens[at][0], tokens[end - 1][1], digits))
        at = max(end, at + 1)
    return runs


@lru_cache(maxsize=32)
def _number_words(language: str, digits: tuple[str, ...] | None) -> way_back.Words | None:
    """The number words of a language, none of them where no names are known; None for English."""
    code = known(language)
    if code is not None and code.startswith("en"):
        return None
    if code is None and digits is None:
        return _NO_WORDS
    return way_back.words_of(spoken_language(code or "", checked(digits) if digits is not None else None))


_NO_WORDS = way_back.Words({}, 0, {}, {}, frozenset(), frozenset(), {}, frozenset(), False, "")


def _parts(token: tuple[int, int, str], names: way_back.Words) -> list[tuple[int, int, str]]:
    """A token as the number words that it is made of; a prefix keeps its own offsets."""
    start, end, word = token
    pieces = names.parts(word)
    if len(pieces) > 1 and pieces[0] == names.prefix:
        return [(start, start + 1, pieces[0]), *((start + 1, end, piece) for piece in pieces[1:])]
    return [(start, end, piece) for piece in pieces]


def _run(words: list[str], at: int, names: way_back.Words | None) -> tuple[int, str]:
    """The run that starts at `at`: (its end, its digits), digits empty when none starts there."""
    digits = ""
    while True:
        end, piece = _piece(words, at, names, bool(digits))
        if not piece:
            return at, digits
        at, digits = end, digits + piece


def _piece(words: list[str], at: int, names: way_back.Words | None, running: bool) -> tuple[int, str]:
    """One digit, doubled digit, cardinal or written number at `at`: (its end, its digits)."""
    if at >= len(words):
        return at, ""
    word = words[at]
    if word.isdigit():
        return at + 1, word
    if names is not None:
        return way_back.piece(words, at, names, running)
    if word in OTHER_ZEROS:
        return (at + 1, "0") if running or _begins_run(words, at) else (at, "")
    if word in _TIMES and at + 1 < len(words):
        digit = _ENGLISH.get(words[at + 1]) or ("0" if words[at + 1] in OTHER_ZEROS else "")
        return (at + 2, digit * _TIMES[word]) if digit else (at, "")
    return _cardinal(words, at)


def _begins_run(words: list[str], at: int) -> bool:
    """Whether an "oh" opens a code: digits follow, two of them at the start of a text ("oh, five people")."""
    wanted = 1 if at else 2
    following = words[at + 1 : at + 1 + wanted]
    return len(following) == wanted and all(
        word in NEIGHBOURS or word in OTHER_ZEROS or word.isdigit() for word in following
    )


def _cardinal(words: list[str], at: int) -> tuple[int, str]:
    """A digit, a number below a hundred, or a number with hundred, thousand, million, at `at`."""
    start, total, group, seen = at, 0, 0, False
    end, small = _small(words, at)
    if words[at] == "a" and at + 1 < len(words) and (words[at + 1] == "hundred" or words[at + 1] in _POWERS):
        end, small = at + 1, "1"
    if (
        not small
        or end >= len(words)
        or not (words[end] == "hundred" or words[end] in _POWERS)
        or small[0] == "0"
    ):
        return (end, small) if small else (start, "")
    while small:
        at, group = end, group + int(small)
        if at < len(words) and words[at] == "hundred":
            at, group, seen = at + 1, group * 100, True
            end, small = _small(words, at + (words[at : at + 1] == ["and"]))
            if small and small[0] != "0":
                at, group = end, group + int(small)
        if at >= len(words) or words[at] not in _POWERS:
            break
        total, group, seen, at = total + group * _POWERS[words[at]], 0, True, at + 1
        end, small = _small(words, at + (words[at : at + 1] == ["and"]))
        small = "" if small.startswith("0") else small
    return at, str(total + group) if seen else ""


def _small(words: list[str], at: int) -> tuple[int, str]:
    """A digit, a teen, or tens with their digit at `at`: (its end, its digits)."""
    word = words[at] if at < len(words) else ""
    if word in _TENS:
        unit = _ENGLISH.get(words[at + 1], "0") if at + 1 < len(words) else "0"
        return (at + 2, f"{_TENS[word]}{unit}") if unit != "0" else (at + 1, f"{_TENS[word]}0")
    found = _ENGLISH.get(word) or _TEENS.get(word, "")
    return (at + 1, found) if found else (at, "")


_ENGLISH = DIGITS | _ZEROS
