"""A clip as the codes of its two sounds, by the codec of a folder, and codes as sound. Needs torch."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.audio.channels import read_channels
from core.errors import BadInput
from core.families.moshi import folder as folders
from core.modelling.kyutai import building, codec, files
from core.modelling.kyutai.codec import FRAME_SAMPLES, Codes

RATE = 24_000
"""Of every published Mimi, which makes 12.5 frames a second of it."""
STRETCH = 250
"""Frames: silence is encoded in steps of so many, and kept."""


def encode(path: Path, start: float, end: float | None, base: Path) -> Codes:
    """Codes (frames, 2 * codebooks) uint16 of a part of a file: the left channel and the right one, which is
    silent where there is one channel. BadInput for one without sound."""
    samples = read_channels(path, start, end, RATE)
    if not samples.shape[1]:
        raise BadInput(f"{path.name} has no sound.")
    filled = np.pad(samples, ((0, 0), (0, -samples.shape[1] % FRAME_SAMPLES)))
    source = folders.read(base)
    opened, books = codec_of(base), source.codebooks
    sounds = [codec.encode(opened, channel, books) for channel in filled]
    if len(sounds) == 1:
        sounds.append(silence(len(sounds[0]), base))
    return np.concatenate(sounds, axis=1)


def silence(n: int, base: Path) -> Codes:
    """Codes (n, codebooks) of nobody speaking: the codec is causal, so a longer silence begins as a shorter
    one."""
    source = folders.read(base)
    return _silence(base, source.encoder_id(), -(-n // STRETCH) * STRETCH)[:n]


@lru_cache(maxsize=4)
def _silence(base: Path, _identity: str, n: int) -> Codes:
    return codec.encode(codec_of(base), np.zeros(n * FRAME_SAMPLES, np.float32), folders.read(base).codebooks)


def decode(codes: npt.NDArray[Any], base: Path) -> npt.NDArray[np.float32]:
    """Samples (n,) at 24 kHz of codes (frames, codebooks)."""
    import torch

    given = torch.from_numpy(codes.astype(np.int64)).T[None]
    with torch.no_grad():
        made = codec_of(base).decode(given).audio_values
    return np.asarray(made[0, 0].float().numpy(), np.float32)


def codec_of(base: Path) -> Any:
    """The codec of a model folder, fp32 on the processor, opened once for its weights."""
    return _opened(base, folders.read(base).encoder_id())


@lru_cache(maxsize=1)
def _opened(base: Path, _identity: str) -> Any:
    from core.modelling.weights import weight_files

    source = folders.read(base)
    with files.Held(weight_files(base)) as held:
        tensors = {name.removeprefix(folders.CODEC): held[name] for name in held
                   if name.startswith(folders.CODEC)}
        return building.codec_of(tensors, source.config.get("audio_encoder_config") or {})
