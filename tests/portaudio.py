"""A PortAudio of the tests' own: one microphone that hears a made sound, faster than real time."""
from __future__ import annotations

import threading
import time
import types
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from core.audio import capture, devices

BLOCK_SECONDS = 0.02


class Failure(Exception):
    """Stands for sounddevice.PortAudioError."""


class Stop(Exception):
    """Stands for sounddevice.CallbackStop."""


class Hearing:
    """A stream that delivers `sound` (n,) int16 and then quiet noise, `speed` times as fast as real time.

    `ends` is the second at which the microphone is pulled out, `how`: "dies" (PortAudio notices) or "stalls"
    (it says active and delivers no more); `overflows` are blocks before which sound was lost.
    """

    def __init__(
        self, sound: npt.NDArray[np.int16], rate: int = 48_000, speed: float = 5.0, ends: float = 1e9,
        how: str = "dies", overflows: tuple[int, ...] = (),
    ) -> None:
        self.sound, self.rate, self.speed, self.ends, self.how = sound, rate, speed, ends, how
        self.overflows = overflows

    def __call__(self, **options: Any) -> Hearing:
        self.samplerate, self.latency, self.active = float(options["samplerate"]), 0.01, False
        self._callback, self._over = options["callback"], threading.Event()
        return self

    def start(self) -> None:
        self.active = True
        self._thread = threading.Thread(target=self._deliver, daemon=True)
        self._thread.start()

    def _deliver(self) -> None:
        n, noise = round(BLOCK_SECONDS * self.rate), np.random.default_rng(0)
        whole = np.concatenate((self.sound, np.zeros(n, np.int16)))
        i, begun = 0, time.monotonic()
        while not self._over.wait(max(0.0, begun + i * BLOCK_SECONDS / self.speed - time.monotonic())):
            if i * BLOCK_SECONDS >= self.ends:
                self.active = self.how == "stalls"
                return
            block = whole[i * n : (i + 1) * n] if (i + 1) * n <= len(whole) else noise.normal(0, 30, n)
            status = types.SimpleNamespace(input_overflow=i in self.overflows)
            try:
                self._callback(block.astype(np.int16).reshape(-1, 1), n, None, status)
            except Stop:
                self.active = False
                return
            i += 1

    def stop(self, ignore_errors: bool = True) -> None:
        self._over.set()
        self._thread.join()
        self.active = False

    abort = close = stop


def plug_in(monkeypatch: pytest.MonkeyPatch, hearing: Hearing, name: str = "Desk microphone") -> None:
    """Make `hearing` the one microphone of this machine."""
    raw = {"name": name, "default_samplerate": float(hearing.rate), "max_input_channels": 1}
    module = types.SimpleNamespace(
        PortAudioError=Failure, InputStream=hearing, CallbackStop=Stop,
        default=types.SimpleNamespace(device=[0, 0]), query_hostapis=lambda: (), query_devices=lambda: [raw],
        _terminate=lambda: None, _initialize=lambda: None,
    )
    monkeypatch.setattr(devices, "portaudio", lambda: module)
    monkeypatch.setattr(capture, "portaudio", lambda: module)
