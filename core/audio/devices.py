"""Microphones of this machine, as PortAudio lists them, and the reason where there are none."""
from __future__ import annotations

import sys
import threading
from dataclasses import dataclass
from types import ModuleType

from core.errors import Unavailable

# Held while a recording goes on: PortAudio must not be started anew under it.
IN_USE = threading.Lock()


@dataclass(frozen=True)
class InputDevice:
    """A microphone as PortAudio lists it: `rate` (Hz) is its own, `default` marks the system's choice."""

    index: int
    name: str
    rate: int
    channels: int
    default: bool

    @property
    def key(self) -> str:
        """Index and name: the same microphone, also where two have one name or the list was made anew."""
        return f"{self.index}: {self.name}"


def reason_unavailable() -> str | None:
    """Why this machine cannot record by itself, as one sentence with the remedy; None where it can."""
    try:
        module = portaudio()
    except Unavailable as error:
        return str(error)
    if not _inputs(module):
        return (
            "No microphone is connected to this machine: plug one in and look again, "
            "or record in the browser, which uses the microphone of the computer in front of you."
        )
    return None


def devices(look_again: bool = False) -> list[InputDevice]:
    """Input devices, the default one first; [] where `reason_unavailable` has a sentence.

    PortAudio lists devices once a process: `look_again` makes it list them anew, unless one is recording.
    """
    try:
        module = portaudio()
    except Unavailable:
        return []
    if look_again and IN_USE.acquire(blocking=False):
        try:
            module._terminate()
            module._initialize()
        finally:
            IN_USE.release()
    return _inputs(module)


def portaudio() -> ModuleType:
    """The sounddevice module, or Unavailable with the command that brings it."""
    try:
        import sounddevice
    except OSError as error:
        is_linux = sys.platform.startswith("linux")
        pip = "pip install --force-reinstall sounddevice"
        how = "sudo apt-get install libportaudio2" if is_linux else pip
        raise Unavailable(
            f"The PortAudio library is missing, so this machine records in the browser only: run “{how}” and "
            "start again."
        ) from error
    except ImportError as error:
        raise Unavailable(
            "The package sounddevice is missing, so this machine records in the browser only: run “pip "
            "install sounddevice”."
        ) from error
    return sounddevice


def _inputs(module: ModuleType) -> list[InputDevice]:
    """Devices with input channels, the default first."""
    defaults = [module.default.device[0], *(api["default_input_device"] for api in module.query_hostapis())]
    default = next((index for index in defaults if index >= 0), -1)
    found = [
        InputDevice(
            index=index,
            name=str(raw["name"]),
            rate=int(raw["default_samplerate"]),
            channels=int(raw["max_input_channels"]),
            default=index == default,
        )
        for index, raw in enumerate(module.query_devices())
        if raw["max_input_channels"] > 0
    ]
    return sorted(found, key=lambda device: not device.default)
