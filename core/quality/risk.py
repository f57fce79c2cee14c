"""Which clips are likeliest to be wrong, and why: each against the other clips of its set and of its speaker.

No figure means the same in two sets (one recogniser writes every third letter wrong, another none), so every
clue is measured in robust deviations: the distance from the median in units of the median absolute deviation
(Rousseeuw and Croux 1993, https://doi.org/10.1080/01621459.1993.10476408).
"""
from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from core.text.normalise import for_scoring
from core.text.spoken import digit_strings
from core.types import Finding

EDGE_WORDS = 3
FEW = 5  # clips of a speaker before "usual" means something
CALM = 2.0  # deviations that are nothing
MOST = 6.0  # points that one clue can give


@dataclass(frozen=True)
class Evidence:
    """What is known of one clip. `heard`: what a recogniser wrote, where that is not `text` itself; `margin`:
    of its least certain number; `agreement` and `worst`: see core/alignment/fit.py; `quality`: the figures of
    ClipQuality."""

    id: str
    text: str
    speaker: str = ""
    prompt: str | None = None
    heard: str | None = None
    agreement: float | None = None
    worst: float | None = None
    margin: float | None = None
    quality: Mapping[str, Any] | None = None
    language: str = "en"


@dataclass(frozen=True)
class Risk:
    """`score` in points, 0 for nothing odd; `reasons` the weightiest first."""

    score: float
    reasons: tuple[Finding, ...]


def rank(clips: Sequence[Evidence]) -> dict[str, Risk]:
    """The risk of each clip by its id, the riskiest first; ties as they came."""
    found: dict[str, list[tuple[float, Finding]]] = {clip.id: [] for clip in clips}
    for clue in CLUES:
        for at, points, finding in clue(clips):
            if points > 0:
                found[clips[at].id].append((points, finding))
    risks = {name: _risk(reasons) for name, reasons in found.items()}
    return dict(sorted(risks.items(), key=lambda item: -item[1].score))


def _risk(reasons: list[tuple[float, Finding]]) -> Risk:
    """The clues together: the weightiest whole, each further one half as much as the one before."""
    ordered = sorted(reasons, key=lambda each: -each[0])
    score = sum(points / 2**place for place, (points, _) in enumerate(ordered))
    return Risk(round(score, 3), tuple(finding for _, finding in ordered))


Clue = Callable[[Sequence[Evidence]], "list[tuple[int, float, Finding]]"]


def deviations(values: Sequence[float | None]) -> npt.NDArray[np.float64]:
    """How far each value lies from the median, in robust standard deviations; 0 for None."""
    numbers = np.array([math.nan if value is None else value for value in values], np.float64)
    if np.isfinite(numbers).sum() < FEW:
        return np.zeros(len(numbers))
    middle = np.nanmedian(numbers)
    spread = 1.4826 * np.nanmedian(np.abs(numbers - middle))
    spread = max(float(spread), 0.25 * float(np.nanstd(numbers)), 1e-9)
    return np.nan_to_num((numbers - middle) / spread)


def _by_speaker(clips: Sequence[Evidence], values: Sequence[float | None]) -> npt.NDArray[np.float64]:
    """Deviations within each speaker's clips; of a speaker with few, within all."""
    found, places = deviations(values), defaultdict(list)
    for at, clip in enumerate(clips):
        places[clip.speaker].append(at)
    for own in places.values():
        if sum(values[at] is not None for at in own) >= FEW:
            found[own] = deviations([values[at] for at in own])
    return found


def _points(deviation: float, most: float = MOST) -> float:
    return min(most, max(0.0, float(deviation) - CALM))


def _at_least(values: Sequence[float | None], found: npt.NDArray[np.float64], least: float
              ) -> npt.NDArray[np.float64]:
    """Deviations of values that are also `least` away from the median: what is hardly to be heard is not odd,
    however alike the others are."""
    numbers = np.array([math.nan if value is None else value for value in values], np.float64)
    if not np.isfinite(numbers).any():
        return found
    away = np.nan_to_num(np.abs(numbers - np.nanmedian(numbers)))
    return np.where(away >= least, found, 0.0)


def character_error_rate(reference: str, hypothesis: str) -> float:
    """Edits a letter of the reference, in the form in which texts are scored; spaces do not count."""
    left, right = (for_scoring(text).replace(" ", "") for text in (reference, hypothesis))
    return Levenshtein.distance(left, right) / max(1, len(left))


def edge_error_rate(text: str, heard: str) -> float | None:
    """Edits a letter of the first and last EDGE_WORDS words of `text` against how `heard` begins and ends: a
    cut or a foreign word at an edge shows here. None without a word; 1.0 is the most."""
    words, other = for_scoring(text).split(), for_scoring(heard).split()
    if not words:
        return None
    edges = [(words[:EDGE_WORDS], other), ([word[::-1] for word in words[::-1]][:EDGE_WORDS],
                                           [word[::-1] for word in other[::-1]])]
    n_letters = sum(len(word) for edge, _ in edges for word in edge)
    return min(1.0, sum(_beginning(edge, said) for edge, said in edges) / n_letters)


def _beginning(words: Sequence[str], other: Sequence[str]) -> int:
    """Edits from `words` to the beginning of `other` that is most like them, by letters; spaces do not
    count."""
    said = "".join(words)
    most = min(len(other), 2 * len(words) + 1)
    return min(Levenshtein.distance(said, "".join(other[:n])) for n in range(most + 1))


def _prompt(clips: Sequence[Evidence]) -> list[tuple[int, float, Finding]]:
    """The text is not what was asked for."""
    rates = [None if c.prompt is None else character_error_rate(c.prompt, c.text) for c in clips]
    usual = deviations(rates)
    told = "{:.0f} % of the letters are not those of the prompt."
    return [(at, 2.0 + min(3.0, 4 * rate) if usual[at] > 1 else 1.0,
             Finding("prompt_differs", "warn", told.format(100 * rate), rate))
            for at, rate in enumerate(rates) if rate]


def _heard(clips: Sequence[Evidence]) -> list[tuple[int, float, Finding]]:
    """A recogniser heard other words, or more: the rarer it is wrong about a word, the more that says."""
    pairs = {at: _missed(clip.text, clip.heard) for at, clip in enumerate(clips) if clip.heard is not None}
    if len(pairs) < FEW:
        return []
    said = Counter(word for at in pairs for word in set(for_scoring(clips[at].text).split()))
    missed = Counter(word for words, _ in pairs.values() for word in set(words))
    extra = sum(bool(words) for _, words in pairs.values()) / len(pairs)
    found = []
    for at, (gone, more) in pairs.items():
        points = sum(_surprise(missed[word], said[word]) for word in set(gone))
        points += _surprise(extra * len(pairs), len(pairs)) if more else 0.0
        sentence = _told_heard(clips[at], gone)
        found.append((at, min(MOST, points - 1.0), Finding("heard_differs", "warn", sentence, points)))
    return found


def _surprise(n_wrong: float, n: int) -> float:
    """Minus the logarithm of how often the recogniser is wrong about a word; little where it was met once."""
    return -math.log((n_wrong + 0.5) / (n + 1.0))


def _missed(text: str, heard: str) -> tuple[list[str], list[str]]:
    """The words of the text that were not heard, and words that were heard between its words."""
    left, right = for_scoring(text).split(), for_scoring(heard).split()
    gone, more = [], []
    for code in Levenshtein.opcodes(left, right):
        if code.tag == "insert":
            more += right[code.dest_start : code.dest_end]
        elif code.tag != "equal":
            gone += left[code.src_start : code.src_end]
    return gone, more


def _told_heard(clip: Evidence, gone: Sequence[str]) -> str:
    words = for_scoring(clip.text).split()
    is_edge = set(gone) & {*words[:EDGE_WORDS], *words[-EDGE_WORDS:]}
    where = "At its start or end something else" if is_edge and len(gone) <= EDGE_WORDS else "Something else"
    return f"{where} was heard: “{clip.heard}”."


def _digits(clips: Sequence[Evidence]) -> list[tuple[int, float, Finding]]:
    """Other digits were heard; it weighs as much as the recogniser is mostly right about digits."""
    pairs = {at: (digit_strings(clip.text, clip.language), digit_strings(clip.heard, clip.language))
             for at, clip in enumerate(clips) if clip.heard is not None}
    with_digits = [written == heard for written, heard in pairs.values() if written or heard]
    if len(with_digits) < FEW:
        return []
    points = MOST * (sum(with_digits) / len(with_digits)) ** 2
    return [(at, points, Finding("digits_differ", "warn",
                                 f"Other digits were heard: {', '.join(heard) or 'none'}."))
            for at, (written, heard) in pairs.items() if written != heard]


def _fits(clips: Sequence[Evidence]) -> list[tuple[int, float, Finding]]:
    """Text and sound do not agree, as a whole or somewhere."""
    whole = "The text fits the sound worse than this speaker's others do."
    somewhere = "Somewhere the text does not fit the sound: a word too many, too few or another one."
    agreed = [None if c.agreement is None else -math.log(max(c.agreement, 1e-6)) for c in clips]
    found = [(at, _points(deviation), Finding("text_unlike_sound", "warn", whole, clips[at].agreement))
             for at, deviation in enumerate(_by_speaker(clips, agreed))]
    worst = _by_speaker(clips, [clip.worst for clip in clips])
    return found + [(at, _points(deviation), Finding("word_unlike_sound", "warn", somewhere, clips[at].worst))
                    for at, deviation in enumerate(worst)]


def _number(clips: Sequence[Evidence]) -> list[tuple[int, float, Finding]]:
    """A number could as well have been said in another way."""
    return [(at, 2.0 * (1 - clip.margin / 0.1), Finding(
        "number_unsure", "warn", "A number could as well have been said in another way.", clip.margin))
        for at, clip in enumerate(clips) if clip.margin is not None and clip.margin < 0.1]


def _pace(clips: Sequence[Evidence]) -> list[tuple[int, float, Finding]]:
    """Letters a second of speech, against the speaker's own."""
    rates = [_rate(clip) for clip in clips]
    found = []
    for at, deviation in enumerate(_at_least(rates, _by_speaker(clips, rates), 1.5)):
        word = "more" if deviation > 0 else "fewer"
        sentence = f"{rates[at] or 0:.0f} letters a second, {word} than this speaker's other clips have."
        found.append((at, _points(abs(deviation)), Finding("odd_pace", "warn", sentence, rates[at])))
    return found


def _rate(clip: Evidence) -> float | None:
    quality = clip.quality
    if not quality:
        return None
    spoken = quality["seconds"] * (1 - quality["silence_ratio"])
    return len(for_scoring(clip.text).replace(" ", "")) / spoken if spoken > 0.2 else None


def _sound(clips: Sequence[Evidence]) -> list[tuple[int, float, Finding]]:
    """Level and pauses unlike the others', and edges without silence."""
    found = []
    figures = (("speech_dbfs", 6.0, "odd_level", "Louder or softer than this speaker's other clips."),
               ("longest_silence", 0.5, "odd_pause", "A longer pause than in this speaker's other clips."))
    for name, least, code, told in figures:
        values = [clip.quality.get(name) if clip.quality else None for clip in clips]
        for at, deviation in enumerate(_at_least(values, _by_speaker(clips, values), least)):
            is_odd = abs(deviation) if name == "speech_dbfs" else deviation
            found.append((at, _points(is_odd, 3.0), Finding(code, "warn", told, values[at])))
    for at, clip in enumerate(clips):
        edge = min(clip.quality["lead"], clip.quality["trail"]) if clip.quality else 1.0
        if edge < 0.02:
            within = "It begins or ends within the sound of a word."
            found.append((at, 5.0, Finding("cut", "warn", within, edge)))
    return found


def _voice(clips: Sequence[Evidence]) -> list[tuple[int, float, Finding]]:
    """The voice is unlike this speaker's: pitch and timbre against the medians of their clips."""
    told = "The voice is unlike this speaker's other clips: perhaps somebody else speaks."
    found, own = [], defaultdict(list)
    for at, clip in enumerate(clips):
        if clip.quality and clip.quality.get("timbre"):
            own[clip.speaker].append(at)
    for places in own.values():
        if len(places) < FEW:
            continue
        figures = np.array([clips[at].quality["timbre"] for at in places])  # type: ignore[index]
        odd = np.stack([np.abs(deviations(column.tolist())) for column in figures.T])
        distance = np.sqrt((np.minimum(odd, 8.0) ** 2).mean(0))
        for at, away in zip(places, deviations(distance.tolist()), strict=True):
            found.append((at, _points(away), Finding("odd_voice", "warn", told, round(float(away), 2))))
    return found


CLUES: tuple[Clue, ...] = (_prompt, _heard, _digits, _fits, _number, _pace, _sound, _voice)
