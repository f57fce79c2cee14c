"""Sound into files, whole or not at all."""
from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import soundfile

from core.audio.read import read
from core.errors import BadInput, NotFound, Refused
from core.files import replacing, sha256_of, write_atomic

Subtype = Literal["PCM_16", "PCM_24", "FLOAT"]


def write_pcm(
    path: Path,
    samples: npt.NDArray[np.float32] | npt.NDArray[np.int16],
    rate: int,
    subtype: Subtype = "PCM_16",
) -> None:
    """Write mono `samples` (n,), float32 in -1..1 or int16, as a WAV file: temporary name, fsync, rename.

    int16 and 16-bit sound that was read as float32 come back bit for bit. Raises BadInput for no samples or
    NaN, Unavailable for a full disk; what was at `path` before is untouched then.
    """
    if samples.ndim != 1 or not len(samples):
        raise BadInput(f"{path.name} was not written: there are no samples in it. Record it again.")
    write_atomic(path, wav_bytes(_scaled(path, samples, subtype), rate, subtype))


def wav_bytes(samples: npt.NDArray[Any], rate: int, subtype: Subtype = "PCM_16") -> bytes:
    """A WAV file of mono samples (n,) of the subtype's own kind, e.g. int16."""
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format="WAV", subtype=subtype)
    return buffer.getvalue()


def _scaled(path: Path, samples: npt.NDArray[Any], subtype: Subtype) -> npt.NDArray[Any]:
    """Samples as integers that libsndfile stores as they are (its own scale is 32767, not 32768)."""
    if samples.dtype == np.int16:
        return samples
    if not np.isfinite(samples).all():
        raise BadInput(
            f"{path.name} was not written: it holds samples that are no numbers (NaN or infinite). "
            "Record it again."
        )
    if subtype == "FLOAT":
        return samples
    if subtype == "PCM_16":
        return np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16)
    whole = np.clip(np.rint(samples.astype(np.float64) * 2**23), -(2**23), 2**23 - 1).astype(np.int32)
    return whole * 256  # libsndfile takes the upper 24 of 32 bits


def keep_original(source: Path, target: Path) -> None:
    """Copy `source` to `target` byte for byte: temporary name, fsync, rename.

    Raises NotFound for a missing source, Refused when another file is there already (audio is never
    overwritten),
    Unavailable for a full disk; the same file again is no error.
    """
    if not source.is_file():
        raise NotFound(f"{source.name} is not in {source.parent}: it was moved or deleted. Choose it again.")
    if target.exists():
        if sha256_of(target) != sha256_of(source):
            raise Refused(
                f"{target.name} is there already with other sound in it; recordings are never overwritten. "
                "Rename the new file."
            )
        return
    with open(source, "rb") as old, replacing(target) as new:
        shutil.copyfileobj(old, new, 1 << 20)


def export_clip(
    source: Path, target: Path, start: float = 0.0, end: float | None = None, rate: int | None = None
) -> int:
    """Write `start` to `end` (seconds) of `source` as mono 16-bit WAV at `rate` (default: its own); returns
    n_samples.
    """
    audio = read(source, start, end, rate)
    write_pcm(target, audio.samples, audio.rate)
    return len(audio.samples)
