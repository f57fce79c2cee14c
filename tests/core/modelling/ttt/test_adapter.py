"""TTT layers within tiny models of the real classes: nothing leaks, a stream is one pass, LoRA goes with
it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch

from core.errors import BadInput
from core.modelling import lora
from core.modelling.kyutai import mimi_config
from core.modelling.ttt import adapter
from core.modelling.ttt.adapter import Placed, Stream
from core.modelling.ttt.config import TttConfig, Which, chosen
from tests.tiny_kyutai import MIMI

SMALL: dict[str, Any] = {"hidden_size": 32, "num_hidden_layers": 4, "num_attention_heads": 4, "ffn_dim": 64,
                         "vocab_size": 40, "max_position_embeddings": 64, "sliding_window": 64}


def decoder(kind: str) -> Any:
    """A decoder with its layers, in float64."""
    torch.manual_seed(2)
    if kind == "moshi":
        from transformers import MoshiConfig, MoshiForCausalLM

        return MoshiForCausalLM(MoshiConfig(**SMALL, num_codebooks=2)).double().eval()
    from transformers import KyutaiSpeechToTextConfig, KyutaiSpeechToTextForConditionalGeneration

    marks = {"audio_bos_token_id": 15, "audio_pad_token_id": 72, "pad_token_id": 3}
    codec = mimi_config.of_native(MIMI)  # the class would make one of full size
    config = KyutaiSpeechToTextConfig(**SMALL, num_codebooks=2, codebook_vocab_size=16, codec_config=codec,
                                      **marks)
    return KyutaiSpeechToTextForConditionalGeneration(config).double().eval()


def given(kind: str, n: int = 21) -> torch.Tensor:
    drawn = torch.Generator().manual_seed(5)
    shape = (2, n) if kind == "moshi" else (2, n, 3)
    return torch.randint(0, 14, shape, generator=drawn)


def taught(model: Any, which: Which = "all") -> list[Placed]:
    config = TttConfig(heads=4, mini_batch=4, base_lr=3.0, gate=0.8)
    torch.manual_seed(7)
    made = adapter.attach(model.model.layers, 32, config, chosen(4, which))
    model.double()
    return made


def logits(model: Any, ids: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        found: torch.Tensor = model(input_ids=ids, use_cache=False).logits
    return found


def step_by_step(model: Any, ids: torch.Tensor, sizes: list[int]) -> torch.Tensor:
    """The same in several calls with a cache of attention."""
    from transformers import DynamicCache

    cache, found, at = DynamicCache(config=model.config), [], 0
    for n in sizes:
        with torch.no_grad():
            found.append(model(input_ids=ids[:, at : at + n], past_key_values=cache, use_cache=True).logits)
        at += n
    return torch.cat(found, dim=1)


@pytest.mark.parametrize("kind", ["moshi", "kyutai"])
@pytest.mark.parametrize("which", ["middle", "all"])
def test_nothing_is_known_before_it_is_heard_and_all_of_it_later(kind: str, which: Which) -> None:
    model, ids = decoder(kind), given(kind)
    plain = logits(model, ids)
    placed = taught(model, which)
    assert [layer.at for layer in placed] == ([0, 1, 2, 3] if which == "all" else [1, 2])
    before = logits(model, ids)
    assert not torch.allclose(before, plain), "the layers do something"
    for at in (0, 9, 20):
        moved = ids.clone()
        moved[:, at] = (moved[:, at] + 1) % 14
        after = logits(model, moved)
        assert torch.equal(after[:, :at], before[:, :at])
        assert not torch.allclose(after[:, at], before[:, at])


@pytest.mark.parametrize("kind", ["moshi", "kyutai"])
@pytest.mark.parametrize("sizes", [[1] * 21, [5, 1, 15]])
def test_a_stream_is_one_pass(kind: str, sizes: list[int], tmp_path: Path) -> None:
    model, ids = decoder(kind), given(kind)
    taught(model)
    whole = logits(model, ids)
    with adapter.streaming(model, Stream()) as stream:
        torch.testing.assert_close(step_by_step(model, ids, sizes), whole)
        stream.save(tmp_path / "stream.safetensors")
        kept = Stream.load(tmp_path / "stream.safetensors")
        assert kept.states.keys() == stream.states.keys() == {0, 1, 2, 3}
        for at, state in stream.states.items():
            for name, value in state.tensors().items():
                assert torch.equal(kept.states[at].tensors()[name], value)
        stream.reset()
        torch.testing.assert_close(step_by_step(model, ids, [21]), whole)
    assert torch.equal(logits(model, ids), whole), "outside of a stream each call begins anew"
    assert not torch.allclose(step_by_step(model, ids, [5, 16]), whole), "and forgets"


def test_two_streams_do_not_hear_each_other() -> None:
    model, ids, others = decoder("moshi"), given("moshi"), given("moshi", 21) // 2
    taught(model)
    one, other, found = Stream(), Stream(), []
    for at in range(0, 21, 7):
        with adapter.streaming(model, other):
            logits(model, others[:, at : at + 7])
        with adapter.streaming(model, one):
            found.append(logits(model, ids[:, at : at + 7]))
    alone = Stream()
    with adapter.streaming(model, alone):
        expected = [logits(model, ids[:, at : at + 7]) for at in range(0, 21, 7)]
    assert all(torch.equal(a, b) for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize("kind", ["moshi", "kyutai"])
def test_without_gate_or_switched_off_a_model_is_as_it_was(kind: str) -> None:
    model, ids = decoder(kind), given(kind)
    plain = logits(model, ids)
    placed = taught(model)
    with adapter.without(model):
        assert torch.equal(logits(model, ids), plain)
    assert not torch.equal(logits(model, ids), plain)
    with torch.no_grad():
        for layer in placed:
            layer.gate.zero_()
    assert torch.equal(logits(model, ids), plain)
    assert adapter.told(model)["ttt_gate"] == 0 and adapter.told(model)["ttt_inner_loss"] > 0


def test_a_copy_of_a_model_has_layers_of_its_own() -> None:
    model, ids = decoder("moshi"), given("moshi")
    taught(model)
    before, twin = logits(model, ids), copy.deepcopy(model)
    with torch.no_grad():
        for layer in adapter.layers_of(twin):
            layer.gate.zero_()
    assert torch.equal(logits(model, ids), before) and not torch.equal(logits(twin, ids), before)


def test_lora_and_ttt_learn_together_also_where_layers_are_computed_twice() -> None:
    model, ids = decoder("moshi").float(), given("moshi", 12)
    taught(model)
    model.float()
    targets = [name for name, _ in model.named_modules() if name.endswith((".linear", ".fc1", ".fc2"))]
    adapted = lora.attach(model, targets, 4, 8.0, 0.0, [])
    for layer in adapter.layers_of(adapted):
        layer.requires_grad_(True)
    adapted.train()

    def gradients() -> dict[str, torch.Tensor]:
        adapted.zero_grad()
        scores = adapted(input_ids=ids, use_cache=False).logits[:, :-1]
        torch.nn.functional.cross_entropy(scores.flatten(0, 1), ids[:, 1:].flatten()).backward()
        return {name: p.grad for name, p in adapted.named_parameters() if p.grad is not None}

    plain = gradients()
    assert plain.keys() == {name for name, p in adapted.named_parameters() if p.requires_grad}
    assert all(plain[name].any() for name in plain if ".ttt.gate" in name or "lora_B" in name)
    model.gradient_checkpointing_enable({"use_reentrant": False})
    twice = gradients()
    for name, gradient in plain.items():
        torch.testing.assert_close(twice[name], gradient, msg=name)


def test_a_width_that_does_not_fit_is_told() -> None:
    with pytest.raises(BadInput, match="32 wide, which is no multiple of 5 TTT heads"):
        adapter.attach(decoder("moshi").model.layers, 32, TttConfig(heads=5), [0])
