"""When somebody begins and stops speaking: the twin of ui/static/endpoint.js for the desktop recorder.

The level between 150 and 4000 Hz is held against the noise of this room; what the numbers mean is told there.
"""
from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.audio.levels import FLOOR_DBFS, Samples

# As in endpoint.js; a test holds the two together.
SMOOTH, BEGIN, HANG, STEADY, STEADY_DB, BLIND_MARGIN = 4, 0.06, 0.75, 1.2, 3.0, 5.0
BLOCK_SECONDS = 1024 / 48_000
BAND_HZ = (150.0, 4000.0)
_Q = 10 ** (1 / 20)  # that of a BiquadFilterNode: 1 dB
_BLIND_SECONDS = 0.25
Powers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Room:
    """Levels in the band of speech, dB: noise `floor`, how far it moves above that, and the `voice`."""

    floor: float
    spread: float = 0.0
    voice: float | None = None

    @property
    def margin(self) -> float:
        """How far above the floor speech begins, dB: a third of the way to the voice, within bounds."""
        third = BLIND_MARGIN if self.voice is None else 0.35 * (self.voice - self.floor)
        return max(2.5, self.spread + 1.5, min(12.0, third))


def room_of(quiet: Powers, spoken: Powers) -> Room:
    """The room from the block powers (n,) of a quiet stretch and of one with speech."""
    floor, still = _decibels(float(quiet.mean())), _smoothed(quiet)
    return Room(floor, max(0.0, _share(still, 0.95) - floor), _share(_smoothed(spoken), 0.8))


def blind_room(first: Powers) -> Room | None:
    """Without a check the quietest of the first blocks (n,) stand for the room; None while they are few."""
    if len(first) * BLOCK_SECONDS < _BLIND_SECONDS:
        return None
    return Room(_decibels(_share(np.sort(first), 0.2)))


def _smoothed(powers: Powers) -> Powers:
    means = np.convolve(powers, np.full(SMOOTH, 1 / SMOOTH), mode="valid")
    return np.sort(10 * np.log10(means + 1e-12))


def _share(rising: Powers, part: float) -> float:
    return float(rising[min(len(rising) - 1, int(part * len(rising)))])


def _decibels(power: float) -> float:
    return max(FLOOR_DBFS, 10.0 * float(np.log10(power + 1e-12)))


class BandPower:
    """Mean power of each block of about 21 ms of mono sound, of the band of speech only."""

    def __init__(self, rate: int) -> None:
        """`rate` in Hz."""
        self.n_block = round(BLOCK_SECONDS * rate)
        n = 2 * self.n_block  # windows overlap by half: a block alone would smear hum into the band
        self._window = np.hanning(n)
        self._gain = _band_gain(n, rate) * 2.0 / (n * float(np.sum(self._window**2)))
        self._rest = np.zeros(0, np.float32)

    def feed(self, samples: Samples) -> Powers:
        """Powers (n_blocks,) of the blocks that `samples` (n,) complete; the rest waits for the next call."""
        self._rest = np.concatenate((self._rest, samples))
        n_blocks = len(self._rest) // self.n_block - 1
        if n_blocks <= 0:
            return np.zeros(0)
        pairs = np.lib.stride_tricks.sliding_window_view(self._rest, 2 * self.n_block)[:: self.n_block]
        spectra = np.abs(np.fft.rfft(pairs[:n_blocks] * self._window, axis=1)) ** 2
        self._rest = self._rest[n_blocks * self.n_block :]
        return spectra @ self._gain


def _band_gain(n: int, rate: int) -> Powers:
    """What the page's two filters leave of the power at each frequency of a spectrum of `n` samples."""
    z = np.exp(-2j * np.pi * np.arange(n // 2 + 1) / n)
    total = np.ones(len(z))
    for hertz, sign in zip(BAND_HZ, (1, -1), strict=True):  # high-pass, low-pass: the biquads of Web Audio
        turn = 2 * np.pi * min(hertz, 0.499 * rate) / rate
        cos, alpha = np.cos(turn), np.sin(turn) / (2 * _Q)
        numerator = (1 + sign * cos) / 2 * (1 - sign * z) ** 2
        denominator = 1 + alpha - 2 * cos * z + (1 - alpha) * z**2
        total *= np.abs(numerator / denominator) ** 2
    return total


class Endpoint:
    """Hears block after block, and says when speech begins and when it has ended."""

    def __init__(self, room: Room, block_seconds: float = BLOCK_SECONDS) -> None:
        """`block_seconds`: the length of the blocks whose powers will be fed."""
        self._block, self._margin = block_seconds, room.margin
        self.floor, self.speaking = room.floor, False
        self._powers: deque[float] = deque(maxlen=SMOOTH)
        self._levels: deque[float] = deque(maxlen=int(STEADY / block_seconds))
        self._loud = self._quiet = 0.0

    @property
    def threshold(self) -> float:
        """The level, in dB, above which speech begins."""
        return self.floor + self._margin

    def hear(self, power: float) -> Literal["begin", "end", ""]:
        """Take in the mean power of the next block."""
        self._powers.append(power)
        level = _decibels(sum(self._powers) / len(self._powers))
        self._follow(level)
        is_loud = level > (self.floor + 0.7 * self._margin if self.speaking else self.threshold)
        self._loud = self._loud + self._block if is_loud else 0.0
        self._quiet = 0.0 if is_loud else self._quiet + self._block
        if not self.speaking and self._loud >= BEGIN:
            self.speaking = True
            return "begin"
        if self.speaking and self._quiet >= HANG:
            self.speaking = False
            return "end"
        return ""

    def last_end(self, powers: Sequence[float] | Powers) -> bool:
        """Hear all of `powers`; whether speech has ended in them and not begun again."""
        told = [what for power in powers if (what := self.hear(float(power)))]
        return bool(told) and told[-1] == "end"

    def _follow(self, level: float) -> None:
        """The noise of the room moves: slowly with the quiet, at once to anything that stays the same."""
        is_full = len(self._levels) == self._levels.maxlen
        self._levels.append(level)
        if not is_full:
            return
        if max(self._levels) - min(self._levels) < STEADY_DB:
            self.floor = sum(self._levels) / len(self._levels)
        elif level < self.threshold:
            self.floor += 0.02 * (level - self.floor)
