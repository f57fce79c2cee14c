"""Clips that are longer than a model's context, cut where nobody speaks."""

from __future__ import annotations

from collections.abc import Sequence

from core.types import Word

Window = tuple[float, float]


def cut(words: Sequence[Word], seconds: float, most: float) -> list[Window]:
    """Parts of at most `most` seconds that cover 0..`seconds`, each cut in the middle of the longest pause of
    its second half; a word is cut only where one lasts longer than that half."""
    found: list[Window] = []
    start = 0.0
    while seconds - start > most:
        end = _pause(words, start + most / 2, start + most)
        found.append((start, end))
        start = end
    return [*found, (start, seconds)]


def _pause(words: Sequence[Word], low: float, high: float) -> float:
    """The middle of the longest stretch without words between `low` and `high`; without one, `high`."""
    edges = [low, *(edge for word in words for edge in (word.start, word.end)), high]
    pauses = [(min(high, after) - max(low, before), (min(high, after) + max(low, before)) / 2)
              for before, after in zip(edges[::2], edges[1::2], strict=True)]
    longest, middle = max(pauses, key=lambda pause: pause[0])
    return middle if longest > 0 else high


def inside(words: Sequence[Word], window: Window) -> list[int]:
    """The numbers of the words that begin in `window`."""
    return [number for number, word in enumerate(words) if window[0] <= word.start < window[1]]
