"""How long a speaker takes for a letter, so that a model that does not end by itself is ended in time."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

DEFAULTS = {"LATIN": 0.079, "ARABIC": 0.133, "HEBREW": 0.133, "CJK": 0.193, "HANGUL": 0.193,
            "HIRAGANA": 0.128, "KATAKANA": 0.128}
"""Seconds a letter where nobody was measured, by script.

Latin: LJ Speech (K. Ito and L. Johnson, 2017), 23:55:17 hours of reading for 1,308,674 characters less the
212,615 spaces between its words. Arabic, and Hebrew, which leaves out its vowels as well: 1.69 times that, as
espeak-ng needs for one text in both languages. Signs that are syllables, Chinese and kana: 5.18 and 7.84 a
second by F. Pellegrino, C. Coupé and E. Marsico, Language 87 (2011); Hangul as the slower of them.
"""
OTHER = 0.1
"""Seconds a letter of any other script: slower than Latin, for a bound is better late than early."""
HIGH = 1.5
"""The high pace over the median: where nobody was measured, and at least so much where few were."""
QUANTILE = 0.95
ENOUGH = 10
"""Takes of a script from which their own quantile counts alone."""
LETTERS_A_DIGIT = 4.0
"""English names of digits have 4.0 letters on average; texts should be in words anyhow."""
SLACK, ROOM = 1.25, 1.5
"""What a text may take: so many times its slow pace, and seconds for breath and the silence around it."""


@dataclass(frozen=True)
class ScriptPace:
    """Seconds a letter in one script: the `median` of `n` takes and their `high` quantile."""

    median: float
    high: float
    n: int = 0


@dataclass(frozen=True)
class Pace:
    """How fast a speaker speaks, by the script in which it is written; scripts without a take have the
    default pace."""

    by_script: Mapping[str, ScriptPace] = field(default_factory=dict)

    def of(self, script: str) -> ScriptPace:
        """Seconds a letter of a script ("LATIN", "ARABIC"), of this speaker or by default."""
        usual = DEFAULTS.get(script, OTHER)
        return self.by_script.get(script) or ScriptPace(usual, HIGH * usual)

    def expected_seconds(self, text: str) -> float:
        """How long this speaker usually takes for `text`; 0 where nothing in it is said."""
        return sum(n * self.of(script).median for script, n in letters(text).items())

    def most_seconds(self, text: str) -> float:
        """How long `text` may take before something is wrong: more than a slow reading of it, and far less
        than a model that does not stop."""
        return ROOM + SLACK * sum(n * self.of(script).high for script, n in letters(text).items())


def pace_of(takes: Iterable[tuple[str, float]]) -> Pace:
    """The pace of a speaker from (text, seconds in which it was said) of reviewed takes.

    A take counts for the script in which most of its letters are. Medians do not mind some wrong takes; of
    few takes the high pace is at least 1.5 times the median. What has no letters or no length is left out.
    """
    by_script: dict[str, list[float]] = defaultdict(list)
    for text, seconds in takes:
        counts = letters(text)
        if counts and seconds > 0:
            by_script[max(counts, key=lambda script: counts[script])].append(seconds / sum(counts.values()))
    return Pace({script: _of_one(values) for script, values in sorted(by_script.items())})


def _of_one(values: Sequence[float]) -> ScriptPace:
    median, high = float(np.median(values)), float(np.quantile(values, QUANTILE))
    if len(values) < ENOUGH:
        high = max(high, HIGH * median)
    return ScriptPace(median, high, len(values))


def letters(text: str) -> dict[str, float]:
    """How many letters of each script `text` has, the most first; marks are no letters, and a digit counts as
    four of the script around it."""
    counts: Counter[str] = Counter(_script(char) for char in text if char.isalpha() and char != "ـ")
    n_digits = sum(char.isdigit() for char in text)
    found: dict[str, float] = {script: float(n) for script, n in counts.most_common()}
    if n_digits:
        around = next(iter(found), "LATIN")
        found[around] = found.get(around, 0.0) + LETTERS_A_DIGIT * n_digits
    return found


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    """The first word of a letter's name in Unicode, which is its script."""
    return unicodedata.name(letter, "?").split()[0]
