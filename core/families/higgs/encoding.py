"""A clip as codes by the codec of a folder, which is opened once, and codes as sound. Needs torch."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from core.audio.read import read
from core.errors import BadInput
from core.families.higgs import folder as folders
from core.modelling.delay import Codes
from core.modelling.higgs import codec
from core.modelling.higgs.codec import Samples


def sound(path: Path, start: float, end: float | None) -> Samples:
    """Mono samples (n,) of a part of a file at the codec's rate. BadInput for one without sound."""
    samples = np.asarray(read(path, start, end, rate=folders.RATE).samples, np.float32)
    if not len(samples):
        raise BadInput(f"{path.name} has no sound.")
    return samples


def encode(path: Path, start: float, end: float | None, base: Path) -> Codes:
    """Codes (frames, codebooks) of a part of a file."""
    return codec.encode(codec_of(base), sound(path, start, end))


def decode(codes: Codes, base: Path) -> Samples:
    """Samples (n,) at 24 kHz of codes (frames, codebooks)."""
    return codec.decode(codec_of(base), codes)


def codec_of(base: Path) -> Any:
    """The codec of a model folder, opened once for its weights."""
    source = folders.read(base)
    return _opened(source.codec, source.encoder_id())


@lru_cache(maxsize=1)
def _opened(folder: Path, _weights: str) -> Any:
    return codec.open_codec(folder)
