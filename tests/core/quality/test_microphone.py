"""The microphone check: rooms, hum, headsets and voices that were made, each fault by its name."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio.levels import rms_dbfs
from core.errors import BadInput
from core.quality.microphone import MicrophoneCheck, check, hum

RATE = 48_000
RNG = np.random.default_rng(5)


def noise(dbfs: float, seconds: float = 2.0, rate: int = RATE) -> np.ndarray:
    made = RNG.standard_normal(round(seconds * rate))
    return (made * 10 ** (dbfs / 20)).astype(np.float32)


def band(samples: np.ndarray, highest: float, rate: int = RATE) -> np.ndarray:
    spectrum = np.fft.rfft(samples)
    spectrum[np.fft.rfftfreq(len(samples), 1 / rate) > highest] = 0
    return np.fft.irfft(spectrum, len(samples)).astype(np.float32)


def voice(
    dbfs: float = -20.0, highest: float = 15_000.0, room: float = -65.0, rate: int = RATE
) -> np.ndarray:
    """Bursts as long as syllables, in a room."""
    t = np.arange(3 * rate) / rate
    bursts = (np.sin(2 * np.pi * 2 * t) > 0) * np.random.default_rng(1).standard_normal(len(t))
    made = band(bursts, highest, rate)
    loud = made / np.sqrt(np.mean(made[np.abs(made) > 1e-3] ** 2)) * 10 ** (dbfs / 20)
    return np.clip(loud + noise(room, 3.0, rate), -1, 1).astype(np.float32)


def mains(hz: float, dbfs: float) -> np.ndarray:
    t = np.arange(2 * RATE) / RATE
    made = sum(np.sin(2 * np.pi * hz * k * t) / k for k in (1, 2, 3))
    return (made / np.sqrt(np.mean(made**2)) * 10 ** (dbfs / 20)).astype(np.float32)


def codes(found: MicrophoneCheck) -> list[str]:
    return [finding.code for finding in found.findings]


def test_a_good_microphone_in_a_quiet_room_has_no_faults() -> None:
    found = check(noise(-65), voice(), RATE, {"echoCancellation": False, "autoGainControl": False})
    assert codes(found) == []
    assert found.room_dbfs == pytest.approx(-65, abs=1) and found.room == "very quiet"
    assert found.voice_dbfs == pytest.approx(-18.5, abs=2)
    assert found.sentence.startswith("Your voice has -1") and "dB apart" in found.sentence


@pytest.mark.parametrize(
    ("dbfs", "word"), [(-70, "very quiet"), (-55, "quiet"), (-45, "a little noisy"), (-30, "loud")]
)
def test_a_room_has_its_word(dbfs: float, word: str) -> None:
    assert check(noise(dbfs), voice(-8, room=dbfs), RATE).room == word


@pytest.mark.parametrize(
    ("room", "spoken", "code"),
    [
        (noise(-50), noise(-50, 3), "not_heard"),
        (noise(-65), np.clip(voice(-3) * 4, -1, 1), "clipped"),
        (noise(-65), voice(-44), "quiet"),
        (noise(-48), voice(-36, room=-48), "far"),
        (noise(-36), voice(-20, room=-36), "loud_room"),
        (noise(-65) + mains(50, -50), voice(), "hum"),
        (noise(-75), voice(highest=3900, room=-95), "narrow_band"),
        (noise(-75), voice(highest=7900, room=-95), "narrow_band"),
    ],
)
def test_each_fault_is_named(room: np.ndarray, spoken: np.ndarray, code: str) -> None:
    found = check(room.astype(np.float32), spoken.astype(np.float32), RATE)
    assert codes(found) == [code]
    assert found.findings[0].sentence.endswith(".")


@pytest.mark.parametrize("hz", [50, 60])
@pytest.mark.parametrize("dbfs", [-45, -60])
def test_hum_is_found_with_its_frequency_and_level(hz: int, dbfs: float) -> None:
    found_hz, level = hum(noise(-66) + mains(hz, dbfs), RATE)
    assert found_hz == hz and level == pytest.approx(dbfs, abs=1.5)


def test_noise_music_and_a_single_tone_are_no_hum() -> None:
    t = np.arange(2 * RATE) / RATE
    for room in (noise(-40), 0.01 * np.sin(2 * np.pi * 440 * t), 0.01 * np.sin(2 * np.pi * 100 * t)):
        assert hum((room + noise(-70)).astype(np.float32), RATE)[0] == 0


def test_a_headset_is_told_by_what_it_sends() -> None:
    told = [check(noise(-75), voice(highest=hz, room=-95), RATE).findings[0].sentence for hz in (3900, 7900)]
    assert "sends 8 kHz" in told[0] and "sends 16 kHz" in told[1]
    assert codes(check(noise(-75, rate=16_000), voice(highest=7900, room=-95, rate=16_000), 16_000)) == []


def test_browser_processing_that_stayed_on_is_named() -> None:
    found = check(noise(-65), voice(), RATE, {"echoCancellation": True, "noiseSuppression": True})
    assert codes(found) == ["processing"]
    assert "echo cancellation and noise suppression" in found.findings[0].sentence


def test_too_short_a_check_is_refused_and_the_room_is_measured_without_its_offset() -> None:
    with pytest.raises(BadInput, match="less than half a second"):
        check(noise(-65, 0.2), voice(), RATE)
    shifted = noise(-65) + np.float32(0.02)
    assert rms_dbfs(shifted) > -40
    assert check(shifted, voice(), RATE).room_dbfs == pytest.approx(-65, abs=1)
