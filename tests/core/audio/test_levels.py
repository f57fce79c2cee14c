"""Levels, silence and the waveform of made signals, at every rate."""
from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from core.audio import levels
from core.audio.peaks import peaks
from core.audio.read import resample
from core.audio.silence import active, silence, speech_part

Samples = npt.NDArray[np.float32]
RATES = [8_000, 16_000, 44_100, 48_000, 96_000]


def sine(seconds: float, rate: int, amplitude: float = 0.5, hz: float = 440.0) -> Samples:
    """A tone."""
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def noise(seconds: float, rate: int, level_dbfs: float, seed: int = 0) -> Samples:
    """White noise of that RMS level."""
    n = round(seconds * rate)
    return np.random.default_rng(seed).normal(0, 10 ** (level_dbfs / 20), n).astype(np.float32)


def spoken(rate: int, *parts: tuple[float, float]) -> Samples:
    """Tones of (seconds, amplitude) in a row over room noise at -65 dBFS."""
    joined = np.concatenate([sine(seconds, rate, amplitude) for seconds, amplitude in parts])
    return joined + noise(len(joined) / rate, rate, -65)


def test_peak_rms_and_offset() -> None:
    tone = sine(1, 16_000)
    assert levels.peak_dbfs(tone) == pytest.approx(-6.02, abs=0.01)
    assert levels.rms_dbfs(tone) == pytest.approx(-9.03, abs=0.01)
    assert levels.dc_offset(tone + np.float32(0.1)) == pytest.approx(0.1, abs=1e-4)
    for empty in (np.zeros(0, np.float32), np.zeros(500, np.float32)):
        assert levels.peak_dbfs(empty) == levels.rms_dbfs(empty) == levels.FLOOR_DBFS
        assert levels.dc_offset(empty) == 0.0


def test_clipping_counts_flat_tops_only() -> None:
    samples = np.zeros(1000, np.float32)
    samples[10:12] = 1.0  # two: a peak
    samples[100:105] = 1.0
    samples[200:203] = -1.0
    samples[-4:] = 32767 / 32768  # a top at the very end
    assert levels.clipped(samples) == levels.Clipped(12, 0.012)
    assert levels.clipped(sine(1, 48_000, 0.99)).count == 0
    assert levels.clipped(np.clip(sine(1, 48_000, 2.0), -1, 1)).share > 0.3
    assert levels.clipped(np.zeros(0, np.float32)).count == 0


@pytest.mark.parametrize("rate", RATES)
def test_noise_floor_and_snr(rate: int) -> None:
    quiet = np.zeros(rate // 2, np.float32)
    clip = np.concatenate([quiet, sine(1, rate, 0.1), quiet]) + noise(2, rate, -50)
    frames = levels.frame_levels(clip, rate)
    assert levels.noise_dbfs(frames) == pytest.approx(-50, abs=2)
    assert levels.snr_db(frames, active(frames)) == pytest.approx(50 - 23, abs=2.5)


def test_padding_with_digital_silence_is_not_the_noise_of_the_room() -> None:
    clip = noise(2, 16_000, -50)
    padded = np.concatenate([np.zeros(32_000, np.float32), clip])
    assert levels.noise_dbfs(levels.frame_levels(padded, 16_000)) == pytest.approx(-50, abs=2)


@pytest.mark.parametrize("rate", RATES)
def test_frame_levels_are_every_10_ms_and_know_no_offset(rate: int) -> None:
    frames = levels.frame_levels(sine(1, rate) + np.float32(0.2), rate)
    assert len(frames) == 99
    assert frames == pytest.approx(np.full(99, -9.03), abs=0.4)
    for n in (0, 1, 2, 5):
        assert len(levels.frame_levels(np.full(n, 0.1, np.float32), rate)) == min(n, 1)


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_bandwidth_sees_through_upsampling(rate: int) -> None:
    telephone = resample(noise(2, 8_000, -20), 8_000, rate)
    assert 3_500 < levels.bandwidth_hz(telephone, rate) < 4_400
    assert levels.bandwidth_hz(noise(2, rate, -20), rate) > 0.95 * rate / 2
    assert levels.bandwidth_hz(np.zeros(rate, np.float32), rate) == 0.0
    assert levels.bandwidth_hz(sine(1, rate, hz=1_000), rate) == pytest.approx(1_000, abs=250)


@pytest.mark.parametrize("rate", RATES)
def test_lead_trail_and_longest_pause(rate: int) -> None:
    found = silence(spoken(rate, (0.4, 0), (1.0, 0.2), (0.7, 0), (0.5, 0.1), (0.2, 0)), rate)
    assert found.lead == pytest.approx(0.4, abs=0.025)
    assert found.trail == pytest.approx(0.2, abs=0.025)
    assert found.longest == pytest.approx(0.7, abs=0.03)
    assert found.ratio == pytest.approx(1.3 / 2.8, abs=0.03)


@pytest.mark.parametrize("floor", [-120, -75, -55, -45])
def test_the_threshold_follows_the_room(floor: float) -> None:
    quiet = np.zeros(16_000, np.float32)
    clip = np.concatenate([quiet, sine(1, 16_000, 0.1), quiet]) + noise(3, 16_000, floor)
    found = silence(clip, 16_000)
    assert (found.lead, found.trail) == (pytest.approx(1.0, abs=0.03), pytest.approx(1.0, abs=0.03))


@pytest.mark.parametrize("clip", [np.zeros(16_000, np.float32), noise(1, 16_000, -70), noise(1, 16_000, -45)])
def test_all_silence(clip: Samples) -> None:
    found = silence(clip, 16_000)
    assert (found.lead, found.trail, found.longest, found.ratio) == (1.0, 1.0, 1.0, 1.0)
    assert speech_part(clip, 16_000) is None


def test_no_samples_at_all() -> None:
    assert silence(np.zeros(0, np.float32), 16_000).ratio == 1.0


def test_all_speech() -> None:
    voice = sine(1, 16_000, 0.3) * (0.6 + 0.4 * sine(1, 16_000, 1.0, hz=4))
    assert silence(sine(1, 16_000), 16_000).ratio == 0.0
    found = silence(voice, 16_000)  # its own dips, 14 dB deep, are all that can be taken for pauses
    assert found.lead == found.trail == 0.0 and found.longest < 0.1 and found.ratio < 0.35


def test_a_lone_click_is_no_speech_but_a_burst_after_a_word_is() -> None:
    clip = spoken(16_000, (1.0, 0), (0.8, 0.2), (0.08, 0), (0.015, 0.2), (1.0, 0))
    clip[3_000:3_080] += 0.2
    found = silence(clip, 16_000)
    assert found.lead == pytest.approx(1.0, abs=0.03)
    assert found.trail == pytest.approx(1.0, abs=0.03)


def test_the_spoken_part_keeps_its_margin() -> None:
    clip = spoken(16_000, (1.0, 0), (0.8, 0.2), (0.1, 0))
    assert speech_part(clip, 16_000) == (pytest.approx(0.75, abs=0.03), pytest.approx(1.9, abs=0.001))


@pytest.mark.parametrize(("n", "n_bins"), [(1000, 10), (1003, 10), (7, 20), (0, 5), (1, 1)])
def test_peaks_hold_every_extreme(n: int, n_bins: int) -> None:
    samples = np.random.default_rng(3).normal(0, 0.2, n).astype(np.float32)
    found = peaks(samples, n_bins)
    assert found.shape == (n_bins, 2) and found.dtype == np.float32
    assert (found[:, 0] <= found[:, 1]).all()
    if n:
        assert found[:, 0].min() == samples.min() and found[:, 1].max() == samples.max()
    if n == 1000:
        assert found[3].tolist() == [samples[300:400].min(), samples[300:400].max()]
