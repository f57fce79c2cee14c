"""A long recording made by espeak-ng, its text with gaps, additions and swapped sections, and the truth.

    python -m tools.long_speech OUT --hours 2 [--seed N]

writes OUT/recording.wav (mono, 16 kHz), OUT/text.txt (a sentence a line, sections divided by an empty line)
and OUT/truth.json: for each sentence of the text {text, start, end, words: [[word, start], ...]} in seconds;
`start` is null where it was never said.
"""
from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools.espeak_words import speak
from tools.starter_text import ordinary_sentence

RATE = 16_000
VOICES = ("en-us", "en", "en-us+f2", "en-us+m4", "en-gb-x-rp+f4", "en-gb-scotland", "en-us+m7", "en+f5")
MISSING, EXTRA = 0.2, 0.1  # share of what is said that the text lacks; share of the text that is not said
SECTION = 12  # sentences
Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Sentence:
    """One sentence; without `start` nobody said it, without `is_written` the text lacks it."""

    text: str
    start: float | None
    end: float | None
    words: tuple[tuple[str, float], ...]
    is_written: bool
    voice: str


def make(folder: Path, hours: float, seed: int = 1) -> None:
    """Write recording, text and truth into `folder`."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    said: list[Sentence] = []
    with soundfile.SoundFile(folder / "recording.wav", "w", RATE, 1, "PCM_16") as file:
        for samples, sentence in _spoken(rng, hours * 3600):
            file.write(samples)
            if sentence:
                said.append(sentence)
    sections = _swapped(_sections(said, rng))
    written = [[one for one in section if one.is_written] for section in sections]
    blocks = ["\n".join(one.text.capitalize() + "." for one in section) for section in written if section]
    (folder / "text.txt").write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    truth = {"sentences": [asdict(one) for section in written for one in section],
             "unwritten": [asdict(one) for one in said if not one.is_written]}
    (folder / "truth.json").write_text(json.dumps(truth), encoding="utf-8")


def _spoken(rng: np.random.Generator, seconds: float) -> Iterator[tuple[Samples, Sentence | None]]:
    """Piece by piece: pauses, music, and sentences, each with its place; eight people in turn, some noise."""
    at, n_said, level, voice = 0, 0, 0.0, VOICES[0]
    while at < seconds * RATE:
        if n_said % 5 == 0:
            voice, level = str(rng.choice(VOICES)), float(rng.uniform(0.0005, 0.006))
        pause = _pause(rng, n_said)
        yield _noisy(pause, level, rng), None
        at += len(pause)
        text = ordinary_sentence(rng)
        spoken = speak(text, voice, int(rng.integers(130, 185)), int(rng.integers(30, 70)))
        found = np.flatnonzero(np.abs(spoken.samples) > 0.01)
        samples = soxr.resample(spoken.samples, spoken.rate, RATE).astype(np.float32)
        start, end = at / RATE + found[0] / spoken.rate, at / RATE + (found[-1] + 1) / spoken.rate
        words = tuple((word, round(at / RATE + when, 4)) for word, when in spoken.words)
        is_written = bool(rng.random() >= MISSING)
        yield (_noisy(0.5 * samples, level, rng),
               Sentence(text, round(start, 4), round(end, 4), words, is_written, voice))
        at, n_said = at + len(samples), n_said + 1


def _pause(rng: np.random.Generator, n_said: int) -> Samples:
    """Mostly a breath; at times half a minute of nothing, or of music."""
    if n_said and n_said % 90 == 0:
        time = np.arange(20 * RATE) / RATE
        chords = sum(np.sin(2 * np.pi * f * time * (1 + 0.25 * (time // 2 % 4))) for f in (220, 277, 330))
        return (0.08 * chords).astype(np.float32)
    length = 30.0 if n_said and n_said % 130 == 0 else float(rng.uniform(0.25, 1.5))
    return np.zeros(round(length * RATE), np.float32)


def _noisy(samples: Samples, level: float, rng: np.random.Generator) -> Samples:
    return (samples + level * rng.standard_normal(len(samples))).astype(np.float32)


def _sections(said: list[Sentence], rng: np.random.Generator) -> list[list[Sentence]]:
    """What was said, with sentences between that were not, in sections; some sections nobody ever said."""
    found: list[list[Sentence]] = []
    for at in range(0, len(said), SECTION):
        section = list(said[at : at + SECTION])
        if rng.random() < EXTRA / 2:
            found.append([_unsaid(rng) for _ in range(SECTION)])
        for _ in range(round(EXTRA / 2 * SECTION)):
            section.insert(int(rng.integers(0, len(section) + 1)), _unsaid(rng))
        found.append(section)
    return found


def _unsaid(rng: np.random.Generator) -> Sentence:
    return Sentence(ordinary_sentence(rng), None, None, (), True, "")


def _swapped(sections: list[list[Sentence]]) -> list[list[Sentence]]:
    """Two sections in each other's place, a third and two thirds through."""
    one, other = len(sections) // 3, 2 * len(sections) // 3
    sections[one], sections[other] = sections[other], sections[one]
    return sections


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    make(given.out, given.hours, given.seed)
