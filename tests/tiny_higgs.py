"""Tiny Higgs-Audio v2 folders of the real classes, and small sets of takes for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from core import manifest
from core.modelling.higgs import tiny
from core.types import Row

RATE = 16_000
PITCHES = {"Ada": 150.0, "Bo": 230.0}
"""Speakers, by the pitch of their buzz."""


def make_higgs(folder: Path, seed: int = 3, **config: Any) -> Path:
    """A complete folder: model, codec (8 codebooks of 1024, 25 frames a second of 24 kHz), tokenizer and chat
    template, in under a megabyte a part. `config` goes over that of the tiny model."""
    return tiny.make(folder, seed, **config)


def make_take(path: Path, text: str, pitch: float = 150.0, seconds: float = 0.4) -> float:
    """A WAV of `seconds` that differs with its text and its pitch; its length."""
    n = round(seconds * RATE)
    rng = np.random.default_rng(list(text.encode()))
    steps = np.repeat(rng.uniform(1, 4, 1 + n // 800), 800)[:n]
    phase = 2 * np.pi * np.cumsum(pitch * steps) / RATE
    samples = 0.3 * np.sin(phase) + 0.1 * np.sin(3 * phase) + rng.normal(0, 0.003, n)
    soundfile.write(path, samples.astype(np.float32), RATE)
    return n / RATE


def make_takes(
    folder: Path, texts: Sequence[str], speakers: Sequence[str] = ("Ada",),
    splits: Sequence[str] = ("train",), seconds: float = 0.4,
) -> Path:
    """A dataset in which every speaker says every text in every split, as takes of `seconds`."""
    folder.mkdir(parents=True)
    rows = []
    for split in splits:
        for who in speakers:
            for i, text in enumerate(texts):
                name, said = f"{split}-{who}-{i}", text if split == "train" else f"{text} {split}"
                end = make_take(folder / f"{name}.wav", said, PITCHES[who], seconds)
                rows.append(Row(name, f"{name}.wav", 0.0, end, RATE, said, split, speaker=who))  # type: ignore[arg-type]
    manifest.write(folder, rows)
    return folder
