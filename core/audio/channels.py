"""Sound from a file with its channels apart: who speaks in a conversation is told by them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from core.audio.header import cut_off, info
from core.audio.read import read, resample


def read_channels(path: Path, start: float, end: float | None, rate: int) -> npt.NDArray[np.float32]:
    """Samples (channels, n) of `path` from `start` to `end` (seconds) at `rate`, of at most two channels; a
    file of more, or of a container that libsndfile does not read, is one, the mean of all.

    Raises as `core.audio.read.read`.
    """
    mixed = read(path, start, end, rate).samples  # looks at the file and the part, and says what is wrong
    found = info(path)
    if found.channels != 2 or found.format not in soundfile.available_formats():
        return mixed[None]
    first = round(start * found.rate)
    last = found.n_samples if end is None else min(round(end * found.rate), found.n_samples)
    try:
        with soundfile.SoundFile(os.fsencode(path)) as file:
            file.seek(first)
            samples = file.read(last - first, dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        raise cut_off(path, found.seconds, 0.0) from error
    return np.stack([resample(np.ascontiguousarray(each), found.rate, rate) for each in samples.T])
