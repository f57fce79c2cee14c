"""The microphone before the first take: the room, the voice, and what spoils a whole session unnoticed."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.audio.levels import FLOOR_DBFS, bandwidth_hz, clipped, frame_levels, mean_dbfs, rms_dbfs
from core.errors import BadInput
from core.types import Finding

Samples = npt.NDArray[np.float32]

MIN_SECONDS = 0.5
# Room noise in words, each up to its level in dBFS.
ROOMS = ((-60.0, "very quiet"), (-50.0, "quiet"), (-40.0, "a little noisy"), (0.0, "loud"))
QUIET_DBFS, FAR_DBFS, CLEAR_DB, HEARD_DB = -40.0, -32.0, 20.0, 6.0
# Mains hum: a line that stands so far above its neighbours, at two harmonics at least, and can be heard.
HUM_ABOVE_DB, HUM_DBFS, HARMONICS = 15.0, -70.0, (1, 2, 3, 4, 6)
# What sound of 8 and 16 kHz reaches; a microphone of its own hears more.
TELEPHONE_HZ, WIDE_HEADSET_HZ, FULL_RATE = 4300.0, 8300.0, 32_000
PROCESSING = {
    "echoCancellation": "echo cancellation",
    "noiseSuppression": "noise suppression",
    "autoGainControl": "automatic gain",
}


@dataclass(frozen=True)
class MicrophoneCheck:
    """Levels in dBFS, `above_db` voice over room in dB, `hum_hz` 0 where there is none; `room` in words."""

    room_dbfs: float
    room: str
    voice_dbfs: float
    above_db: float
    hum_hz: int
    hum_dbfs: float
    bandwidth_hz: float
    findings: tuple[Finding, ...]

    @property
    def sentence(self) -> str:
        """What was measured, for a person."""
        return (
            f"Your voice has {self.voice_dbfs:z.0f} dBFS, the room {self.room_dbfs:z.0f} dBFS ({self.room}): "
            f"{self.above_db:z.0f} dB apart."
        )


def check(
    room: Samples, voice: Samples, rate: int, processing: Mapping[str, object] | None = None
) -> MicrophoneCheck:
    """Measure a stretch of the quiet `room` (n,) and one of `voice` (n,), mono at `rate` Hz.

    `processing` are the settings that the browser says are on. Raises BadInput for less than half a second.
    """
    if min(len(room), len(voice)) < MIN_SECONDS * rate:
        raise BadInput("The microphone was heard for less than half a second; run the check again.")
    room_dbfs = rms_dbfs(room - room.mean())
    loud = frame_levels(voice, rate)
    voice_dbfs = mean_dbfs(loud[loud >= np.percentile(loud, 70)])
    hum_hz, hum_dbfs = hum(room, rate)
    measured = MicrophoneCheck(
        room_dbfs=room_dbfs,
        room=next(word for limit, word in ROOMS if room_dbfs <= limit),
        voice_dbfs=voice_dbfs,
        above_db=voice_dbfs - room_dbfs,
        hum_hz=hum_hz,
        hum_dbfs=hum_dbfs,
        bandwidth_hz=bandwidth_hz(voice, rate),
        findings=(),
    )
    found = tuple(_findings(measured, clipped(voice).share, rate, processing or {}))
    return replace(measured, findings=found)


def hum(room: Samples, rate: int) -> tuple[int, float]:
    """Mains hum in the `room`: 50 or 60 Hz and its level in dBFS; (0, FLOOR_DBFS) where there is none."""
    found = [(_hum_level(room, rate, mains), mains) for mains in (50, 60)]
    level, mains = max(found)
    return (mains, level) if level > HUM_DBFS else (0, FLOOR_DBFS)


def _hum_level(room: Samples, rate: int, mains: int) -> float:
    """Level of the lines at multiples of `mains`, if two of them stand out; FLOOR_DBFS otherwise."""
    window = np.hanning(len(room))
    power = np.abs(np.fft.rfft((room - room.mean()) * window)) ** 2
    power *= 2.0 / (len(room) * float(np.sum(window**2)))  # so that a sine of amplitude a sums to a²/2
    width = rate / len(room)
    lines = []
    for harmonic in HARMONICS:
        at = round(mains * harmonic / width)
        reach, beside = max(2, round(1.5 / width)), round(12 / width)
        line = float(power[at - reach : at + reach + 1].sum())
        below, above = power[max(0, at - beside) : at - 2 * reach], power[at + 2 * reach : at + beside]
        usual = float(np.median(np.concatenate((below, above)))) * (2 * reach + 1)
        if 10 * np.log10(line / (usual + 1e-20)) > HUM_ABOVE_DB:
            lines.append(line)
    if len(lines) < 2:
        return FLOOR_DBFS
    return max(FLOOR_DBFS, 10.0 * float(np.log10(sum(lines) + 1e-12)))


def _findings(
    measured: MicrophoneCheck, clipped_share: float, rate: int, processing: Mapping[str, object]
) -> Iterator[Finding]:
    """What should be mended before the session begins, worst first."""
    if measured.above_db < HEARD_DB:
        told = "Your voice was not heard above the room: choose another microphone, or unmute this one."
        yield Finding("not_heard", "refuse", told, measured.above_db)
        return
    yield from _level_findings(measured, clipped_share)
    if measured.hum_hz:
        told = (
            f"A hum of {measured.hum_hz} Hz ({measured.hum_dbfs:z.0f} dBFS): move the cable away from power "
            "supplies, use another socket, or let the laptop run on its battery."
        )
        yield Finding("hum", "warn", told, measured.hum_dbfs)
    yield from _band_findings(measured.bandwidth_hz, rate)
    named = [word for setting, word in PROCESSING.items() if processing.get(setting) is True]
    if named:
        told = (
            f"The browser would not switch off {' and '.join(named)}: it changes the sound. Use Chrome, Edge "
            "or Firefox, or another microphone."
        )
        yield Finding("processing", "warn", told, float(len(named)))


def _level_findings(measured: MicrophoneCheck, clipped_share: float) -> Iterator[Finding]:
    """Clipping, a quiet or far microphone, a loud room."""
    voice, above = measured.voice_dbfs, measured.above_db
    if clipped_share > 0:
        told = "Too loud, it clips: turn the microphone's gain down or move back a little."
        yield Finding("clipped", "refuse", told, clipped_share)
    if voice < FAR_DBFS and above < CLEAR_DB:
        told = (
            f"The microphone is far away ({voice:z.0f} dBFS, {above:z.0f} dB over the room): come within two "
            "hands of it."
        )
        yield Finding("far", "warn", told, voice)
    elif voice < QUIET_DBFS:
        told = f"{voice:z.0f} dBFS: quiet; turn the microphone's gain up or move closer."
        yield Finding("quiet", "warn", told, voice)
    elif above < CLEAR_DB:
        told = f"Only {above:z.0f} dB between voice and room: close the window or switch the fan off."
        yield Finding("loud_room", "warn", told, above)


def _band_findings(bandwidth: float, rate: int) -> Iterator[Finding]:
    """A Bluetooth headset in its call mode sends 8 or 16 kHz, whatever rate the file has."""
    sent = 8 if bandwidth <= TELEPHONE_HZ else 16 if bandwidth <= WIDE_HEADSET_HZ and rate >= FULL_RATE else 0
    if not sent or (sent == 8 and rate <= 8000):
        return
    told = (
        f"Nothing above {bandwidth / 1000:.1f} kHz is heard: a Bluetooth headset in call mode sends "
        f"{sent} kHz only. Use a cable, or the microphone of the computer."
    )
    yield Finding("narrow_band", "warn", told, bandwidth)
