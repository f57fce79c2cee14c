"""Times borrowed from a recogniser's own words, for a text that says the same in other words."""
from __future__ import annotations

from collections.abc import Iterable, Sequence

from rapidfuzz.distance import Levenshtein, Opcode

from core.text.normalise import for_scoring
from core.types import Word


def borrow(text: str, own: Sequence[Word]) -> tuple[Word, ...]:
    """The words of `text` (as divided by spaces) with the times of the recogniser's `own` words.

    A word that both have takes its time; what stands between two of those shares the time there, by its
    letters ("1296803" is one word to the recogniser and seven in the text). No words where there are none to
    borrow from.
    """
    words = text.split()
    if not own or not words:
        return ()
    found: list[Word] = []
    codes = Levenshtein.opcodes([_plain(word.text) for word in own], [_plain(word) for word in words])
    for own_from, own_to, from_, to in _stretches(codes):
        start, end = _time(own, own_from, own_to)
        found += _shared(words[from_:to], start, end)
    return tuple(found)


def _plain(word: str) -> str:
    return for_scoring(word).replace(" ", "")


def _stretches(codes: Iterable[Opcode]) -> list[tuple[int, int, int, int]]:
    """Each word that both have by itself; neighbouring differences together."""
    made: list[tuple[int, int, int, int]] = []
    last = "equal"
    for code in codes:
        a, b, c, d = code.src_start, code.src_end, code.dest_start, code.dest_end
        if code.tag == "equal":
            made += [(a + n, a + n + 1, c + n, c + n + 1) for n in range(b - a)]
        elif last != "equal":
            made[-1] = (made[-1][0], b, made[-1][2], d)
        else:
            made.append((a, b, c, d))
        last = code.tag
    return made


def _time(own: Sequence[Word], from_: int, to: int) -> tuple[float, float]:
    """From the first to the last of these words; of none, the gap at their place."""
    if from_ < to:
        return own[from_].start, own[to - 1].end
    before = own[from_ - 1].end if from_ else own[0].start
    return before, max(before, own[from_].start if from_ < len(own) else before)


def _shared(words: Sequence[str], start: float, end: float) -> list[Word]:
    letters = [max(1, len(_plain(word))) for word in words]
    total, at, found = sum(letters), start, []
    for word, n in zip(words, letters, strict=True):
        till = at + (end - start) * n / total
        found.append(Word(word, round(at, 3), round(till, 3)))
        at = till
    return found
