"""How early planted errors come in the order of risk: one clip in ten is wrong in one of six ways, and half
of the clips have no prompt. Beside it the orders by one clue alone.

    python benchmarks/risk_order.py [--clips N] [--seed N] [--json]
"""
from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core.config import STARTER
from core.families import named
from core.families.base import Clip
from core.quality import risk
from core.quality.clip import measure
from core.quality.risk import Evidence, rank
from core.runs.aligning import Aligners, open_aligners
from core.text.convert import to_words
from tools.espeak_words import speak

RATE = 16_000
DIGITS = "zero one two three four five six seven eight nine".split()
CARRIERS = ("order number {}", "my phone number is {}", "location {} please", "the code is {} thank you",
            "room {} on the second floor", "please write down {}")
ORDINARY = ("we met the old teacher in the garden behind the house", "the train leaves at half past seven",
            "put the large box on the table near the window", "nobody had seen his brown leather bag",
            "she bought apples and a loaf of bread", "our meeting was moved because of the rain")
SPEAKERS = {"anna": ("en-us+f2", 150, 55), "ben": ("en-us+m4", 145, 40), "carla": ("en+f5", 155, 60),
            "dirk": ("en-gb-scotland", 150, 45)}
KINDS = ("swapped", "dropped word", "doubled word", "cut end", "wrong digit", "wrong speaker")


def made(folder: Path, n: int, seed: int) -> tuple[list[Evidence], dict[str, str]]:
    """Evidence of `n` clips as the app would have it, and the planted error by clip id."""
    rng = np.random.default_rng(seed)
    wrong = {str(at): KINDS[place % len(KINDS)] for place, at in
             enumerate(rng.choice(n, n // 10, replace=False).tolist())}
    texts = [_text(rng) for _ in range(n)]
    recogniser = named("ctc").recogniser(str(STARTER), device="cpu")
    engines = [{"family": "pocketsphinx"}, {"family": "ctc", "model": str(STARTER)}]
    aligners = open_aligners({"aligners": engines})
    found = []
    for at, text in enumerate(texts):
        kind, name = wrong.get(str(at), ""), list(SPEAKERS)[at % len(SPEAKERS)]
        said = texts[(at + 1) % n] if kind == "swapped" else text
        voice = list(SPEAKERS)[(at + 1) % len(SPEAKERS)] if kind == "wrong speaker" else name
        sound = _sound(said, voice, rng)
        if kind == "cut end":
            sound = sound[: -int(RATE * rng.uniform(0.5, 0.8))]
        path = folder / f"{at}.wav"
        soundfile.write(path, sound, RATE)
        prompt, written = (text if at % 2 else None), _spoiled(text, kind, rng)
        clip = Clip(str(at), path)
        heard = to_words(recogniser.transcribe(clip).text, prompt=written, undash=True).text
        known = Evidence(str(at), written, name, prompt, heard,
                         quality=asdict(measure(sound, RATE, len(written.split()))))
        found.append(_laid(known, aligners, clip))
    return found, wrong


def _laid(known: Evidence, aligners: Aligners, clip: Clip) -> Evidence:
    laid = aligners.lay(clip, known.text)
    fit = laid.fit
    return replace(known, agreement=fit and fit.agreement, worst=fit and fit.worst)


def _text(rng: np.random.Generator) -> str:
    if rng.random() < 0.3:
        return str(rng.choice(ORDINARY))
    return str(rng.choice(CARRIERS)).format(" ".join(rng.choice(DIGITS, int(rng.integers(4, 8)))))


def _sound(text: str, name: str, rng: np.random.Generator) -> np.ndarray:
    voice, speed, pitch = SPEAKERS[name]
    said = speak(text, voice, int(speed * rng.uniform(0.92, 1.08)), int(pitch + rng.integers(-4, 5)))
    hush = np.zeros(int(RATE * rng.uniform(0.3, 0.5)), np.float32)
    sound = np.concatenate([hush, soxr.resample(said.samples, said.rate, RATE), hush])
    sound = sound * rng.uniform(0.5, 1.0) + rng.normal(0, 5e-4, len(sound))
    return sound.astype(np.float32)


def _spoiled(text: str, kind: str, rng: np.random.Generator) -> str:
    """The text as somebody wrote it down wrongly."""
    words = text.split()
    at = int(rng.integers(1, len(words) - 1))
    if kind == "dropped word":
        del words[at]
    elif kind == "doubled word":
        words.insert(at, words[at])
    elif kind == "wrong digit":
        digits = [n for n, word in enumerate(words) if word in DIGITS]
        if digits:
            place = int(rng.choice(digits))
            words[place] = str(rng.choice([digit for digit in DIGITS if digit != words[place]]))
        else:
            words[at] = "seven"
    return " ".join(words)


def caught(order: list[str], wrong: dict[str, str], share: float = 0.2) -> tuple[float, Counter[str]]:
    """The share of the errors within the first `share` of the order, and what was missed."""
    first = set(order[: round(len(order) * share)])
    missed = Counter(kind for name, kind in wrong.items() if name not in first)
    return 1 - sum(missed.values()) / len(wrong), missed


def main() -> None:
    """Make the set, order it by all clues and by each alone."""
    about = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=about)
    parser.add_argument("--clips", type=int, default=240)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clips, wrong = made(Path(folder), given.clips, given.seed)
    share, missed = caught(list(rank(clips)), wrong)
    found: dict[str, Any] = {"clips": len(clips), "errors": len(wrong), "in_first_fifth": round(share, 3),
                             "missed": dict(missed)}
    every = risk.CLUES
    for clue in every:
        risk.CLUES = (clue,)
        part = caught(list(rank(clips)), wrong)[0]
        found.setdefault("alone", {})[clue.__name__.strip("_")] = round(part, 3)
    risk.CLUES = every
    if given.json:
        print(json.dumps(found, indent=1))
        return
    print(f"{share:.0%} of {len(wrong)} errors lie in the first fifth of {len(clips)} clips; missed: "
          f"{dict(missed)}")
    print("by one clue alone:", ", ".join(f"{name} {part:.0%}" for name, part in found["alone"].items()))


if __name__ == "__main__":
    main()
