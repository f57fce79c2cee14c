"""The end of speech by its level: made speech in noise, the thresholds of the page, the power of the band."""
from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from core.audio import endpoint
from core.audio.endpoint import BandPower, Endpoint, Room, blind_room, room_of
from tests.noisy import RATE, SENTENCES, Sound, case, noise, speech, wrong

SCRIPT = Path(__file__).resolve().parents[3] / "ui" / "static" / "endpoint.js"


def powers(sound: Sound, rate: int = RATE, n_chunk: int = 4800) -> np.ndarray:
    """The powers of a sound that comes in chunks, as a microphone delivers it."""
    band = BandPower(rate)
    return np.concatenate([band.feed(sound[at : at + n_chunk]) for at in range(0, len(sound), n_chunk)])


def heard(sound: Sound, room: Room, rate: int = RATE) -> list[tuple[str, float]]:
    block = BandPower(rate).n_block / rate
    ear = Endpoint(room, block)
    told = ((ear.hear(float(power)), (i + 2) * block) for i, power in enumerate(powers(sound, rate)))
    return [(what, at) for what, at in told if what]


def test_the_page_and_the_desktop_have_the_same_thresholds() -> None:
    script = SCRIPT.read_text()
    for name in ("SMOOTH", "BEGIN", "HANG", "STEADY", "STEADY_DB", "BLIND_MARGIN"):
        written = re.search(rf"const {name} = ([\d.]+);", script)
        assert written is not None and float(written[1]) == getattr(endpoint, name), name
    bands = [float(hertz) for hertz in re.findall(r"frequency: (\d+)", script)]
    assert bands == list(endpoint.BAND_HZ)


@pytest.mark.parametrize("snr_db", [5, 15, 30])
def test_a_take_ends_within_a_second_after_speech_and_never_in_it(snr_db: float) -> None:
    faults = []
    for number in range(20):
        (take, quiet, spoken), end = case(number, snr_db)
        fault = wrong(heard(take, room_of(powers(quiet), powers(spoken))), end)
        faults += [(number, fault)] if fault else []
    assert len(faults) <= 1, faults
    assert not [fault for _, fault in faults if "cut" in fault or "lost" in fault], faults


def test_noise_alone_is_no_speech() -> None:
    rng = np.random.default_rng(3)
    spoken = 0.3 * speech(SENTENCES[0], "en-us", 140)
    for kind in ("white", "fan"):
        long, quiet = (0.02 * noise(n * RATE, kind, rng) for n in (6, 2))
        assert heard(long, room_of(powers(quiet), powers(spoken))) == []


def test_a_fan_that_is_switched_on_does_not_keep_a_take_open() -> None:
    (take, quiet, spoken), end = case(0, 30)
    take = np.concatenate([take, np.zeros(4 * RATE, np.float32)])
    fan = 0.02 * noise(len(take), "fan", np.random.default_rng(4))
    take[round(end * RATE) :] += fan[round(end * RATE) :]
    events = heard(take, room_of(powers(quiet), powers(spoken)))
    assert [what for what, _ in events][:2] == ["begin", "end"]
    assert events[1][1] < end + 3.5


def test_without_a_check_the_first_moments_stand_for_the_room() -> None:
    (take, _, _), end = case(1, 30)
    all_powers = powers(take)
    assert blind_room(all_powers[:8]) is None
    room = blind_room(all_powers[:14])
    assert room is not None and wrong(heard(take, room), end) == ""


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
def test_the_power_is_that_of_the_band_of_speech_at_every_rate(rate: int) -> None:
    time_s = np.arange(2 * rate) / rate
    tones = {hertz: np.sin(2 * np.pi * hertz * time_s).astype(np.float32) for hertz in (50, 1000)}
    level = {hertz: 10 * np.log10(powers(tone, rate).mean()) for hertz, tone in tones.items()}
    assert level[1000] == pytest.approx(-3.0, abs=0.6)  # a full-scale sine, whole
    assert level[1000] - level[50] > 15  # mains hum, below the band


def test_blocks_do_not_depend_on_how_the_sound_was_cut() -> None:
    (take, _, _), _ = case(2, 15)
    assert np.allclose(powers(take, n_chunk=317), powers(take, n_chunk=480))
    assert len(powers(take)) == len(take) // BandPower(RATE).n_block - 1
