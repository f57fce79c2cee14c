"""What a whole set of texts holds: how its vocabulary grows, its alphabet, its duplicates, its outliers."""
from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.quality.risk import FEW, deviations
from core.text.normalise import for_scoring

POINTS = 100
ODD = 3.5
"""Robust deviations from the median past which a figure is an outlier: B. Iglewicz and D. Hoaglin, How to
Detect and Handle Outliers (1993)."""
RARE_CLIPS = 2
OF_ANY_SCRIPT = ("MODIFIER", "COMBINING", "")
"""Glottal stops, tone letters and marks, by the first word of their names: they go with every script."""
COMMON_SIGNS = " .,;:?!'’‘\"“”«»()-–—…"


@dataclass(frozen=True)
class Letter:
    """A sign of the texts: how often it stands there, in how many clips, and whether it is strange."""

    sign: str
    n: int
    n_clips: int
    is_strange: bool

    @property
    def name(self) -> str:
        """Its name in Unicode, for those that look alike and those that cannot be seen."""
        return unicodedata.name(self.sign, f"U+{ord(self.sign):04X}").lower()


def growth(texts: Iterable[str], points: int = POINTS) -> list[tuple[int, int]]:
    """(words so far, distinct words so far) at up to `points` places along the texts, the last one included.

    A curve that has become flat tells that more of the same brings no new words (Heaps' law).
    """
    known: set[str] = set()
    n_words, curve = 0, []
    for text in texts:
        words = for_scoring(text).split()
        n_words += len(words)
        known.update(words)
        curve.append((n_words, len(known)))
    if len(curve) <= points:
        return curve
    return [curve[round(at * (len(curve) - 1) / (points - 1))] for at in range(points)]


def alphabet(texts: Sequence[str]) -> list[Letter]:
    """The signs of the texts as they stand there, the most frequent first; white space is one of them only
    where it is no plain space. Strange: in RARE_CLIPS clips at most of many, no letter nor usual sign, or a
    letter of another script than most."""
    counts: Counter[str] = Counter()
    clips: Counter[str] = Counter()
    for text in texts:
        own = Counter(text)
        counts.update(own)
        clips.update(own.keys())
    counts.pop(" ", None)
    scripts = Counter[str]()
    for sign, count in counts.items():
        if sign.isalpha() and _script(sign) not in OF_ANY_SCRIPT:
            scripts[_script(sign)] += count
    usual = scripts.most_common(1)[0][0] if scripts else ""
    return [Letter(sign, count, clips[sign], _is_strange(sign, clips[sign], len(texts), usual))
            for sign, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))]


def _is_strange(sign: str, n_clips: int, n_all: int, script: str) -> bool:
    if sign in COMMON_SIGNS:
        return False
    is_letter = unicodedata.category(sign)[0] in "LM"
    if not is_letter or _script(sign) not in (script, *OF_ANY_SCRIPT):
        return True
    return n_clips <= RARE_CLIPS and n_all > 20 * RARE_CLIPS


def _script(letter: str) -> str:
    """The script of a letter, by the first word of its name: "LATIN", "CYRILLIC"."""
    return unicodedata.name(letter, "").split(" ")[0]


def same_texts(texts: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Groups of ids whose texts say the same words, the largest first."""
    groups: dict[str, list[str]] = {}
    for name, text in texts.items():
        if said := for_scoring(text):
            groups.setdefault(said, []).append(name)
    return sorted((tuple(ids) for ids in groups.values() if len(ids) > 1), key=lambda ids: -len(ids))


def outliers(values: Sequence[float | None]) -> tuple[float | None, list[int]]:
    """(median, places further than ODD robust deviations from it), by the median absolute deviation; none
    among fewer than FEW."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return None, []
    middle = (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2
    if len(known) < FEW:
        return middle, []
    away = deviations(values)
    return middle, [at for at, value in enumerate(values) if value is not None and abs(away[at]) > ODD]
