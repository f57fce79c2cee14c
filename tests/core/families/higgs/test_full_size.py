"""The released size without its weights: what is trained, and what an estimate says of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import higgs_train
from core.families.higgs import estimating
from core.families.higgs import folder as folders
from core.families.higgs.options import PRESETS, HiggsOptions
from core.modelling.higgs import tiny

WIDTH, LAYERS, INNER, QUERIES, KEYS = 3072, 28, 8192, 24 * 128, 8 * 128
LAYER = 2 * (WIDTH + QUERIES) + 2 * (WIDTH + KEYS) + 3 * (WIDTH + INNER)
TABLES = 2 * 8 * 1026 * WIDTH


@pytest.fixture
def released(tmp_path: Path) -> folders.Folder:
    """A folder of the released size as its config tells it."""
    from transformers import HiggsAudioV2Config

    config = json.loads(json.dumps(HiggsAudioV2Config(codebook_size=tiny.ROWS).to_dict(), default=str))
    return folders.Folder(tmp_path, config, tmp_path, {})


@pytest.mark.slow
def test_the_adapters_of_the_released_size(figure: Callable[[str], None]) -> None:
    found = higgs_train.shapes(16)
    figure("; ".join(f"Higgs {name}: {n:,}" for name, n in found.items()))
    assert found["n_adapters"] == 7 * LAYERS
    assert found["voice_r16"] == 16 * LAYERS * LAYER
    assert found["language_r32"] == 32 * LAYERS * LAYER + TABLES
    assert 5.3e9 < found["n_parameters"] < 5.5e9, "5.8 thousand million with the head that writes text"


def test_the_estimate_counts_the_same(released: folders.Folder, base: Path) -> None:
    voice, language = (HiggsOptions(**PRESETS[name]) for name in ("Voice", "New language"))
    assert estimating.trained(released, voice) == 16 * LAYERS * LAYER
    assert estimating.trained(released, language) == 32 * LAYERS * LAYER + TABLES
    assert 5.7e9 < estimating.parameters(released) < 5.9e9
    light = estimating.memory_gb(released, voice, 800)
    heavy = estimating.memory_gb(released, HiggsOptions(half_base=False, gradient_checkpointing=False), 800)
    assert 22 < light < 26, "loading in fp32 takes the most"
    assert heavy > light + 5
    from core.modelling.weights import n_parameters

    assert estimating.parameters(folders.read(base)) == pytest.approx(n_parameters(base), rel=0.01)
