"""The spectrum and the dynamic range of what is said: known for made sounds, and the same when louder."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio.levels import Samples, frame_levels
from core.audio.silence import active
from core.audio.spectrum import Spectrum, dynamic_range_db, spectrum

RATES = [8_000, 16_000, 24_000, 48_000]


def noise(rate: int, seconds: float = 3.0) -> Samples:
    return np.random.default_rng(0).normal(0, 0.1, round(seconds * rate)).astype(np.float32)


def tones(rate: int, *parts: tuple[float, float], seconds: float = 3.0) -> Samples:
    """A sum of sines, (hertz, amplitude) each."""
    at = np.arange(round(seconds * rate)) / rate
    return sum(level * np.sin(2 * np.pi * hertz * at) for hertz, level in parts).astype(np.float32)


def whole(samples: Samples, rate: int) -> Spectrum:
    """The spectrum with all frames counted as spoken."""
    found = spectrum(samples, rate, np.ones(len(frame_levels(samples, rate)), np.bool_))
    assert found is not None
    return found


@pytest.mark.parametrize("rate", RATES)
def test_a_tone_has_its_own_middle_and_noise_that_of_its_band(rate: int) -> None:
    tone = whole(tones(rate, (1000, 0.3)), rate)
    assert tone.centroid_hz == pytest.approx(1000, abs=30) and tone.rolloff_hz == pytest.approx(1000, abs=50)
    assert tone.flatness < 0.01
    white = whole(noise(rate), rate)
    assert white.centroid_hz == pytest.approx(rate / 4, rel=0.05)
    assert white.rolloff_hz == pytest.approx(0.85 * rate / 2, rel=0.05)
    assert white.flatness == pytest.approx(np.exp(-np.euler_gamma), abs=0.03), "as periodograms of noise have"


def test_the_middle_goes_by_power_and_the_rolloff_by_its_sum() -> None:
    found = whole(tones(16_000, (500, 0.3), (3000, 0.1)), 16_000)
    assert found.centroid_hz == pytest.approx((500 * 9 + 3000) / 10, rel=0.03)
    assert found.rolloff_hz == pytest.approx(500, abs=50)
    assert whole(tones(16_000, (500, 0.3), (3000, 0.2)), 16_000).rolloff_hz == pytest.approx(3000, abs=50)


def test_dc_and_hum_do_not_count() -> None:
    clean = tones(16_000, (800, 0.1))
    found = whole(clean + tones(16_000, (50, 0.1)) + np.float32(0.3), 16_000)
    assert found.centroid_hz == pytest.approx(whole(clean, 16_000).centroid_hz, rel=0.1)


def syllables(rate: int = 16_000) -> Samples:
    """Loud and soft stretches of a buzz, 20 dB apart, between silences, in a quiet room."""
    buzz = tones(rate, *((150 * n, 0.3 / n) for n in range(1, 12)), seconds=0.5)
    quiet = np.zeros(rate // 2, np.float32)
    said = np.concatenate([quiet, buzz, 0.1 * buzz, buzz, 0.1 * buzz, quiet])
    return said + np.float32(0.001) * noise(rate, len(said) / rate)


def measured(samples: Samples, rate: int = 16_000) -> tuple[Spectrum, float]:
    levels = frame_levels(samples, rate)
    mask = active(levels)
    found, span = spectrum(samples, rate, mask), dynamic_range_db(levels, mask)
    assert found is not None and span is not None
    return found, span


@pytest.mark.parametrize("gain", [0.1, 0.5, 2.0])
def test_a_louder_copy_has_the_same_figures(gain: float) -> None:
    found, span = measured(syllables())
    other, its_span = measured(np.float32(gain) * syllables())
    assert vars(other) == pytest.approx(vars(found), rel=1e-3)
    assert its_span == pytest.approx(span, abs=0.1)


def test_the_range_is_that_of_the_speech_and_not_of_the_silence_around_it() -> None:
    assert measured(syllables())[1] == pytest.approx(20, abs=1.5)
    longer = np.concatenate([np.float32(0.001) * noise(16_000), syllables()])
    assert measured(longer)[1] == pytest.approx(measured(syllables())[1], abs=0.5)


@pytest.mark.parametrize("samples", [np.zeros(16_000, np.float32), np.zeros(0, np.float32),
                                     np.full(300, 0.1, np.float32)])
def test_where_nothing_is_said_there_are_no_figures(samples: Samples) -> None:
    levels = frame_levels(samples, 16_000)
    mask = active(levels)
    assert spectrum(samples, 16_000, mask) is None and dynamic_range_db(levels, mask) is None
    assert spectrum(np.zeros(16_000, np.float32), 16_000, np.ones(99, np.bool_)) is None
