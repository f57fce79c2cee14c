"""The desktop recorder: PCM from an input device through PortAudio, exactly as the device gives it."""
from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.audio.devices import IN_USE, InputDevice, devices, portaudio, reason_unavailable
from core.audio.header import TAKE_MAX_SECONDS
from core.audio.levels import Samples, clipped, peak_dbfs, rms_dbfs
from core.errors import Refused, Unavailable

_METER_SECONDS = 0.1
_FIRST_SOUND_SECONDS = 1.0
# A microphone that was pulled out may leave a stream that is "active" and never delivers again.
_STALLED_SECONDS, _NEVER_CAME_SECONDS = 1.5, 5.0
# Still taken in after the key, as in the browser, so that the last sound is whole.
_TAIL_SECONDS = 0.12
# PaErrorCode, from portaudio.h
_BAD_CHANNELS, _BAD_RATE, _BUSY = -9998, -9997, -9985


@dataclass(frozen=True)
class Captured:
    """What was recorded: int16 (n_samples,) at `rate` Hz; `interrupted`: the device went away meanwhile.

    `n_overflows`: how often PortAudio lost sound between two blocks because the machine was too busy.
    """

    samples: npt.NDArray[np.int16]
    rate: int
    n_overflows: int
    interrupted: bool = False


class Meter(NamedTuple):
    """The level now: RMS of the last 100 ms, peak since the last look, and whether it clipped since then."""

    rms_dbfs: float
    peak_dbfs: float
    clipped: bool


class Recorder:
    """Records from `device` (index, key, part of a name, None: default) at `rate` (None: the device's own).

    At `max_seconds`, and when the device is unplugged, it ends by itself and keeps what it has until `stop`,
    which must be called: only one recording at a time is possible in a process.
    """

    def __init__(
        self, device: int | str | None = None, rate: int | None = None, max_seconds: float = TAKE_MAX_SECONDS
    ) -> None:
        """Nothing is opened before `start`."""
        self.device, self._wanted_rate, self._max_seconds = device, rate, max_seconds
        self._stream: Any = None
        self.rate = 0
        self._forget()

    def _forget(self) -> None:
        """Make room for a new recording."""
        self._blocks: list[npt.NDArray[np.int16]] = []
        self._n_samples = self._n_overflows = self._n_metered = 0
        self._first_sound = threading.Event()
        self._last_sound_at = time.monotonic()

    def start(self) -> None:
        """Open the device; returns once sound arrives, or after a second. Unavailable tells why it cannot."""
        if self._stream is not None:
            raise Refused("This recorder is recording already: stop it first.")
        module = portaudio()
        chosen = self._chosen()
        if not IN_USE.acquire(blocking=False):
            raise Unavailable("Another recording is going on in this app: stop it first, then record again.")
        self._forget()
        try:
            self._open(module, chosen)
        except module.PortAudioError as error:
            IN_USE.release()
            raise _refusal(error, chosen, self._wanted_rate) from error
        except BaseException:
            IN_USE.release()
            raise
        self._first_sound.wait(_FIRST_SOUND_SECONDS)
        self._last_sound_at = time.monotonic()

    def _chosen(self) -> InputDevice:
        """The device that was asked for by index, by its key, by part of its name, or the default."""
        reason = reason_unavailable()
        if reason:
            raise Unavailable(reason)
        found = devices()
        for device in found:
            if self.device in (None, device.index, device.key):
                return device
        # its place in the list has changed: the name decides
        name = str(self.device).partition(": ")[2] or str(self.device)
        if named := [device for device in found if name.lower() in device.name.lower()]:
            return named[0]
        raise Unavailable(
            f"The microphone “{name}” is not connected: plug it in and look again, or choose another one."
        )

    def _open(self, module: ModuleType, chosen: InputDevice) -> None:
        """Start the stream in mono; of a device that only has pairs, `stop` keeps the louder channel."""
        try:
            self._stream = self._stream_of(module, chosen, 1)
        except module.PortAudioError as error:
            if _code(error) != _BAD_CHANNELS:
                raise
            self._stream = self._stream_of(module, chosen, chosen.channels)
        self.rate = round(self._stream.samplerate)
        try:
            self._stream.start()
        except module.PortAudioError:
            self._stream.close()
            self._stream = None
            raise

    def _stream_of(self, module: ModuleType, chosen: InputDevice, channels: int) -> Any:
        """A stream that is not running yet; long buffers: a lost block is worse than a late one."""
        rate = self._wanted_rate or chosen.rate
        limit = round(self._max_seconds * rate)

        def collect(block: npt.NDArray[np.int16], n_frames: int, when: Any, status: Any) -> None:
            # what was lost before the first block is not missing inside the take
            self._n_overflows += bool(status.input_overflow) and self._n_samples > 0
            self._last_sound_at = time.monotonic()
            self._blocks.append(block[: limit - self._n_samples].copy())
            self._n_samples = min(limit, self._n_samples + n_frames)
            self._first_sound.set()
            if self._n_samples >= limit:
                raise module.CallbackStop

        return module.InputStream(
            samplerate=rate, device=chosen.index, channels=channels,
            dtype="int16", latency="high", callback=collect,
        )

    @property
    def seconds(self) -> float:
        """Length recorded so far."""
        return self._n_samples / self.rate if self.rate else 0.0

    @property
    def alive(self) -> bool:
        """Whether sound still comes in; not after `stop`, at `max_seconds` or when the device went away."""
        return self._stream is not None and not self._is_stalled() and bool(self._stream.active)

    @property
    def full(self) -> bool:
        """Whether `max_seconds` are reached."""
        return self.rate > 0 and self._n_samples >= round(self._max_seconds * self.rate)

    def _is_stalled(self) -> bool:
        """Whether the sound stopped coming, though PortAudio says that the stream is active."""
        patience = _STALLED_SECONDS if self._n_samples else _NEVER_CAME_SECONDS
        return time.monotonic() - self._last_sound_at > patience

    def since(self, n_blocks: int) -> tuple[Samples, int]:
        """Mono sound (n,) after the first `n_blocks` blocks that came, and how many came by now."""
        blocks = self._blocks[n_blocks:]
        return _joined(blocks), n_blocks + len(blocks)

    def level(self) -> Meter:
        """The level for the meter; call it as often as the page draws."""
        blocks, n_last = self._blocks, round(_METER_SECONDS * self.rate)
        fresh = _joined(blocks[self._n_metered :])
        self._n_metered = len(blocks)
        recent = fresh
        for n_back in range(1, len(blocks) + 1):
            recent = _joined(blocks[-n_back:])
            if len(recent) >= n_last:
                break
        return Meter(rms_dbfs(recent[-n_last:]), peak_dbfs(fresh), clipped(fresh).count > 0)

    def stop(self) -> Captured:
        """End the recording and return it with its last moments, also when the device went away."""
        if self._stream is None:
            raise Refused("Nothing is being recorded: start a recording first.")
        stream, self._stream = self._stream, None
        is_lost = not self.full and (self._is_stalled() or not stream.active)
        try:
            if is_lost:
                stream.abort(ignore_errors=True)  # stop() would wait for sound that never comes
            else:
                # what was said until now is still on its way through the buffers
                time.sleep(stream.latency + _TAIL_SECONDS)
                stream.stop(ignore_errors=True)
        finally:
            stream.close(ignore_errors=True)
            IN_USE.release()
        samples = np.concatenate(self._blocks) if self._blocks else np.zeros((0, 1), np.int16)
        loudest = int(np.abs(samples.astype(np.int32)).sum(axis=0).argmax()) if samples.shape[1] > 1 else 0
        return Captured(np.ascontiguousarray(samples[:, loudest]), self.rate, self._n_overflows, is_lost)


def _joined(blocks: list[npt.NDArray[np.int16]]) -> npt.NDArray[np.float32]:
    """Blocks (n, channels) as one float32 row of the louder values."""
    if not blocks:
        return np.zeros(0, np.float32)
    joined = np.concatenate(blocks)
    louder = np.abs(joined.astype(np.int32)).argmax(axis=1)
    return joined[np.arange(len(joined)), louder].astype(np.float32) / np.float32(32768)


def _code(error: Exception) -> int | None:
    """PortAudio's error code."""
    return error.args[1] if len(error.args) > 1 else None


def _refusal(error: Exception, device: InputDevice, rate: int | None) -> Unavailable:
    """PortAudio's error in words that say what to do."""
    if _code(error) == _BUSY:
        return Unavailable(
            f"“{device.name}” is in use by another program: close that program (a call, another recorder), "
            "then record again."
        )
    if _code(error) == _BAD_RATE:
        return Unavailable(
            f"“{device.name}” does not record at {rate or device.rate} Hz: "
            f"choose its own rate, {device.rate} Hz."
        )
    return Unavailable(
        f"“{device.name}” could not be opened ({error.args[0]}): plug it in again, "
        "allow this app to use the microphone in the system's settings, or choose another one."
    )
