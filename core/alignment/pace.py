"""Which reading of a number fits the time it took, where only a recogniser's own times are known."""
from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from statistics import median

from core.text.convert import Conversion
from core.types import Word

_VOWELS = re.compile(r"[aeiouyāēīōūà-æè-ïò-öù-ýœ]+", re.IGNORECASE)
ENOUGH = 2  # other words, before their pace says something
CLOSE = 0.25  # a quarter longer or shorter is no difference: then what the text says decides


def by_pace(conversion: Conversion, own: Sequence[Word]) -> dict[int, dict[str, float]]:
    """By number and name of its reading, how far its expected length lies from the time it took: minus the
    distance of their logarithms beyond `CLOSE`. `own` are the words, with times, that the source text is made
    of; nothing where too few of them are no numbers, or where they are not those of the text."""
    places = _places(conversion.source, own)
    inside = {at: [n for n, (start, end) in places.items() if start < item.end and end > item.start]
              for at, item in enumerate(conversion.items)}
    numbers = {n for found in inside.values() for n in found}
    paces = [(word.end - word.start) / syllables(word.text) for n, word in enumerate(own)
             if n in places and n not in numbers and word.end > word.start]
    if len(paces) < ENOUGH:
        return {}
    pace = median(paces)
    took = {at: own[found[-1]].end - own[found[0]].start for at, found in inside.items() if found}
    return {at: _scores(conversion, at, seconds, pace) for at, seconds in took.items() if seconds > 0}


def _scores(conversion: Conversion, at: int, seconds: float, pace: float) -> dict[str, float]:
    item = conversion.items[at]
    liked = sorted(item.readings, key=lambda reading: reading != item.chosen)
    found = {}
    for place, reading in enumerate(liked):
        away = abs(math.log(seconds / (pace * sum(map(syllables, reading.text.split())))))
        found[reading.name] = round(-max(0.0, away - CLOSE) - 0.001 * place, 4)
    return found


def syllables(word: str) -> int:
    """Groups of vowels, at least one; in scripts without written vowels every second letter."""
    if word.isascii() or _VOWELS.search(word):
        silent = word.lower().endswith("e") and not word.lower().endswith(("le", "ee"))
        return max(1, len(_VOWELS.findall(word)) - (silent and word.isascii()))
    return max(1, round(sum(char.isalpha() for char in word) / 2))


def _places(source: str, own: Sequence[Word]) -> Mapping[int, tuple[int, int]]:
    """Where each of the recogniser's words stands in the text."""
    found, at = {}, 0
    for number, word in enumerate(own):
        spoken = word.text.strip()
        place = source.find(spoken, at) if spoken else -1
        if place >= 0:
            at = place + len(spoken)
            found[number] = (place, at)
    return found
