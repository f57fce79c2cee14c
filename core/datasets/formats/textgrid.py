"""Praat TextGrid beside a sound: a tier a speaker, and where word times are known "SPEAKER - words"."""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from core.audio.header import info
from core.datasets.formats.base import Found, by_sound, each_pair, length_of, pairs, speaker_of
from core.datasets.formats.praat_text import Interval, Tier, composed, parsed
from core.datasets.formats.texts import clean, text_of, write_lines
from core.types import Word

ENDINGS = (".textgrid",)
NO_NAMES = ("utterances", "utterance", "text", "texts", "sentence", "sentences", "transcript",
            "transcription", "segment", "segments", "label", "labels", "orthography", "ort", "ort-mau")
"""Tiers that are not called after a speaker."""
_WORDS = re.compile(r"(?:(?P<speaker>.+?) - )?(?:words?|ort-mau)", re.I)
_OTHER = re.compile(r".*\b(?:phones?|phonemes?|mau|kan-mau|notes?|comments?)", re.I)
_LAYER = re.compile(r" \(\d+\)$")


def claims(path: Path) -> bool:
    """A file beside a sound of the same name, or a folder that holds one."""
    return next(pairs(path, ENDINGS), None) is not None


def read(path: Path, root: Path) -> Iterator[Found]:
    """What it says of the sound beside it, or what all of a folder say."""
    yield from each_pair(path, ENDINGS, parts)


def parts(path: Path, audio: Path) -> list[Found]:
    """One part a labelled stretch, with the words of its speaker that lie in it.

    Tiers of words alone (as the Montreal Forced Aligner makes them) are the text of the whole sound, or with
    several speakers from the first word to the last. BadInput for what is no TextGrid.
    """
    said: dict[str, list[Interval]] = {}
    words: dict[str, list[Interval]] = {}
    for tier in parsed(text_of(path).removeprefix("\ufeff"), path.name):
        name = _LAYER.sub("", tier.name.strip())
        if match := _WORDS.fullmatch(name):
            words.setdefault(_speaker(match["speaker"] or "", audio), []).extend(_clean(tier, path))
        elif not _OTHER.fullmatch(name):
            said.setdefault(_speaker(name, audio), []).extend(_clean(tier, path))
    if any(said.values()):
        found = [_part(audio, each, speaker, words.get(speaker, ()))
                 for speaker, stretches in said.items() for each in stretches]
        return sorted(found, key=lambda part: part.start)
    spoken = {speaker: sorted(each) for speaker, each in words.items() if each}
    return [_joined(audio, each, speaker, len(spoken) == 1) for speaker, each in spoken.items()]


def _speaker(name: str, audio: Path) -> str:
    return "" if name.casefold() in NO_NAMES else speaker_of(name, audio)


def _clean(tier: Tier, path: Path) -> list[Interval]:
    return [(start, end, clean(label, path.name)) for start, end, label in tier.intervals if end > start]


def _part(audio: Path, stretch: Interval, speaker: str, words: Sequence[Interval]) -> Found:
    start, end, text = stretch
    inside = [each for each in words if start <= (each[0] + each[1]) / 2 <= end]
    return Found(audio, text, tuple(_word(each, start) for each in inside), speaker, start=start, end=end)


def _word(stretch: Interval, origin: float) -> Word:
    start, end, text = stretch
    return Word(text, max(round(start - origin, 6), 0.0), round(end - origin, 6))


def _joined(audio: Path, words: Sequence[Interval], speaker: str, is_whole: bool) -> Found:
    start, end = (0.0, None) if is_whole else (words[0][0], words[-1][1])
    said = tuple(_word(each, start) for each in words)
    return Found(audio, " ".join(word.text for word in said), said, speaker, start=start, end=end)


def write(folder: Path, found: Iterable[Found]) -> None:
    """A .TextGrid beside each sound."""
    for audio, parts in by_sound(found).items():
        write_lines(audio.with_suffix(".TextGrid"), composed(_tiers(parts), info(audio).seconds))


def _tiers(parts: Sequence[Found]) -> list[Tier]:
    tiers = []
    for speaker in dict.fromkeys(part.speaker for part in parts):
        mine = [part for part in parts if part.speaker == speaker]
        said = [(part.start, part.start + length_of(part), part.text) for part in mine if part.text]
        words = [(round(part.start + word.start, 6), round(part.start + word.end, 6), word.text)
                 for part in mine for word in part.words if word.end > word.start]
        tiers.append(Tier(speaker or NO_NAMES[0], tuple(said)))
        if words:
            tiers.append(Tier(f"{speaker} - words" if speaker else "words", tuple(words)))
    return tiers
