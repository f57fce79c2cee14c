"""Number words back to digits, from a language's table: what is said of 0 to 999, and thousands and
millions.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from core.text.languages.table import Language
from core.text.names import say
from core.text.table_words import bent, year

_HAMZA = tuple("أإآ")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# Arabic letters that are written in more than one way; a hundred has an old spelling too, see `key`.
_SAME = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ـ": None})


def key(word: str) -> str:
    """A word as it is compared: no case, no accents and vowel signs, one form of each letter."""
    parts = unicodedata.normalize("NFD", word.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c)).translate(_SAME).replace("ماي", "مي")


@dataclass(frozen=True)
class Words:
    """The number words of a language, all as keys: `sequences` of words and their digits, at most `longest`
    words.

    `powers` are the words of 1000 and more, `doubles` double and triple, `joins` words between parts,
    `beside` words that are digits only beside others, `also` other spellings and what they stand for;
    `every` holds all words of the sequences. `glued`: compounds are one word; `prefix` may be written on
    the next word; `sure` are names of digits that only without their accents are in `beside`.
    """

    sequences: dict[tuple[str, ...], str]
    longest: int
    powers: dict[str, int]
    doubles: dict[str, int]
    joins: frozenset[str]
    beside: frozenset[str]
    also: dict[str, tuple[str, ...]]
    every: frozenset[str]
    glued: bool
    prefix: str
    sure: frozenset[str] = frozenset()

    def parts(self, written: str) -> list[str]:
        """A word in lower case as the keys that it is made of; a sure digit stays as it is written (één)."""
        if written in self.sure:
            return [written]
        # The letter for "and", and no "one" without its hamza.
        if self.prefix and written[0] == self.prefix and written[1:2] in _HAMZA:
            return [self.prefix, *self.pieces(key(written[1:]))]
        return self.pieces(key(written))

    def pieces(self, word: str) -> list[str]:
        """A key as the keys that it is made of: zweitausendvier, doppelnull, وعشرون, septante."""
        if word in self.every or word in self.powers or word in self.doubles:
            return [word]
        if word in self.also:
            return list(self.also[word])
        if self.prefix and word.startswith(self.prefix) and self.knows(word[1:]):
            return [self.prefix, *self.pieces(word[1:])]
        return self._cut(word) if self.glued else [word]

    def knows(self, word: str) -> bool:
        """Whether a key is a number word in any spelling."""
        return word in self.every or word in self.powers or word in self.also

    def _cut(self, word: str) -> list[str]:
        for double in self.doubles:
            if word.startswith(double) and (word[len(double) :],) in self.sequences:
                return [double, word[len(double) :]]
        for power in self.powers:
            left, found, right = word.partition(power)
            rest = (
                right
                if (right,) in self.sequences
                else next((right[len(join) :] for join in self.joins if right.startswith(join)), right)
            )
            if found and all(not part or (part,) in self.sequences for part in (left, rest)):
                return [part for part in (left, power, rest) if part]
        return [word]


def words_of(own: Language) -> Words:
    """The number words of a table; its numbers from 0 to 999 are said once, in each of their forms."""
    sequences: dict[tuple[str, ...], str] = {}
    for number in [*range(1000), *(range(1100, 2000) if own.hundreds else ())]:
        plain = (say(number, "cardinal", own.code) if number < 1000 else year(str(number), own, True)) or ""
        for form in _forms(plain, own):
            sequences.setdefault(_keys(form, own), str(number))
    sequences |= {_keys(name, own): str(value) for value, name in enumerate(own.digits)}
    sequences.pop((), None)
    beside = frozenset(map(key, own.beside))
    sure = frozenset(name for name in own.digits if key(name) in beside and name not in own.beside)
    sequences |= {(name,): str(own.digits.index(name)) for name in sure}
    for spelling, meant in own.also.items():
        if (value := sequences.get(_keys(meant, own))) is not None:
            sequences.setdefault(_keys(spelling, own), value)
    every = frozenset(word for sequence in sequences for word in sequence)
    return Words(
        sequences,
        max(map(len, sequences)),
        {key(word): value for word, value in own.powers.items()},
        {key(word): factor for word, factor in own.doubles},
        frozenset(map(key, own.joins)),
        beside,
        {key(spelling): _keys(meant, own) for spelling, meant in own.also.items()},
        every,
        own.joined or bool(own.doubles),
        "و" if "و" in own.prefixes else "",
        sure,
    )


def _forms(words: str, own: Language) -> list[str]:
    """`words` and all that the table's bends make of them, one bend after the other."""
    found = {words: None}
    bends = [*own.bends.values(), *own.variants.values(), *own.heard.values()]
    for n in range(1, len(bends) + 1):
        for chosen in combinations(bends, n):
            form = words
            for bend in chosen:
                form = bent(form, bend)
            found[form] = None
    return list(found)


def _keys(words: str, own: Language) -> tuple[str, ...]:
    apart = re.sub(r" و(?=\w)", " و ", words) if "و" in own.prefixes else words
    return tuple(key(word) for word in _WORD.findall(apart))


def piece(words: Sequence[str], at: int, known: Words, running: bool) -> tuple[int, str]:
    """The digit, doubled digit or cardinal that starts at `at`: (its end, its digits); digits empty for none.

    `running`: digits stand right before, so that a word which is often no number counts as one.
    """
    word = words[at]
    if word in known.doubles and at + 1 < len(words):
        digit = known.sequences.get((words[at + 1],), "")
        if len(digit) == 1:
            return at + 2, digit * known.doubles[word]
    end, digits = _cardinal(words, at, known)
    if end == at + 1 and word in known.beside and not running:
        follows = end < len(words) and (words[end].isdigit() or (words[end],) in known.sequences)
        return (end, digits) if follows and words[end] not in known.beside else (at, "")
    return end, digits


def _cardinal(words: Sequence[str], at: int, known: Words) -> tuple[int, str]:
    """A number below a thousand, or one with words of powers."""
    total, least, end = 0, 10**15, at
    while end < len(words):
        start = end + (end > at and words[end] in known.joins)
        while end > at and start < len(words) and words[start] in known.joins:
            start += 1
        after, digits = _group(words, start, known)
        power = known.powers.get(words[after], 0) if after < len(words) else 0
        big = 0 < power < least and (not digits or digits[0] != "0")
        if big and (digits or after == start):
            total, least, end = total + (int(digits) if digits else 1) * power, power, after + 1
        elif end == at:
            return after, digits
        elif digits and digits[0] != "0" and int(digits) < least:
            return after, str(total + int(digits))
        else:
            break
    return end, str(total) if total else ""


def _group(words: Sequence[str], at: int, known: Words) -> tuple[int, str]:
    """The longest name of one number at `at`: (its end, its digits)."""
    for length in range(min(known.longest, len(words) - at), 0, -1):
        digits = known.sequences.get(tuple(words[at : at + length]))
        if digits is not None:
            return at + length, digits
    return at, ""
