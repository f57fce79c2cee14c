"""This machine's microphone before the first take: the room, the voice, and what would spoil the takes."""
from __future__ import annotations

import threading
from typing import Literal

import numpy as np

from core.audio.capture import Captured, Recorder
from core.audio.endpoint import BandPower, Room, room_of
from core.audio.write import wav_bytes
from core.errors import StudioError, Unavailable
from core.quality import microphone
from core.quality.microphone import MicrophoneCheck

LOOK_SECONDS = 0.05
QUIET_SECONDS, SPOKEN_SECONDS = 2.0, 3.5  # as in the browser's check


class MicrophoneTest:
    """The check before the first take: two quiet seconds, three and a half spoken ones; nothing is saved.

    `stage` tells what to do now; at "done" there are a `check` and the voice as `wav`, or a sentence in
    `failed`.
    """

    def __init__(self, recorder: Recorder) -> None:
        """`recorder` ends by itself after the two stretches; see `recorder_for_test`."""
        self.recorder = recorder
        self.stage: Literal["quiet", "voice", "done"] = "quiet"
        self.check: MicrophoneCheck | None = None
        self.room: Room | None = None
        self.wav = b""
        self.failed = ""

    def begin(self) -> MicrophoneTest:
        """Open the microphone and listen; Unavailable tells why it cannot be opened."""
        self.recorder.start()
        threading.Thread(target=self._run, name="microphone test", daemon=True).start()
        return self

    def _run(self) -> None:
        beat = threading.Event()
        while self.recorder.alive:
            self.stage = "quiet" if self.recorder.seconds < QUIET_SECONDS else "voice"
            beat.wait(LOOK_SECONDS)
        try:
            self._measure(self.recorder.stop())
        except StudioError as error:
            self.failed = str(error)
        finally:
            self.stage = "done"

    def _measure(self, sound: Captured) -> None:
        if sound.interrupted:
            raise Unavailable("The microphone was unplugged or stopped answering: plug it in and test again.")
        heard = sound.samples.astype(np.float32) / np.float32(32768)
        cut = round(QUIET_SECONDS * sound.rate)
        quiet, spoken = heard[:cut], heard[cut:]
        self.check = microphone.check(quiet, spoken, sound.rate)
        self.room = room_of(BandPower(sound.rate).feed(quiet), BandPower(sound.rate).feed(spoken))
        self.wav = wav_bytes(sound.samples[cut:], sound.rate)


def recorder_for_test(device: str | None) -> Recorder:
    """A recorder that ends by itself when both stretches are in."""
    return Recorder(device, max_seconds=QUIET_SECONDS + SPOKEN_SECONDS)
