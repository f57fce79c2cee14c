"""Made sounds for the microphone: what espeak-ng says, rooms that hum, a whole sitting in one WAV."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from tests.noisy import RATE, Sound, noise, speech

ROOM = 3e-4
"""Standard deviation of the room's noise: -70 dBFS."""
LEVEL = 0.4
"""Peak of somebody who speaks as they should."""


@dataclass(frozen=True)
class Line:
    """Something said, at `level` times full scale (over 1 clips), and the seconds of quiet after it."""

    text: str
    pause: float = 1.5
    level: float = LEVEL


def sitting(path: Path, lines: Sequence[Line], lead: float, seed: int = 0,
            voice: str = "en-us") -> list[float]:
    """Write `lines`, after `lead` seconds of the room, as a 16-bit WAV; the second where each begins."""
    parts, begins, at = [np.zeros(round(lead * RATE), np.float32)], list[float](), lead
    for line in lines:
        said = line.level * speech(line.text, voice, 165)
        begins.append(at)
        parts += [said, np.zeros(round(line.pause * RATE), np.float32)]
        at += (len(parts[-2]) + len(parts[-1])) / RATE
    sound = np.concatenate(parts)
    sound += ROOM * noise(len(sound), "room", np.random.default_rng(seed))
    soundfile.write(path, (np.clip(sound, -1, 1) * 32767).astype(np.int16), RATE, subtype="PCM_16")
    return begins


@dataclass(frozen=True)
class Match:
    """A take against what was played: the lowest correlation of a window, how far its place moves (s)."""

    correlation: float
    drift: float


def compare(take: Path, played: Sound, around: float, window: float = 0.05) -> Match:
    """Each `window` seconds of `take` against `played` (n,) at RATE, which has it about the second `around`.

    The whole take gives one lag, and the part of a sample that another rate leaves; each window is then
    looked for within 5 ms of that place. A sample that was dropped or doubled moves every window after it,
    and spoils the one that it lies in.
    """
    sound, rate = soundfile.read(take, dtype="float32")
    sound = sound if rate == RATE else soxr.resample(sound, rate, RATE)
    first = max(0, round((around - 4) * RATE))
    source = played[first : first + len(sound) + 8 * RATE]
    lag = _place(sound, source)
    sound = _shifted(sound, source[lag : lag + len(sound)])
    n, reach = round(window * RATE), round(0.005 * RATE)
    found = [
        _best(sound[at : at + n], source[max(0, lag + at - reach) : lag + at + n + reach])
        for at in range(reach, len(sound) - n - reach, n)
    ]
    return Match(min(c for c, _ in found), max(abs(place - reach) for _, place in found) / RATE)


def _place(sound: Sound, source: Sound) -> int:
    """Where `source` (m,) is most like `sound` (n,), by normalised correlation: the same words said louder
    are not it."""
    size = 1 << (len(source) + len(sound)).bit_length()
    dots = np.fft.irfft(np.fft.rfft(source, size) * np.conj(np.fft.rfft(sound, size)), size)
    energy = np.cumsum(np.concatenate([[0.0], source.astype(np.float64) ** 2]))
    norms = np.sqrt(np.maximum(energy[len(sound) :] - energy[: -len(sound)], 1e-12))
    return int(np.argmax(dots[: len(norms)] / norms))


def _shifted(sound: Sound, source: Sound) -> Sound:
    """`sound` moved by the part of a sample (at most half of one) with which it fits `source` best."""
    spectrum, turns = np.fft.rfft(sound), np.fft.rfftfreq(len(sound))
    moved = (np.fft.irfft(spectrum * np.exp(2j * np.pi * turns * part), len(sound))
             for part in np.linspace(-0.5, 0.5, 21))
    return max(moved, key=lambda one: float(np.dot(one, source))).astype(np.float32)


def _best(window: Sound, around: Sound) -> tuple[float, int]:
    """The largest normalised correlation of `window` (n,) with a stretch of `around` (m,), and its place."""
    stretches = np.lib.stride_tricks.sliding_window_view(around.astype(np.float64), len(window))
    dots = stretches @ window.astype(np.float64)
    norms = np.sqrt((stretches**2).sum(axis=1) * float(np.sum(window.astype(np.float64) ** 2)))
    place = int(np.argmax(dots / np.maximum(norms, 1e-9)))
    return float(dots[place] / max(norms[place], 1e-9)), place
