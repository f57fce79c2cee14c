"""Auto-start and auto-stop: the page's own script on made speech in noise, run faster than real time."""
from __future__ import annotations

import base64
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pytest
import soxr

from tests.ui.driving import Visit

if TYPE_CHECKING:
    from playwright.sync_api import Page

RATE = 48_000
LEAD, TRAIL = 1.5, 2.5
SENTENCES = (
    "order number one two nine six eight zero three",
    "the driver is at location six, six, five, one",
    "thank you",
    "five",
    "my phone number is seven, two, zero, four, four",
)
HEAR = """async ([sound, quiet, spoken]) => {
  const samples = (text) => { const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return Float32Array.from(new Int16Array(bytes.buffer), (x) => x / 32768); };
  const powers = async (text) => {
    const pcm = samples(text), context = new OfflineAudioContext(1, pcm.length, 48000), told = [];
    const code = URL.createObjectURL(new Blob([voicewright.worklet], { type: "text/javascript" }));
    await context.audioWorklet.addModule(code);
    const buffer = context.createBuffer(1, pcm.length, 48000);
    buffer.copyToChannel(pcm, 0);
    const source = new AudioBufferSourceNode(context, { buffer });
    const tap = voicewright.tapOn(context, source);
    tap.port.onmessage = (event) => told.push(event.data.power);
    source.start();
    await context.startRendering();
    while (told.length < Math.floor(pcm.length / 1024)) await new Promise((done) => setTimeout(done, 5));
    return told;
  };
  const room = voicewright.roomOf(await powers(quiet), await powers(spoken));
  const block = 1024 / 48000, endpoint = new voicewright.Endpoint(room, block), found = [];
  (await powers(sound)).forEach((power, i) => {
    const what = endpoint.hear(power);
    if (what) found.push([what, (i + 1) * block]);
  });
  return found;
}"""


@cache
def speech(said: str, voice: str, speed: int) -> npt.NDArray[np.float32]:
    """What espeak-ng says, at 48 kHz, from its first sound to its last."""
    done = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", str(speed), "--stdout", said], check=True, capture_output=True
    )
    rate = int.from_bytes(done.stdout[24:28], "little")
    sound = np.frombuffer(done.stdout[44:], dtype="<i2").astype(np.float32) / 32768
    sound = soxr.resample(sound, rate, RATE)
    loud = np.flatnonzero(np.abs(sound) > 0.01)
    return sound[loud[0] : loud[-1]] / np.abs(sound).max()


def noise(n: int, kind: str, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """A steady noise of power 1: white, or falling with the frequency as fans and streets do."""
    spectrum = np.fft.rfft(rng.standard_normal(n))
    if kind == "fan":
        spectrum /= np.sqrt(np.maximum(np.fft.rfftfreq(n, 1 / RATE), 60))
    made = np.fft.irfft(spectrum, n)
    return (made / np.sqrt(np.mean(made**2))).astype(np.float32)


def packed(sound: npt.NDArray[np.float32]) -> str:
    return base64.b64encode((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()).decode()


def case(number: int, snr_db: float) -> tuple[list[str], float]:
    """The sounds for HEAR (a take, the quiet room, the voice in the room) and the second when speech ends."""
    rng = np.random.default_rng([number, round(snr_db)])
    said = SENTENCES[number % len(SENTENCES)]
    clean = 0.3 * speech(said, ("en-us", "en-gb+f2", "en-gb+m3")[number % 3], 130 + 10 * (number % 4))
    level = np.sqrt(np.mean(clean**2)) * 10 ** (-snr_db / 20)
    kind = ("white", "fan")[number // 2 % 2]

    def room(n: int) -> npt.NDArray[np.float32]:
        return (level * noise(n, kind, rng)).astype(np.float32)

    whole = room(round((LEAD + TRAIL) * RATE) + len(clean))
    start = round(LEAD * RATE)
    whole[start : start + len(clean)] += clean
    other = 0.3 * speech(SENTENCES[0], "en-us", 140)
    sounds = [whole, room(2 * RATE), other + room(len(other))]
    return [packed(sound) for sound in sounds], LEAD + len(clean) / RATE


def heard(page: Page, number: int, snr_db: float) -> tuple[list[Any], float]:
    sounds, end = case(number, snr_db)
    return page.evaluate(HEAR, sounds), end


def wrong(events: list[Any], end: float) -> str:
    """What is wrong with begin and end of one take; empty when all is well."""
    if [what for what, _ in events] != ["begin", "end"]:
        return f"events {events}, speech until {end:.2f}"
    begin, stop = (at for _, at in events)
    if begin - 0.5 > LEAD:  # what the pre-roll and the quarter before speech was known bring back
        return f"began at {begin:.2f}: the first sound is lost"
    if stop < end:
        return f"cut at {stop:.2f}, speech until {end:.2f}"
    return f"stopped {stop - end:.2f} s after speech" if stop > end + 1 else ""


@pytest.mark.parametrize("snr_db", [5, 15, 30])
def test_a_take_begins_with_speech_and_ends_within_a_second_after_it(visit: Visit, snr_db: float) -> None:
    for number in (0, 2):
        assert wrong(*heard(visit.page, number, snr_db)) == ""


def test_noise_alone_is_no_speech(visit: Visit) -> None:
    rng = np.random.default_rng(3)
    other = 0.3 * speech(SENTENCES[0], "en-us", 140)
    for kind in ("white", "fan"):
        sounds = [0.02 * noise(n * RATE, kind, rng) for n in (6, 2)]
        assert visit.page.evaluate(HEAR, [*map(packed, sounds), packed(other)]) == []


def test_a_fan_that_is_switched_on_does_not_keep_a_take_open(visit: Visit) -> None:
    sounds, end = case(0, 30)
    take = np.frombuffer(base64.b64decode(sounds[0]), dtype="<i2").astype(np.float32) / 32768
    take = np.concatenate([take, np.zeros(4 * RATE, np.float32)])
    fan = 0.02 * noise(len(take), "fan", np.random.default_rng(4))
    take[round(end * RATE) :] += fan[round(end * RATE) :]
    events = visit.page.evaluate(HEAR, [packed(take), *sounds[1:]])
    assert [what for what, _ in events][:2] == ["begin", "end"]
    assert events[1][1] < end + 3.5


@pytest.mark.slow
def test_sixty_takes_at_three_noise_levels(visit: Visit) -> None:
    faults = [
        (snr_db, number, fault)
        for snr_db in (5, 15, 30)
        for number in range(20)
        if (fault := wrong(*heard(visit.page, number, snr_db)))
    ]
    assert len(faults) <= 3, faults
    assert not [f for f in faults if "cut" in f[2] or "lost" in f[2]], faults
