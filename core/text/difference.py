"""Where two texts differ, word by word, as a reviewer wants to see it."""
from __future__ import annotations

import re

from rapidfuzz.distance import Levenshtein

from core.text.normalise import for_scoring
from core.text.zero import zero_folded

Change = tuple[str, str, str]
_PIECES = re.compile(r"[^\s\-‐‑–—/.,:;]+[^\w\s]*")


def same(reference: str, hypothesis: str) -> bool:
    """Whether both say the same words: case and punctuation aside, zero = oh."""
    return zero_folded(for_scoring(reference).split()) == zero_folded(for_scoring(hypothesis).split())


def words_differ(reference: str, hypothesis: str) -> list[Change]:
    """Aligned stretches ("equal" | "replace" | "insert" | "delete", reference words, hypothesis words) in
    original spelling.

    Words are compared as `same` does; a side without words is "". Two empty texts give an empty list.
    """
    left, left_shown = _words(reference)
    right, right_shown = _words(hypothesis)
    return [
        (
            op.tag,
            " ".join(left_shown[op.src_start : op.src_end]),
            " ".join(right_shown[op.dest_start : op.dest_end]),
        )
        for op in Levenshtein.opcodes(left, right)
    ]


def _words(text: str) -> tuple[list[str], list[str]]:
    """Scored words (zero = oh), and beside each the piece of `text` that it came from."""
    scored: list[str] = []
    shown: list[str] = []
    for token in text.split():
        words = for_scoring(token).split()
        if not words:  # lone punctuation stays with the word before it
            shown[-1:] = [f"{shown[-1]} {token}"] if shown else []
            continue
        pieces = [token] if len(words) == 1 else _PIECES.findall(token)
        scored += words
        shown += pieces if len(pieces) == len(words) else words
    return zero_folded(scored), shown
