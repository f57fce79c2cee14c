"""The text of long recordings as words, sentence by sentence, its numbers in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from core.errors import BadInput
from core.text.convert import to_words
from core.text.rules import Rule

# After a mark that ends a sentence in some script (and a quote that closes behind it), or at a line's end.
_SENTENCE = re.compile(r"(?:(?<=[.!?…؟۔])|(?<=[.!?…؟۔][\"'”’»)]))\s+|(?<=[。！？])|\n+")
LONGEST = 40  # words: a sentence without an end is cut here


@dataclass(frozen=True)
class Sentence:
    """Words `first` to before `stop` of the whole text; `section` is the id of the section it stands in."""

    section: int
    first: int
    stop: int


@dataclass(frozen=True)
class Text:
    """All words in order, the sentences that they make, and for each section where its words begin:
    `places[section][i]` is the place of the i-th word as it is written there."""

    words: tuple[str, ...]
    sentences: tuple[Sentence, ...]
    places: dict[int, tuple[int, ...]]


def text_of(sections: Sequence[dict[str, Any]], language: str, rules: Sequence[Rule] = (),
            digits: Sequence[str] | None = None) -> Text:
    """The words of sections {id, text}, numbers spelled out where the language has number words."""
    words, sentences, places = list[str](), list[Sentence](), dict[int, tuple[int, ...]]()
    for section in sections:
        written: list[int] = []
        for sentence in _sentences(section["text"]):
            spoken = _spoken(sentence, language, rules, digits)
            written += [len(words) + at for at in _places(sentence.split(), spoken)]
            for at in range(0, len(spoken), LONGEST):
                part = spoken[at : at + LONGEST]
                sentences.append(Sentence(section["id"], len(words), len(words) + len(part)))
                words += part
        places[section["id"]] = tuple(written)
    return Text(tuple(words), tuple(sentences), places)


def written(text: str) -> list[str]:
    """The words of a section as they are written; anchors set by hand count these."""
    return [word for sentence in _sentences(text) for word in sentence.split()]


def _sentences(text: str) -> list[str]:
    return [part for part in (piece.strip() for piece in _SENTENCE.split(text)) if part]


def _spoken(sentence: str, language: str, rules: Sequence[Rule], digits: Sequence[str] | None) -> list[str]:
    try:
        return to_words(sentence, language, rules=rules, digits=digits).text.split()
    except BadInput:  # no number words are known: the numbers stay as they are, and have no time
        return sentence.split()


def _places(written: Sequence[str], spoken: Sequence[str]) -> list[int]:
    """For each written word the first spoken one that stands for it."""
    places = [0] * len(written)
    matcher = SequenceMatcher(None, written, spoken, autojunk=False)
    for _, first, stop, other, other_stop in matcher.get_opcodes():
        for at in range(first, stop):
            places[at] = min(other + at - first, max(other, other_stop - 1), max(0, len(spoken) - 1))
    return places
