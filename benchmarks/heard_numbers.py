"""Which reading of a number was spoken, told by the sound alone: made speech says the same digits in two to
four ways, and the prompt is withheld. Beside it what the words around the number would have chosen.

    python benchmarks/heard_numbers.py [--numbers N] [--json]
"""
from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core.config import STARTER
from core.families.base import Clip
from core.runs.aligning import Aligners, open_aligners
from core.text.convert import choose, to_words
from tools.espeak_words import speak

RATE = 16_000
CARRIERS = ("the order number is {}", "my code is {} thank you", "room {} please", "{} is what it says",
            "we counted {} of them last week", "I was told {} at the desk")
WAYS = ("digit by digit", "pairs", "cardinal", "double/triple")
VOICES = ("en-us", "en", "en-us+f2", "en-gb-scotland", "en-us+m4", "en-gb-x-rp+f4", "en+f5", "en-us+m7")


@dataclass(frozen=True)
class Said:
    """A clip, its transcript with the digits written, and the words that were spoken."""

    path: Path
    written: str
    spoken: str


def made(folder: Path, n: int, seed: int = 3) -> Iterator[Said]:
    """About `n` clips: each number is said in all of `WAYS` that it has, by one voice."""
    rng = np.random.default_rng(seed)
    count = 0
    while count < n:
        digits = "".join(rng.choice(list("0123456789"), int(rng.integers(3, 8))))
        voice = VOICES[int(rng.integers(len(VOICES)))]
        written = CARRIERS[int(rng.integers(len(CARRIERS)))].format(digits)
        plain = to_words(written)
        names = [r.name for r in plain.items[0].readings if r.name in WAYS]
        for name in names:
            spoken = choose(plain, 0, name).text
            sound = _sound(spoken, voice, rng)
            path = folder / f"{count}.wav"
            soundfile.write(path, sound, RATE)
            yield Said(path, written, spoken)
            count += 1


def _sound(text: str, voice: str, rng: np.random.Generator) -> np.ndarray:
    said = speak(text, voice, int(rng.integers(120, 175)), int(rng.integers(30, 70)))
    hush = np.zeros(int(0.3 * RATE), np.float32)
    sound = np.concatenate([hush, soxr.resample(said.samples, said.rate, RATE), hush])
    return (sound + rng.normal(0, 5e-4, len(sound))).astype(np.float32)


def measure(aligners: Aligners, clips: list[Said]) -> dict[str, float | int]:
    """Shares of clips whose words are those that were spoken: by the sound, and by the text alone."""
    by_sound = sum(aligners.lay(Clip(c.path.stem, c.path), c.written).text == c.spoken for c in clips)
    by_text = sum(to_words(c.written).text == c.spoken for c in clips)
    n = len(clips)
    return {"clips": n, "by_sound": round(by_sound / n, 4), "by_text": round(by_text / n, 4)}


def main() -> None:
    """Make the clips and measure both engines together and the starter alone."""
    about = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=about)
    parser.add_argument("--numbers", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    engines = [{"family": "pocketsphinx"}, {"family": "ctc", "model": str(STARTER)}]
    with tempfile.TemporaryDirectory() as folder:
        clips = list(made(Path(folder), given.numbers))
        found = [{"engines": "+".join(e["family"] for e in some),
                  **measure(open_aligners({"aligners": some}), clips)} for some in (engines, engines[1:])]
    if given.json:
        print(json.dumps(found, indent=1))
        return
    for row in found:
        print(f"{row['engines']}: {row['by_sound']:.1%} of {row['clips']} clips as they were spoken "
              f"(by the text alone {row['by_text']:.1%})")


if __name__ == "__main__":
    main()
