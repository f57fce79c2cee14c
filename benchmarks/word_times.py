"""Word times of the aligners against the moments at which espeak-ng began each word.

    python benchmarks/word_times.py [--sentences N] [--json]
"""
from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core.config import STARTER
from core.errors import BadInput
from core.families import named
from core.families.base import Aligner, Clip
from tools.espeak_words import speak

RATE, LEAD = 16_000, 0.4
DIGITS = "zero one two three four five six seven eight nine".split()
SENTENCES = (
    "the order number is {}",
    "my phone number is {}, please call me back",
    "location {} is closed today",
    "we met the old teacher in the garden behind the house",
    "the train to the coast leaves at half past seven in the morning",
    "please put the large box on the table near the window",
    "he asked whether anybody had seen his brown leather bag",
    "code {}, thank you",
    "she bought three apples, two lemons and a loaf of bread",
    "our meeting was moved to thursday because of the rain",
)
VOICES = ("en-us", "en", "en-us+f2", "en-us+m4", "en-gb-x-rp+f4", "en-gb-scotland", "en-us+m7", "en+f5")
ENGINES = (("pocketsphinx", ""), ("ctc", str(STARTER)))


@dataclass(frozen=True)
class Made:
    """A clip, its text, and (index of a word, its true start in seconds) for the words that are known."""

    path: Path
    text: str
    starts: tuple[tuple[int, float], ...]


def made(folder: Path, n: int, seed: int = 1) -> Iterator[Made]:
    """`n` sentences by eight voices, a little noise under them."""
    rng = np.random.default_rng(seed)
    for number in range(n):
        digits = " ".join(rng.choice(DIGITS, int(rng.integers(5, 8))))
        text = SENTENCES[number % len(SENTENCES)].format(digits)
        voice = VOICES[number * len(VOICES) // n]
        said = speak(text, voice, int(rng.integers(130, 185)), int(rng.integers(30, 70)))
        hush = np.zeros(int(LEAD * RATE), np.float32)
        sound = np.concatenate([hush, soxr.resample(said.samples, said.rate, RATE), hush])
        sound += rng.normal(0, 3e-4, len(sound)).astype(np.float32)
        path = folder / f"{number}.wav"
        soundfile.write(path, sound.astype(np.float32), RATE)
        yield Made(path, text, tuple(_numbered(text, said.words)))


def _numbered(text: str, words: Sequence[tuple[str, float]]) -> Iterator[tuple[int, float]]:
    """The place of each reported word in the text, and when it begins in the clip."""
    plain = [re.sub(r"\W", "", word.lower()) for word in text.split()]
    at = 0
    for word, start in words:
        if spelled := re.sub(r"\W", "", word.lower()):  # a comma is reported, too
            at = plain.index(spelled, at)
            yield at, start + LEAD
            at += 1


def measure(aligner: Aligner, clips: Sequence[Made]) -> dict[str, float | str]:
    """Errors of word starts in ms, and how many clips the engine gave up."""
    began, errors, failed = time.perf_counter(), [], 0
    for clip in clips:
        try:
            words = aligner.listen(Clip(clip.path.stem, clip.path)).align(clip.text)
        except BadInput:
            failed += 1
            continue
        errors += [1000 * abs(words[index].start - start) for index, start in clip.starts]
    seconds = sum(soundfile.info(clip.path).duration for clip in clips)
    median, p95 = (round(float(np.percentile(errors, share)), 1) for share in (50, 95))
    return {"engine": aligner.engine, "words": len(errors), "failed": failed, "median_ms": median,
            "p95_ms": p95, "times_real_time": round(seconds / (time.perf_counter() - began), 1)}


def main() -> None:
    """Measure each engine on the same clips."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=80)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clips = list(made(Path(folder), given.sentences))
        found = [measure(named(family).aligner(model), clips) for family, model in ENGINES]
    if given.json:
        print(json.dumps(found, indent=1))
        return
    for row in found:
        print(f"{row['engine']}: {row['words']} words, median {row['median_ms']} ms, 95 % below "
              f"{row['p95_ms']} ms, {row['failed']} of {given.sentences} sentences not found, "
              f"{row['times_real_time']} times as fast as speech")


if __name__ == "__main__":
    main()
