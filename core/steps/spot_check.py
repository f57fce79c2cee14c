"""Spot-check: clips with their figures, in an order and within a filter, each marked right, wrong or fixed.

Five thousand clips are read anew at each step of a page, so only what is asked for is worked out: a figure of
all clips when it is sorted by, all figures of those that are shown.
"""
from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from core.errors import BadInput
from core.library import Change, Check, Library, Project
from core.library.transcripts import Draft
from core.quality.clip import ClipQuality, faults
from core.quality.figures import METRICS, Material, figure, quality_of
from core.quality.sets import what_it_proves
from core.steps import loudness
from core.steps.convert import proposal
from core.steps.review import MAX_TEXT
from core.steps.risk import ranked
from core.steps.word_edges import moved
from core.text.rules import Rule
from core.types import Finding

MARKS = ("right", "wrong", "fixed", "skip", "")
"""`fixed`: it was wrong, and somebody has mended it; it counts as wrong in what a sample proves."""
BAD = ("wrong", "fixed")
RISK, OLDEST, DRAWN = "risk", "oldest", "drawn"
PATIENCE = 60.0
"""Seconds for which an order of risk stays as it is."""


@dataclass(frozen=True)
class Checks:
    """The clips of a project, and what their figures are made of."""

    project: Project
    clips: tuple[Check, ...]
    rules: tuple[Rule, ...] = ()
    loudness: Mapping[str, float | None] = field(default_factory=dict)

    def material(self, clip: Check, heard: bool = False) -> Material:
        """What the figures of a clip are made of, with `heard` also that of the one that compares with what a
        recogniser wrote, whose numbers have to be converted."""
        made = Material(clip.quality, clip.text, loudness_lufs=self.loudness.get(loudness.key_of(clip)))
        if not heard or clip.heard is None:
            return made
        return replace(made, heard=_in_words(clip.heard, clip.text, self.rules, self.project.language,
                                             self.project.digit_words))

    def figure(self, clip: Check, name: str) -> float | None:
        """One figure of a clip."""
        return figure(self.material(clip, heard=name == "edge_cer"), name)

    def figures(self, name: str) -> list[float | None]:
        """One figure of all clips, in their order. Raises BadInput for a figure that there is not."""
        if name not in METRICS:
            raise BadInput(f"“{name}” is no metric; choose one of {', '.join(METRICS)}.")
        return [self.figure(clip, name) for clip in self.clips]

    def quality(self, clip: Check) -> ClipQuality | None:
        """What was measured when it came in, with the speaking rate of the words that are known now."""
        return quality_of(self.material(clip))

    def findings(self, clip: Check) -> tuple[Finding, ...]:
        """What was noticed about the sound of a clip."""
        found = self.quality(clip)
        return tuple(faults(found)) if found else ()

    def only(self, clips: Iterable[Check]) -> Checks:
        """The same with other clips."""
        return replace(self, clips=tuple(clips))


def checks(lib: Library, project: Project) -> Checks:
    """The clips of a project that nobody has rejected, oldest first."""
    return Checks(project, tuple(lib.clips.checks(project.id)), tuple(lib.rules.of(project.id)),
                  loudness.known(lib.root))


@lru_cache(maxsize=65536)
def _in_words(heard: str, text: str | None, rules: tuple[Rule, ...], language: str,
              digits: tuple[str, ...] | None) -> str:
    """What was heard, its numbers in the words of the text."""
    try:
        converted = proposal(heard, language, text, rules=rules, digits=digits)
    except BadInput:  # no number names are known for this language
        return heard
    return converted[0] if converted else heard


def ordered(lib: Library, found: Checks, sort: str = OLDEST, down: bool = False) -> Checks:
    """The clips by a metric (those without it come last), riskiest first (RISK), or as they are.

    Raises BadInput for an order that there is not.
    """
    if sort in (OLDEST, DRAWN):
        return found
    if sort == RISK:
        risks = ranked(lib, found.project, PATIENCE)
        return found.only(sorted(found.clips, key=lambda clip: -(risks[clip.id].score if clip.id in risks
                                                                 else 0.0)))
    values = {clip.id: value for clip, value in zip(found.clips, found.figures(sort), strict=True)}
    return found.only(sorted(found.clips, key=lambda clip: _key(values[clip.id], down)))


def _key(value: float | None, down: bool) -> tuple[bool, float]:
    return (value is None, 0.0 if value is None else (-value if down else value))


def fitting(found: Checks, asked: Mapping[str, Any] | None) -> Checks:
    """Those that a filter asks for: {metric, low, high} (a bar: low <= value < high), {letter}, or
    {clips: ids}; all for none."""
    if not asked:
        return found
    if "metric" in asked:
        low, high = float(asked["low"]), float(asked["high"])
        values = zip(found.clips, found.figures(str(asked["metric"])), strict=True)
        return found.only(clip for clip, value in values
                          if value is not None and low <= value < high)
    if "letter" in asked:
        return found.only(clip for clip in found.clips if str(asked["letter"]) in (clip.text or ""))
    wanted = set(asked.get("clips", ()))
    return found.only(clip for clip in found.clips if clip.id in wanted)


def mark(lib: Library, project: Project, clip_id: str, mark: str, expected: str, who: str) -> None:
    """Say that a clip is right or wrong, or skip it; Stale where somebody else was faster."""
    lib.changes.apply(project.id, [marking(clip_id, expected, mark)], who)


def marking(clip_id: str, expected: str, mark: str) -> Change:
    """A mark as a change. Raises BadInput for a mark that there is not."""
    if mark not in MARKS:
        raise BadInput(f"“{mark}” is no mark; choose right, wrong, fixed or skip.")
    return Change(clip_id, "mark", expected, mark)


def fix(lib: Library, project: Project, clip_id: str, text: str, version: int | None, expected: str,
        who: str) -> None:
    """Another text, and the mark `fixed`: one batch, one undo. Stale when the text or the mark is not as it
    was seen; BadInput for a text that says nothing new."""
    clean = " ".join(text.split())
    seen = lib.transcripts.get(version)
    if not clean or (seen and seen.text == clean):
        raise BadInput("The text is as it was; correct it first, or mark the take as right or wrong.")
    if len(clean) > MAX_TEXT:
        raise BadInput(f"The transcript has {len(clean)} characters; a take's text has at most {MAX_TEXT}.")
    lib.transcripts.append(project.id, [Draft(clip_id, clean, "person", version)], who,
                           changes=[marking(clip_id, expected, "fixed")])


def fix_word(lib: Library, project: Project, clip_id: str, index: int, times: tuple[float, float],
             version: int | None, expected: str, who: str) -> None:
    """Another start and end of a word, and the mark `fixed`: one batch, one undo."""
    draft = moved(lib, clip_id, index, *times, version)
    lib.transcripts.append(project.id, [draft], who, changes=[marking(clip_id, expected, "fixed")])


def proof(lib: Library, project: Project) -> str:
    """What all marks together say about all clips that were not rejected; only where the clips were met by
    chance does it prove anything (core/steps/sample.py)."""
    found = lib.clips.checks(project.id)
    n_right, n_bad = sum(clip.mark == "right" for clip in found), sum(clip.mark in BAD for clip in found)
    return what_it_proves(n_right, n_bad, len(found))


def values(found: Checks, metric: str) -> list[float]:
    """All values of one metric that are known, for a histogram."""
    return [value for value in found.figures(metric) if value is not None and math.isfinite(value)]


def bars(numbers: Sequence[float], most: int = 24) -> list[tuple[float, float, int]]:
    """(from, to, how many) of the bars of a histogram, with round edges; none for no numbers."""
    if not numbers:
        return []
    low, high = min(numbers), max(numbers)
    step = _round_step((high - low) / most if high > low else max(abs(low), 1.0) / 10)
    first, n = math.floor(low / step), math.floor(high / step) - math.floor(low / step) + 1
    counts = [0] * n
    for number in numbers:
        counts[min(max(math.floor(number / step) - first, 0), n - 1)] += 1
    return [((first + i) * step, (first + i + 1) * step, count) for i, count in enumerate(counts)]


def _round_step(least: float) -> float:
    """1, 2 or 5 times a power of ten, at least as wide."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
