"""The starter's training data: made clips as features, disturbed anew each epoch, in even batches."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import torch
from starter_audio import HELD_OUT, RATE, VARIANTS, clip
from starter_text import DIGITS, sentence

SHORT = 130  # frames of 20 ms


def kind_of(text: str) -> str:
    """Which of the three kinds of sentences a text is."""
    if any(c.isdigit() for c in text):
        return "codes"
    return "digits" if set(text.split()) <= set(DIGITS) else "ordinary"


@dataclass(frozen=True)
class Corpus:
    """Clips as log-mel features, each (frames, 160) at 50 Hz, and what the starter should write."""

    features: list[np.ndarray]
    texts: list[str]

    def rows(self, kind: str) -> np.ndarray:
        """Indices of the clips that are "digits" (bare ones, in words), "short" or "all"."""
        if kind == "all":
            return np.arange(len(self.texts))
        if kind == "short":
            return np.flatnonzero(np.array([len(f) for f in self.features]) < SHORT)
        return np.array([i for i, text in enumerate(self.texts) if kind_of(text) == kind])


@functools.cache
def feature_extractor():
    """80 mel bands, two frames of 10 ms stacked: 160 values at 50 Hz."""
    from transformers import SeamlessM4TFeatureExtractor

    return SeamlessM4TFeatureExtractor(
        feature_size=80, num_mel_bins=80, sampling_rate=RATE, stride=2, padding_value=0.0
    )


def _make(job: tuple[int, int, bool, float]) -> tuple[np.ndarray, str]:
    seed, index, held_out, harsh = job
    rng = np.random.default_rng([seed, int(held_out), index])
    said, written = sentence(rng)
    samples = clip(said, rng, HELD_OUT if held_out else VARIANTS, harsh)
    features = feature_extractor()(samples, sampling_rate=RATE, return_tensors="np", padding=False)
    return features["input_features"][0].astype(np.float16), written


def corpus(work: Path, n: int, seed: int, held_out: bool, harsh: float) -> Corpus:
    """`n` clips, by the held-out voices or by all others; made once, then read from `work`."""
    path = work / f"{'held' if held_out else 'train'}-{n}-{seed}-{harsh}.npz"
    if not path.exists():
        work.mkdir(parents=True, exist_ok=True)
        with Pool(min(4, os.cpu_count() or 1)) as pool:
            made = pool.map(_make, [(seed, i, held_out, harsh) for i in range(n)], chunksize=50)
        np.savez(
            path,
            features=np.concatenate([f for f, _ in made]),
            lengths=np.array([len(f) for f, _ in made]),
            texts=np.array([t for _, t in made]),
        )
    data = np.load(path)
    ends = np.cumsum(data["lengths"])
    return Corpus(np.split(data["features"], ends[:-1]), [str(t) for t in data["texts"]])


def augmented(features: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Tempo and formants moved, bands and stretches hidden, noise added; (frames, 160) -> (frames', 160)."""
    if not strength:
        return features.astype(np.float32)
    mel = features.astype(np.float32).reshape(-1, 80)
    bins = np.clip(np.arange(80) * (1 + strength * rng.uniform(-0.1, 0.1)) + rng.uniform(-1, 1), 0, 79)
    low = np.floor(bins).astype(int)
    mel = mel[:, low] * (1 - (bins - low)) + mel[:, np.minimum(low + 1, 79)] * (bins - low)
    n = max(2, round(len(mel) / (1 + strength * rng.uniform(-0.12, 0.14))) // 2 * 2)
    at = np.linspace(0, len(mel) - 1, n)
    left = np.floor(at).astype(int)
    part = (at - left)[:, None]
    mel = mel[left] * (1 - part) + mel[np.minimum(left + 1, len(mel) - 1)] * part
    for _ in range(2):
        width, start = int(rng.integers(0, 1 + round(14 * strength))), int(rng.integers(0, 80))
        mel[:, start : start + width] = 0
    for _ in range(max(1, n // 200)):
        width, start = int(rng.integers(0, 1 + round(16 * strength))), int(rng.integers(0, n))
        mel[start : start + width] = 0
    mel = mel + rng.normal(0, rng.uniform(0, 0.25 * strength), mel.shape)
    return mel.astype(np.float32).reshape(-1, 160)


def batches(lengths: np.ndarray, rows: np.ndarray, size: int, seed: int) -> Iterator[tuple[int, np.ndarray]]:
    """Endless (epoch, indices) of `size` clips of near-equal length; a function of (seed, epoch)."""
    epoch = 0
    while True:
        rng = np.random.default_rng([seed, 77, len(rows), epoch])
        order = rng.permutation(rows)
        pools = [order[i : i + size * 50] for i in range(0, len(order), size * 50)]
        ready = [
            p[np.argsort(lengths[p], kind="stable")][i : i + size]
            for p in pools
            for i in range(0, len(p), size)
        ]
        for index in rng.permutation(len(ready)):
            yield epoch, ready[index]
        epoch += 1


def collate(items: list[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
    """Zero-padded (B, T, 160) features and their (B, T) mask."""
    longest = -(-max(len(f) for f in items) // 16) * 16  # few distinct shapes: each costs its own kernels
    x, mask = torch.zeros(len(items), longest, 160), torch.zeros(len(items), longest, dtype=torch.long)
    for row, f in enumerate(items):
        x[row, : len(f)], mask[row, : len(f)] = torch.from_numpy(f.astype(np.float32)), 1
    return x, mask
