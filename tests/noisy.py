"""Made speech in noise, for auto-start and auto-stop: the page's and the desktop recorder's."""
from __future__ import annotations

import subprocess
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
import soxr

Sound = npt.NDArray[np.float32]
RATE = 48_000
LEAD, TRAIL = 1.5, 2.5
SENTENCES = (
    "order number one two nine six eight zero three",
    "the driver is at location six, six, five, one",
    "thank you",
    "five",
    "my phone number is seven, two, zero, four, four",
)


@cache
def speech(said: str, voice: str, speed: int) -> Sound:
    """What espeak-ng says, at 48 kHz, from its first sound to its last."""
    done = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", str(speed), "--stdout", said], check=True, capture_output=True
    )
    rate = int.from_bytes(done.stdout[24:28], "little")
    sound = np.frombuffer(done.stdout[44:], dtype="<i2").astype(np.float32) / 32768
    sound = soxr.resample(sound, rate, RATE)
    loud = np.flatnonzero(np.abs(sound) > 0.01)
    return sound[loud[0] : loud[-1]] / np.abs(sound).max()


def noise(n: int, kind: str, rng: np.random.Generator) -> Sound:
    """A steady noise of power 1: white, or falling with the frequency as fans and streets do, or that of a
    room without what a microphone at another rate would not hear alike."""
    n_fast = 1 << (n - 1).bit_length()  # a length with a large prime in it takes many times as long
    made = rng.standard_normal(n if kind == "white" else n_fast)
    if kind != "white":
        spectrum, hertz = np.fft.rfft(made), np.fft.rfftfreq(n_fast, 1 / RATE)
        shaped = spectrum / np.sqrt(np.maximum(hertz, 60)) if kind == "fan" else spectrum * (hertz <= 8000)
        made = np.fft.irfft(shaped, n_fast)[:n]
    return (made / np.sqrt(np.mean(made**2))).astype(np.float32)


def case(number: int, snr_db: float) -> tuple[list[Sound], float]:
    """A take, the quiet room, the voice in the room, each at 48 kHz; and the second when speech ends."""
    rng = np.random.default_rng([number, round(snr_db)])
    said = SENTENCES[number % len(SENTENCES)]
    clean = 0.3 * speech(said, ("en-us", "en-gb+f2", "en-gb+m3")[number % 3], 130 + 10 * (number % 4))
    level = np.sqrt(np.mean(clean**2)) * 10 ** (-snr_db / 20)
    kind = ("white", "fan")[number // 2 % 2]

    def room(n: int) -> Sound:
        return (level * noise(n, kind, rng)).astype(np.float32)

    whole = room(round((LEAD + TRAIL) * RATE) + len(clean))
    start = round(LEAD * RATE)
    whole[start : start + len(clean)] += clean
    other = 0.3 * speech(SENTENCES[0], "en-us", 140)
    return [whole, room(2 * RATE), other + room(len(other))], LEAD + len(clean) / RATE


def wrong(events: Sequence[tuple[str, float]], end: float) -> str:
    """What is wrong with begin and end of one take; empty when all is well."""
    if [what for what, _ in events] != ["begin", "end"]:
        return f"events {events}, speech until {end:.2f}"
    begin, stop = (at for _, at in events)
    if begin - 0.5 > LEAD:  # what the pre-roll and the quarter before speech was known bring back
        return f"began at {begin:.2f}: the first sound is lost"
    if stop < end:
        return f"cut at {stop:.2f}, speech until {end:.2f}"
    return f"stopped {stop - end:.2f} s after speech" if stop > end + 1 else ""
