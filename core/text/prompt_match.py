"""What the prompt says at the place of each written number: the words, or at least the style, that were to
be spoken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import LCSseq, Levenshtein

from core.text.normalise import for_scoring
from core.text.numerals import Numeral
from core.text.readings import Reading
from core.text.zero import zero_folded

ENOUGH = 0.5
SAME_STYLE = 0.34
_STYLES = {
    **dict.fromkeys("zero one two three four five six seven eight nine".split(), "<digit>"),
    **dict.fromkeys(
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(), "<teen>"
    ),
    **dict.fromkeys("twenty thirty forty fifty sixty seventy eighty ninety".split(), "<tens>"),
    **dict.fromkeys("abcdefghijklmnopqrstuvwxyz", "<letter>"),
}


@dataclass(frozen=True)
class Match:
    """The reading that the prompt asks for: `cost` 0 means word by word, `margin` is the cost of the reading
    named `runner_up` above it.
    """

    reading: Reading
    cost: float
    margin: float
    spoken: str
    runner_up: str = ""


def matches(
    text: str, numerals: Sequence[Numeral], options: Sequence[tuple[Reading, ...]], prompt: str
) -> list[Match | None]:
    """For each numeral the reading that fits the words of `prompt` at its place, None where none of them
    does.

    The words outside the numbers are aligned with the prompt; what stands between two common words there is
    what was to be spoken. A wrong or missing digit in the transcript leaves the style of the prompt
    visible, and that decides.
    """
    found: list[Match | None] = [None] * len(numerals)
    spoken = list(_scored(prompt))
    for tokens, words in _gaps(_tokens(text, numerals), spoken):
        at = 0
        alone = len(tokens) == 1
        for token in tokens:
            if isinstance(token, int) and (best := _best(options[token], words[at:], alone)):
                found[token], end = best
                at += end
    return found


def _tokens(text: str, numerals: Sequence[Numeral]) -> list[str | int]:
    """Scored words, with the index of a numeral in the place of each numeral."""
    tokens: list[str | int] = []
    at = 0
    for index, numeral in enumerate(numerals):
        tokens += [*for_scoring(text[at : numeral.start]).split(), index]
        at = numeral.end
    return tokens + for_scoring(text[at:]).split()


def _gaps(tokens: list[str | int], words: list[str]) -> list[tuple[list[str | int], list[str]]]:
    """The stretches between common words in which a numeral stands, each with the prompt's words for it."""
    gaps = []
    token_at = word_at = 0
    for block in [*LCSseq.opcodes(tokens, words), None]:
        if block is None or block.tag == "equal":
            stop = (len(tokens), len(words)) if block is None else (block.src_start, block.dest_start)
            part = tokens[token_at : stop[0]]
            if any(isinstance(token, int) for token in part):
                gaps.append((part, words[word_at : stop[1]]))
            if block is not None:
                token_at, word_at = block.src_end, block.dest_end
    return gaps


@lru_cache(maxsize=16384)
def _scored(text: str) -> tuple[str, ...]:
    """Scored words; "o" is written "oh" on both sides."""
    return tuple("oh" if word == "o" else word for word in for_scoring(text).split())


@lru_cache(maxsize=16384)
def _folded(text: str) -> tuple[str, ...]:
    return tuple(zero_folded(_scored(text)))


def _best(options: tuple[Reading, ...], window: list[str], alone: bool) -> tuple[Match, int] | None:
    """The cheapest reading against `window` and where it ends there; `alone`: the window is this number and
    nothing else.
    """
    if not window or not options:
        return None
    folded = zero_folded(window)
    ranked = []
    for rank, reading in enumerate(options):
        start, end = (0, len(window)) if alone else _place(_folded(reading.text), folded)
        cost, style = _cost(reading.text, window[start:end], folded[start:end])
        ranked.append((cost, rank, style, start, end))
    ranked.sort()
    cost, rank, style, start, end = ranked[0]
    if cost > ENOUGH or style > SAME_STYLE:
        return None
    margin = ranked[1][0] - cost if len(ranked) > 1 else 1.0
    second = options[ranked[1][1]].name if len(ranked) > 1 else ""
    spoken = " ".join(window[start:end])
    return Match(options[rank], round(cost, 4), round(min(1.0, margin), 4), spoken, second), end


def _cost(text: str, window: list[str], folded: list[str]) -> tuple[float, float]:
    """(cost, style distance) of a reading against the prompt's words, 0..1 of the longer side.

    Words with zero = oh and styles weigh 0.4 each; the words as they stand 0.2, so that "oh" and "zero"
    differ a little.
    """
    words, plain = _folded(text), _scored(text)
    longer = max(len(words), len(window), 1)
    style = (
        Levenshtein.distance([_STYLES.get(w, w) for w in words], [_STYLES.get(w, w) for w in folded]) / longer
    )
    said, literal = Levenshtein.distance(words, folded) / longer, Levenshtein.distance(plain, window) / longer
    return 0.4 * said + 0.4 * style + 0.2 * literal, style


def _place(words: tuple[str, ...], window: list[str]) -> tuple[int, int]:
    """Where `words` fit best inside `window` (start, end): edit distance with free ends, the earliest place
    first.
    """
    row = [(0, start) for start in range(len(window) + 1)]
    for count, word in enumerate(words, 1):
        above, row = row, [(count, 0)]
        for at, other in enumerate(window):
            substituted = (above[at][0] + (word != other), above[at][1])
            left, up = (row[at][0] + 1, row[at][1]), (above[at + 1][0] + 1, above[at + 1][1])
            row.append(min(substituted, left, up, key=lambda cell: cell[0]))
    end = min(range(len(row)), key=lambda at: row[at][0])
    return row[end][1], end
