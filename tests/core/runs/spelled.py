"""Sound that spells its text, and a model that reads it: letters are loudnesses, so tests need no speech.

Each letter lasts 40 ms with a loudness of its own, a space 60 ms of a soft one; a pause is silent.
"""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from core.modelling.ctc_decoding import Alphabet, words
from core.runs.long.hearing import Source
from core.types import Word

RATE, FRAME = 16_000, 320
LETTERS = "_ abcdefghijklmnopqrstuvwxyz'"  # the blank, the delimiter
LOUDEST, SOFT = 0.9, 0.3


def sound_of(parts: Sequence[str | float], seed: int = 0) -> npt.NDArray[np.float32]:
    """Mono samples at 16 kHz: texts are spelled, numbers are seconds of silence."""
    rng, made = np.random.default_rng(seed), list[npt.NDArray[np.float64]]()
    for part in parts:
        if isinstance(part, str):
            levels = [level for letter in part.lower() if letter in LETTERS for level in _levels(letter)]
            made.append(np.repeat(levels, FRAME))
        else:
            made.append(np.zeros(round(part / 0.02) * FRAME))
    whole = np.concatenate(made)
    noise = 1e-4 * rng.standard_normal(len(whole))
    return (whole * rng.choice([-1, 1], len(whole)) + noise).astype(np.float32)


def _levels(letter: str) -> list[float]:
    at = SOFT + (LOUDEST - SOFT) * LETTERS.index(letter) / len(LETTERS)
    return [SOFT / 2, at] if letter != " " else [SOFT / 2, at, SOFT / 2]


class Speller:
    """Reads such sound; `doubt` is the probability that it gives to all other letters together."""

    engine, choice, identity = "made:speller", "", "speller"
    rate, seconds_per_frame, blank, delimiter = RATE, FRAME / RATE, 0, 1

    def __init__(self, doubt: float = 0.05) -> None:
        self.n_calls, self._doubt = 0, doubt

    def emit(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        self.n_calls += 1
        loud = np.abs(samples[: len(samples) // FRAME * FRAME]).reshape(-1, FRAME).mean(1)
        column = np.round((loud - SOFT) / (LOUDEST - SOFT) * len(LETTERS)).astype(int)
        column = column.clip(0, len(LETTERS) - 1)
        frames = np.full((len(loud), len(LETTERS)), np.log(self._doubt / (len(LETTERS) - 1)), np.float32)
        frames[np.arange(len(loud)), np.where(loud < SOFT - 0.005, 0, column)] = np.log(1 - self._doubt)
        return frames

    def spell(self, word: str) -> tuple[int, ...]:
        kept = [LETTERS.find(letter) for letter in word.lower().strip(".,?!")]
        return tuple(kept) if all(column > 1 for column in kept) else ()

    def words(self, log_probs: npt.NDArray[np.float32]) -> tuple[Word, ...]:
        letters = Alphabet(dict(enumerate(LETTERS)), 0, 1)
        return words(log_probs, letters, self.seconds_per_frame)


def recording(folder: Path, parts: Sequence[str | float], name: str = "meeting.wav") -> Source:
    """Such a sound as a file."""
    samples, path = sound_of(parts), folder / name
    soundfile.write(path, samples, RATE, subtype="FLOAT")
    return Source(name.split(".")[0], name, path, name, len(samples) / RATE)
