"""Sound from a file: its samples as mono float32."""
from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from core.audio import container
from core.audio.header import TAKE_MAX_SECONDS as TAKE_MAX_SECONDS
from core.audio.header import AudioInfo as AudioInfo
from core.audio.header import cut_off, info
from core.errors import BadInput

# Lossy codecs pad, and their headers round: so much may lack before a file counts as cut off.
_SLACK_SECONDS, _SLACK_SHARE = 0.1, 0.02
_BLOCK = 1 << 22


@dataclass(frozen=True)
class Audio:
    """Mono sound: `samples` float32 (n_samples,) in -1..1, `rate` in Hz."""

    samples: npt.NDArray[np.float32]
    rate: int

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate


def read(
    path: Path,
    start: float = 0.0,
    end: float | None = None,
    rate: int | None = None,
    max_seconds: float | None = None,
) -> Audio:
    """The sound of `path` from `start` to `end` (seconds), mono by the mean of channels, at `rate` if given.

    Raises what `info` raises, and BadInput for NaN or infinite samples, for a file that ends before its
    header says, and for a part that lies outside the file.
    """
    found = info(path, max_seconds)
    first, last = _part(path, found, start, end)
    if found.format in soundfile.available_formats():
        samples = _read_soundfile(path, first, last)
    else:
        samples = container.read(path, first, last, found.rate)
    lacking = (last - first - len(samples)) / found.rate
    if not len(samples) or lacking > max(_SLACK_SECONDS, _SLACK_SHARE * found.seconds):
        raise cut_off(path, found.seconds, (first + len(samples)) / found.rate)
    if not np.isfinite(samples).all():
        n_bad = int((~np.isfinite(samples)).sum())
        raise BadInput(
            f"{path.name} holds {n_bad} samples that are no numbers (NaN or infinite): "
            "export it again as 16-bit WAV."
        )
    return Audio(resample(samples, found.rate, rate or found.rate), rate or found.rate)


def resample(samples: npt.NDArray[np.float32], rate: int, new_rate: int) -> npt.NDArray[np.float32]:
    """`samples` (n,) at `rate` Hz as float32 at `new_rate` Hz (soxr, HQ); itself when the rates agree."""
    if rate == new_rate:
        return samples
    return np.asarray(soxr.resample(samples, rate, new_rate), dtype=np.float32)


def _part(path: Path, found: AudioInfo, start: float, end: float | None) -> tuple[int, int]:
    """First and one-past-last sample of the wanted part, which must lie within the file."""
    last_second = found.seconds if end is None else end
    if not 0 <= start < min(last_second, found.seconds) or last_second > found.seconds + _SLACK_SECONDS:
        raise BadInput(
            f"{path.name} lasts {found.seconds:.2f} s; "
            f"the part from {start:.2f} to {last_second:.2f} s lies outside it. "
            "Choose a start and an end within the recording."
        )
    first = round(start * found.rate)
    return first, max(first, min(round(last_second * found.rate), found.n_samples))


def _read_soundfile(path: Path, first: int, last: int) -> npt.NDArray[np.float32]:
    """Frames `first` to `last` by libsndfile, mono; BadInput tells where decoding breaks off."""
    # In blocks, because a header that lies must not make us ask for all the memory it claims.
    blocks: list[npt.NDArray[np.float32]] = []
    try:
        with soundfile.SoundFile(os.fsencode(path)) as file:
            file.seek(first)
            while (place := file.tell()) < last:
                block = file.read(min(last - place, _BLOCK), dtype="float32", always_2d=True)
                if not len(block):
                    break
                blocks.append(block[:, 0] if block.shape[1] == 1 else block.mean(axis=1, dtype=np.float32))
    except soundfile.SoundFileError as error:
        raise cut_off(path, info(path).seconds, _seconds_left(path)) from error
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)


def _seconds_left(path: Path) -> float:
    """How much of a broken file decodes, in small steps, because a step that fails gives nothing."""
    n_read = 0
    with soundfile.SoundFile(os.fsencode(path)) as file:
        try:
            while n := len(file.read(4096, dtype="float32")):
                n_read += n
        except soundfile.SoundFileError:
            pass
        return n_read / file.samplerate
