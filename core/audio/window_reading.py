"""The sound of windows, by seek; files that are gone or were changed since the index are named and passed."""
from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import soundfile

from core.audio.windows import Sound, Window, standing_of
from core.errors import Stale

Samples = np.ndarray


def read_window(window: Window) -> Samples:
    """float32 (n_samples, channels) at the file's own rate; only these samples are decoded.

    Raises Stale, with the name and the reason, for a file that is not the one that the index saw.
    """
    sound = window.sound
    if what := standing_of(sound):
        raise _stale(sound, what)
    try:
        with soundfile.SoundFile(os.fsencode(sound.path)) as file:
            if (file.frames, file.samplerate) != (sound.n_samples, sound.rate):
                before, now = _told(sound.n_samples, sound.rate), _told(file.frames, file.samplerate)
                raise _stale(sound, f"it had {before} and has {now} now")
            file.seek(window.start)
            samples: Samples = file.read(window.n_samples, dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        raise _stale(sound, f"it cannot be read any more ({error})") from error
    if len(samples) != window.n_samples:
        raise _stale(sound, f"it ends early, after {window.start + len(samples):,} samples")
    return samples


def _told(n_samples: int, rate: int) -> str:
    return f"{n_samples / rate:.1f} s at {rate} Hz"


def _stale(sound: Sound, change: str) -> Stale:
    return Stale(f"{sound.path} changed since it was indexed: {change}. Index its folder again.")


class Reading:
    """Windows with their sound, one after the other; `passed` has a sentence for each file that was not as
    the index saw it, and none of its windows is given after that."""

    def __init__(self, windows: Iterable[Window]) -> None:
        self._windows = windows
        self.passed: dict[Path, str] = {}

    def __iter__(self) -> Iterator[tuple[Window, Samples]]:
        for window in self._windows:
            if window.sound.path in self.passed:
                continue
            try:
                samples = read_window(window)
            except Stale as error:
                self.passed[window.sound.path] = str(error)
                continue
            yield window, samples
