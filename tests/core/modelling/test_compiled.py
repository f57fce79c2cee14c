"""Compiled as the option of the loop does it, the layers that learn while they hear give the numbers that
they give as written: outputs and gradients."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
import torch

from core.modelling.lact.asr import LactAsr
from core.modelling.lact.asr_config import AsrConfig
from core.modelling.lact.config import LactConfig
from core.modelling.ttt import adapter
from core.modelling.ttt.config import TttConfig
from core.training import layers

COMPILER = pytest.mark.skipif(
    not any(map(shutil.which, ("g++", "clang++"))),
    reason="No C++ compiler here, which inductor needs on a CPU.")
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("one_thread"), COMPILER]
Found = tuple[torch.Tensor, dict[str, torch.Tensor]]


def lact() -> torch.nn.Module:
    """One layer whose first chunk is full in a clip of this length."""
    measures = LactConfig(hidden_size=32, num_hidden_layers=1, lact_chunk_size=5, window_size=8)
    return LactAsr(AsrConfig(layers=measures, bins=16, vocabulary=12))


def heard(model: Any, n: int) -> Found:
    """Logits and gradients of two clips of mel frames, one shorter."""
    mel = torch.randn(2, n, 16, generator=torch.Generator().manual_seed(n))
    return learned(model, model(mel, torch.tensor([n, n - 5]))[0])


def moshi() -> torch.nn.Module:
    """A decoder of one layer with a TTT layer in it, as an adapter puts it there."""
    from transformers import MoshiConfig, MoshiForCausalLM

    config = MoshiConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=4, ffn_dim=64,
                         vocab_size=40, max_position_embeddings=128, sliding_window=128, num_codebooks=2)
    model = MoshiForCausalLM(config)
    adapter.attach(model.model.layers, 32, TttConfig(mini_batch=32, gate=0.5), (0,))
    return model


def read(model: Any, n: int) -> Found:
    """Logits and gradients of two streams of tokens."""
    ids = torch.randint(0, 40, (2, n), generator=torch.Generator().manual_seed(n))
    return learned(model, model(input_ids=ids, use_cache=False).logits)


def learned(model: torch.nn.Module, logits: torch.Tensor) -> Found:
    model.zero_grad(set_to_none=True)
    logits.square().mean().backward()
    return logits.detach(), {name: p.grad.clone() for name, p in model.named_parameters()
                             if p.grad is not None}


@pytest.mark.parametrize(
    ("make", "through", "backend"),
    [
        # inductor needs many minutes for the loop over chunks of a length that it does not know
        pytest.param(lact, heard, "aot_eager", id="lact"),
        pytest.param(moshi, read, "inductor", id="moshi"),
    ],
)
def test_compiled_outputs_and_gradients_are_those_of_the_model_as_written(
    make: Any, through: Any, backend: str
) -> None:
    torch.manual_seed(0)
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    model = make().train()
    written, expected = through(model, 28)
    layers.compiled(model, backend)
    logits, gradients = through(model, 28)
    torch.testing.assert_close(logits, written, rtol=1e-4, atol=1e-5)
    assert set(gradients) == set(expected)
    for name, gradient in gradients.items():
        torch.testing.assert_close(gradient, expected[name], rtol=1e-3, atol=1e-5, msg=name)
    assert torch._dynamo.utils.counters["frames"]["ok"] > 0, "something was compiled"
    torch._dynamo.reset()
