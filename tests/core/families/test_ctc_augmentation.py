"""Disturbances: a pure function of (seed, epoch, clip), within their bounds, and the label still fits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.families.base import Example, Prepared
from core.families.ctc.augmentation import augment
from core.families.ctc.options import CtcOptions

MEL = Prepared({}, "lower", {"stride": 2, "rate": 16000, "seconds_per_frame": 0.02})
NONE: dict[str, Any] = {"tempo": 0, "formants": 0, "time_masks": 0, "frequency_masks": 0, "noise": 0}


def example(width: int = 160, n: int = 100, labels: tuple[int, ...] = (2, 3), name: str = "c") -> Example:
    """Random features (n, width)."""
    return Example(name, np.random.default_rng(5).normal(size=(n, width)).astype(np.float32), labels, "ab")


WAVE = example(1, 16000)


@pytest.mark.parametrize("given", [example(), WAVE])
def test_the_same_seed_epoch_and_clip_give_the_same(given: Example) -> None:
    options = CtcOptions()
    one, two = (augment(given, MEL, options, 1, 3).features for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_the_global_generator_has_no_say() -> None:
    options = CtcOptions()
    np.random.seed(1)
    one = augment(example(), MEL, options, 1, 3).features
    np.random.seed(2)
    np.testing.assert_array_equal(one, augment(example(), MEL, options, 1, 3).features)


@pytest.mark.parametrize(("seed", "epoch", "name"), [(2, 3, "c"), (1, 4, "c"), (1, 3, "d")])
def test_another_seed_epoch_or_clip_gives_something_else(seed: int, epoch: int, name: str) -> None:
    options = CtcOptions()
    one, two = (
        augment(example(), MEL, options, 1, 3).features,
        augment(example(name=name), MEL, options, seed, epoch).features,
    )
    assert one.shape != two.shape or not np.array_equal(one, two)


@pytest.mark.parametrize("given", [example(), WAVE])
def test_with_everything_off_nothing_changes(given: Example) -> None:
    found = augment(given, MEL, CtcOptions(**NONE), 1, 3)
    np.testing.assert_allclose(found.features, given.features, atol=1e-6)
    assert found.labels == given.labels


@pytest.mark.parametrize("given", [example(n=200), WAVE])
def test_tempo_stays_in_its_bounds(given: Example) -> None:
    lengths = [
        len(augment(given, MEL, CtcOptions(**{**NONE, "tempo": 0.1}), 1, e).features) / len(given.features)
        for e in range(40)
    ]
    assert 0.9 <= min(lengths) < 0.95 and 1.05 < max(lengths) <= 1.12


def test_a_faster_clip_still_has_room_for_its_label() -> None:
    tight = example(n=30, labels=tuple(range(2, 29)))
    for epoch in range(30):
        assert len(augment(tight, MEL, CtcOptions(tempo=0.4), 1, epoch).features) >= 27


def test_hidden_stretches_and_bands_are_hidden() -> None:
    options = CtcOptions(**{**NONE, "time_masks": 2, "time_mask_seconds": 0.4})
    hidden = [(augment(example(), MEL, options, 1, e).features == 0).mean() for e in range(10)]
    assert 0 < max(hidden) <= 2 * 0.4 / 2.0 + 0.01
    bands = CtcOptions(**{**NONE, "frequency_masks": 1, "frequency_mask_share": 0.5})
    found = augment(example(), MEL, bands, 1, 1).features.reshape(200, 80)
    assert set(np.unique((found == 0).mean(0))) <= {0.0, 1.0}


def test_a_band_hidden_in_a_waveform_is_gone_from_its_spectrum() -> None:
    bands = CtcOptions(**{**NONE, "frequency_masks": 3, "frequency_mask_share": 0.5})
    before, after = (
        np.abs(np.fft.rfft(x[:, 0])) for x in (WAVE.features, augment(WAVE, MEL, bands, 1, 1).features)
    )
    gone = after < 1e-2 * before
    assert 0.02 < gone.mean() < 1
    np.testing.assert_allclose(after[~gone], before[~gone], rtol=1e-2, atol=1e-2)


def test_noise_is_at_most_its_share() -> None:
    options = CtcOptions(**{**NONE, "noise": 0.5})
    spread = [(augment(example(), MEL, options, 1, e).features - example().features).std() for e in range(20)]
    assert 0 < min(spread) and 0.25 < max(spread) <= 0.51
