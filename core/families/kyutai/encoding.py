"""A clip as codes with silence around it, by the codec of a folder, which is opened once. Needs torch."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.audio.read import read
from core.errors import BadInput
from core.families.kyutai import frames, layouts, opening
from core.families.kyutai.frames import FRONT, RATE
from core.modelling.kyutai import codec
from core.modelling.kyutai.codec import FRAME_SAMPLES

Samples = npt.NDArray[np.float32]


def sound(path: Path, start: float, end: float | None) -> Samples:
    """Mono samples (n,) of a part of a file at the codec's rate. BadInput for one without sound."""
    samples = np.asarray(read(path, start, end, rate=RATE).samples, np.float32)
    if not len(samples):
        raise BadInput(f"{path.name} has no sound.")
    return samples


def surrounded(samples: Samples, tail: int) -> Samples:
    """`samples` (n,) with a second of silence before them, filled up to a whole frame, and `tail` frames of
    silence behind."""
    rest = -len(samples) % FRAME_SAMPLES
    return np.pad(samples, (FRONT * FRAME_SAMPLES, rest + tail * FRAME_SAMPLES))


def encode(path: Path, start: float, end: float | None, base: Path) -> codec.Codes:
    """Codes (frames, n_q) uint16 of a part of a file with the silence around it."""
    source = layouts.read(base)
    samples = surrounded(sound(path, start, end), frames.tail(source))
    return codec.encode(opened(base, frames.encoder_id(source)), samples, source.shape.codebooks)


def energies(codes: codec.Codes, base: Path) -> list[float]:
    """How strong the sound of each frame (frames,) is, by the codec of a folder."""
    known = opened(base, frames.encoder_id(layouts.read(base)))
    return [float(each) for each in codec.energies(known, codes)]


@lru_cache(maxsize=1)
def opened(base: Path, _identity: str) -> Any:
    """The codec of a folder in fp32 on the processor, where the same sound gives the same codes on every
    machine; the second key changes with its weights."""
    return opening.open_codec(base)
