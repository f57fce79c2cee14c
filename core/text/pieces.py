"""A long text in pieces that are said one by one: its sentences, the long ones cut where a reader pauses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

SHORTEST = 10
"""Letters below which a sentence is said together with a neighbour, for a word alone is said without its
tune; a sign of China or Japan counts as three."""

ABBREVIATIONS: dict[str, frozenset[str]] = {
    code: frozenset(words.split())
    for code, words in {
        "ar": "د أ م هـ ص ج ق إلخ",
        "de": "dr prof hr fr frl nr str st bzw ca evtl ggf inkl usw vgl z d u s v o tel abb bd hrsg mio mrd",
        "en": "mr mrs ms dr prof st sr jr vs no vol fig approx gen col capt lt sgt rev hon dept est inc ltd"
        " e.g i.e cf al",
        "es": "sr sra srta dr dra prof ud uds av núm pág p.ej aprox tel",
        "fr": "m mm mme mlle dr pr prof st ste av bd env p.ex cf art vol tél",
        "it": "sig sigg dott prof ing avv s pag vol art tel ecc",
        "nl": "dhr mevr dr prof ir mr drs nr blz bijv d.w.z o.a m.b.t tel ca",
        "pt": "sr sra dr dra prof av pág núm aprox tel",
    }.items()
}
"""By language, words whose dot ends no sentence, in lower case and without that dot."""

_DOTTED, _FULL = ".", "!?…؟۔।॥።"
_WIDE = "。！？｡"
_CLOSING = r"\"'”’»›)\]）」』】"
# A mark, what closes behind it, and room behind that; wide marks need no room.
_END = re.compile(rf"(?:[{_DOTTED}{_FULL}]+[{_CLOSING}]*(?=\s|$)|[{_WIDE}]+[{_CLOSING}]*)\s*")
_CLAUSE = re.compile(r"[,;:،؛、，；：]+[\"'”’»)]*(?=\s)|[、，；：]+|\s[–—-](?=\s)")
_SPACE = re.compile(r"\s+")
_MIDDLE = 0.6
"""The share of a long sentence, around its middle, within which a clause may end a piece."""


def pieces(text: str, language: str = "en", most_characters: int = 200) -> list[str]:
    """The sentences of `text` in their order, none longer than `most_characters`; together they are the text.

    A mark before a small letter ends no sentence, nor does a dot behind an abbreviation, an initial or a
    number that goes on. A longer sentence is
    halved at the clause, else at the space, nearest to its middle, until its parts fit; a sentence of a word
    or two is said with the one before it, or after it. Line breaks always part. Raises ValueError for a
    limit below 1.
    """
    if most_characters < 1:
        raise ValueError(f"a piece has at least one character, not {most_characters}")
    found: list[str] = []
    for line in text.splitlines():
        short = [part for sentence in _sentences(" ".join(line.split()), language)
                 for part in _halved(sentence, most_characters)]
        found += _together(short, most_characters)
    return found


def _sentences(line: str, language: str) -> Iterator[str]:
    start = 0
    for match in _END.finditer(line):
        after = line[match.end() :]
        is_dot = match[0][0] == _DOTTED
        if after[:1].islower() or (is_dot and _goes_on(line[start : match.start()], after, language)):
            continue
        yield line[start : match.end()].strip()
        start = match.end()
    if rest := line[start:].strip():
        yield rest


def _goes_on(before: str, after: str, language: str) -> bool:
    """Whether a dot between `before` and `after` belongs to a word or a number, not to the sentence."""
    word = before.split(" ")[-1].lstrip("\"'“‘«(")
    if not after or not word:
        return False
    code = re.split("[-_]", language.strip().lower())[0]
    if word.casefold() in ABBREVIATIONS.get(code, ()):
        return True
    if word.isdigit():
        return code == "de" and len(word) <= 2  # 3. Mai
    is_initial = len(word) == 1 and word.isupper() and word != "I"
    return is_initial or re.fullmatch(r"(?:[^\W\d_]\.)+[^\W\d_]", word) is not None


def _halved(text: str, most: int) -> Iterator[str]:
    if len(text) <= most:
        yield text
        return
    at = _cut(text)
    for half in (text[:at].strip(), text[at:].strip()):
        if half:
            yield from _halved(half, most)


def _cut(text: str) -> int:
    """Where a text is cut in two: behind a clause in the middle of it, at a space, or between two letters."""
    middle, near = len(text) / 2, len(text) * _MIDDLE / 2
    clauses = [found.end() for found in _CLAUSE.finditer(text) if abs(found.end() - middle) <= near]
    spaces = [found.start() for found in _SPACE.finditer(text)]
    if places := clauses or spaces:
        return min(places, key=lambda place: abs(place - middle))
    at = int(middle)
    while at < len(text) and unicodedata.combining(text[at]):  # a mark stays on its letter
        at += 1
    return at if 0 < at < len(text) else max(1, int(middle))


def _together(sentences: list[str], most: int) -> Iterator[str]:
    """Short sentences joined with the one before them, or else with the one that follows."""
    held = ""
    for sentence in sentences:
        gap = "" if not held or any(char in _WIDE for char in held[-2:]) else " "
        joined = held + gap + sentence
        is_short = min(_n_letters(held), _n_letters(sentence)) < SHORTEST
        if held and not (is_short and len(joined) <= most):
            yield held
            joined = sentence
        held = joined
    if held:
        yield held


def _n_letters(text: str) -> int:
    return sum(3 if unicodedata.east_asian_width(char) == "W" else 1 for char in text if char.isalnum())
