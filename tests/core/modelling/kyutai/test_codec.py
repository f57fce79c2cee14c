"""Sound as codes: frame by frame and in chunks as all at once, and the past alone matters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.families.kyutai import opening
from core.modelling.kyutai import codec
from tests.tiny_kyutai import make_kyutai

N_Q, FRAME = 8, codec.FRAME_SAMPLES


@pytest.fixture(scope="module")
def mimi(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return opening.open_codec(make_kyutai(tmp_path_factory.mktemp("codec") / "base"))


def sound(frames: int) -> Any:
    drawn = np.random.default_rng(3)
    n = frames * FRAME
    return (0.3 * drawn.normal(size=n) * np.sin(np.arange(n) / 3e4)).astype(np.float32)


@pytest.mark.parametrize("each", [1, 3, 25])
def test_a_stream_gives_the_codes_of_the_whole(mimi: Any, each: int) -> None:
    """Longer than what the codec's own attention sees, ten frames."""
    samples = sound(50)
    whole = codec.encode(mimi, samples, N_Q)
    assert whole.shape == (50, N_Q) and whole.dtype == np.uint16 and len(np.unique(whole[:, 0])) > 3
    hearing = codec.Hearing(mimi, N_Q)
    parts = [hearing.push(samples[at : at + each * FRAME]) for at in range(0, 50 * FRAME, each * FRAME)]
    assert np.array_equal(np.concatenate(parts), whole)
    assert np.array_equal(codec.encode(mimi, samples, N_Q, chunk=7), whole)


def test_what_comes_later_moves_no_code(mimi: Any) -> None:
    samples = sound(20)
    longer = np.concatenate([samples, sound(9)[::-1]])
    assert np.array_equal(codec.encode(mimi, longer, N_Q)[:20], codec.encode(mimi, samples, N_Q))


def test_a_frame_has_the_energy_of_its_codes(mimi: Any) -> None:
    codes = codec.encode(mimi, sound(12), N_Q)
    found = codec.energies(mimi, codes)
    assert found.shape == (12,) and (found > 0).all()
    assert np.allclose(found[3:], codec.energies(mimi, codes[3:]), atol=1e-5), "a frame alone decides"
