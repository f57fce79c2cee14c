"""The sizes that are released elsewhere: how many weights they have, and that their shapes fit, without one
of them in memory."""

from __future__ import annotations

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from benchmarks.ttt import moshi_sizes
from core.modelling.lact.asr import LactAsr
from core.modelling.lact.asr_config import SIZES, Size, of_size
from core.modelling.ttt.config import TttConfig, n_weights
from core.modelling.ttt.layer import TttLayer

WIDTH = 4096
"""Of the layers of Moshi 7B."""


@pytest.mark.slow
def test_moshi_7b_with_ttt_layers_has_its_weights() -> None:
    """Billions, without its codec; and of what TTT layers add to it."""
    found = moshi_sizes()
    assert {name: round(n / 1e9, 2) for name, n in found.items()} == {
        "Moshi 7B": 7.69, "middle": 1.61, "all": 3.22}
    assert found["all"] == 2 * found["middle"] == 32 * n_weights(WIDTH, TttConfig())


@pytest.mark.slow
@pytest.mark.parametrize("size", [size for size in SIZES if size != "tiny"])
def test_each_lact_of_a_named_size_goes_forward_and_back(size: Size) -> None:
    with FakeTensorMode():
        network = LactAsr(of_size(size, 32, lact_chunk_size=100)).train()
        logits, lengths = network(torch.zeros(2, 800, 80), torch.full((2,), 800))
        logits.sum().backward()
    assert tuple(logits.shape) == (2, 200, 32) and tuple(lengths.shape) == (2,)
    assert all(p.grad is not None and p.grad.shape == p.shape for p in network.parameters())


@pytest.mark.slow
def test_a_ttt_layer_of_moshi_7b_goes_forward_and_back() -> None:
    with FakeTensorMode():
        layer, x = TttLayer(WIDTH, TttConfig()), torch.zeros(1, 40, WIDTH)
        y, state = layer(x)
        y.sum().backward()
    assert y.shape == x.shape and [w.shape[2:] for w in state.inner.w] == [(1024, 4096), (4096, 1024)]
    assert all(p.grad is not None and p.grad.shape == p.shape for p in layer.parameters())
