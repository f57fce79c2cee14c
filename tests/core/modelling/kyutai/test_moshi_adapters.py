"""Adapters of moshi-finetune and ours: both change every weight by the same amount, there and back."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from core.errors import BadInput
from core.modelling import lora
from core.modelling.kyutai import building, moshi_adapters, names, peft_names
from core.modelling.kyutai.moshi_adapters import from_moshi, to_moshi
from core.modelling.kyutai.peft_names import Ours, low, whole
from tests.tiny_kyutai import SHAPE, weights

RANK, ALPHA = 4, 10.0
WHOLE = ["lm_head", "model.embed_tokens.embed_tokens"]


def adapted(modules: list[str]) -> Any:
    """The tiny model with a peft adapter on every linear layer whose numbers are all drawn."""
    codec = {"model_type": "mimi", "num_quantizers": 8}
    model = building.model_of(names.from_native(weights(), SHAPE), SHAPE, codec, "fp32")
    tuned = lora.attach(model, list(peft_names.layers(SHAPE)), RANK, ALPHA, 0.0, modules)
    drawn = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for name, parameter in tuned.named_parameters():
            if parameter.requires_grad:
                parameter.add_(0.1 * torch.randn(parameter.shape, generator=drawn))
                if "embed_tokens" in name or "lm_head" in name:
                    parameter[-1] = 0  # the rows that the native program has no place for
    return tuned


def merged(tuned: Any) -> dict[str, torch.Tensor]:
    """The weights of base + adapter by native names, as peft merges them."""
    return names.to_native(tuned.merge_and_unload().state_dict(), SHAPE)


def applied(theirs: moshi_adapters.Theirs) -> dict[str, torch.Tensor]:
    """The weights of the base with their adapter, as their program adds it up: W + scaling * B A."""
    found = weights()
    found.update({name: tensor for name, tensor in theirs.tensors.items() if name in found})
    for name in theirs.tensors:
        if name.endswith(".lora_A.weight") and not name.startswith("extra_heads"):
            layer = name.removesuffix(".lora_A.weight")
            down, up = (theirs.tensors[f"{layer}.lora_{side}.weight"] for side in "AB")
            found[names.plain(f"{layer}.weight")] += theirs.scaling * (up @ down)
    return found


def near(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    """Whether names agree, and numbers but for rounding."""
    far = (name for name in one if not torch.allclose(one[name], other[name], atol=1e-5))
    return one.keys() == other.keys() and not any(far)


@pytest.mark.parametrize("modules", [[], WHOLE[:1], WHOLE[1:], WHOLE])
def test_ours_changes_the_weights_there_as_here(modules: list[str]) -> None:
    tuned = adapted(modules)
    theirs = to_moshi(Ours(lora.trained_state(tuned), RANK, ALPHA), SHAPE)
    assert (theirs.rank, theirs.scaling) == (3 * RANK, ALPHA / RANK)
    assert near(applied(theirs), merged(tuned)) and not near(applied(theirs), weights())


def test_all_adapters_have_one_rank_and_every_linear_layer_has_one() -> None:
    """Their program fails on another rank, and on a layer without."""
    theirs = to_moshi(Ours(lora.trained_state(adapted(WHOLE)), RANK, ALPHA), SHAPE, heads=True)
    ranks = {tensor.shape[0] for name, tensor in theirs.tensors.items() if ".lora_A." in name}
    assert ranks == {3 * RANK}
    layers = {name.split(".lora_A.")[0] for name in theirs.tensors if ".lora_A." in name}
    assert layers == {f"extra_heads.{i}" for i in range(4)} | {"text_linear"} | {
        f"transformer.layers.{layer}.{part}" for layer in range(2) for part in
        ("self_attn.in_projs.0", "self_attn.out_projs.0", "gating.linear_in", "gating.linear_out")}
    kept = set(theirs.tensors) & set(SHAPE.native())
    assert kept == {"text_emb.weight", "text_linear.weight", *(f"emb.{i}.weight" for i in range(8))}


def their_adapter(
    rank: int = 3, embeddings: bool = False, start: str = "in_projs.0"
) -> moshi_adapters.Theirs:
    """An adapter as moshi-finetune saves it: bf16, one on the output layer too."""
    drawn = torch.Generator().manual_seed(6)
    sizes = {names.plain(name): size for name, size in SHAPE.native().items()}
    found = {}
    for name, size in sizes.items():
        layer = name.removesuffix(".weight").replace("in_proj_weight", start)
        layer = layer.replace("out_proj", start.replace("in", "out"))
        if len(size) == 2 and "emb" not in name:
            found[f"{layer}.lora_A.weight"] = 0.2 * torch.randn(rank, size[1], generator=drawn)
            found[f"{layer}.lora_B.weight"] = 0.2 * torch.randn(size[0], rank, generator=drawn)
        elif embeddings and "emb" in name:
            found[name] = torch.randn(size, generator=drawn)
    return moshi_adapters.Theirs({name: t.bfloat16().float() for name, t in found.items()}, rank, 2.0)


@pytest.mark.parametrize("embeddings", [False, True])
@pytest.mark.parametrize("start", ["in_projs.0", "in_proj"])
def test_theirs_changes_the_weights_here_as_there(embeddings: bool, start: str) -> None:
    theirs = their_adapter(embeddings=embeddings, start=start)
    held = {name: tensor.bfloat16() for name, tensor in theirs.tensors.items()}
    ours = from_moshi(held, theirs.scaling, SHAPE, weights())
    assert (ours.rank, ours.alpha, ours.has_head, ours.has_table) == (3, 6.0, True, embeddings)
    modules = [*WHOLE[:1], *(WHOLE[1:] if embeddings else [])]
    codec = {"model_type": "mimi", "num_quantizers": 8}
    model = building.model_of(names.from_native(weights(), SHAPE), SHAPE, codec, "fp32")
    tuned = lora.attach(model, list(peft_names.layers(SHAPE)), ours.rank, ours.alpha, 0.0, modules)
    lora.restore_state(tuned, ours.tensors)
    assert near(merged(tuned), applied(their_adapter(embeddings=embeddings)))


def test_there_and_back_is_the_same_change() -> None:
    tuned = adapted(WHOLE)
    theirs = to_moshi(Ours(lora.trained_state(tuned), RANK, ALPHA), SHAPE, heads=True)
    again = from_moshi(theirs.tensors, theirs.scaling, SHAPE, weights())
    assert again.rank == 3 * RANK and again.alpha / again.rank == ALPHA / RANK
    assert torch.equal(again.tensors[whole(names.TABLE)], lora.trained_state(tuned)[whole(names.TABLE)])
    assert near(applied(to_moshi(again, SHAPE)), merged(tuned))


def test_an_untouched_output_layer_stays_an_adapterless_one() -> None:
    theirs = to_moshi(Ours(lora.trained_state(adapted([])), RANK, ALPHA), SHAPE)
    ours = from_moshi(theirs.tensors, theirs.scaling, SHAPE, {})
    assert not ours.has_head and not ours.has_table


def test_some_embeddings_only_are_put_into_the_bases_table() -> None:
    theirs, base = their_adapter(), weights()
    changed = {**theirs.tensors, "emb.2.weight": torch.ones(17, 64)}
    table = from_moshi(changed, 2.0, SHAPE, base).tensors[whole(names.TABLE)]
    assert torch.equal(table[:65], base["text_emb.weight"])
    assert torch.equal(table[65 + 2 * 17 : 65 + 3 * 17], torch.ones(17, 64)) and not table[-1].any()


def test_what_does_not_fit_is_named() -> None:
    theirs = their_adapter().tensors
    with pytest.raises(BadInput, match=r"lacks transformer\.layers\.1\.gating\.linear_in\.lora_B"):
        cut = {name: tensor for name, tensor in theirs.items() if "1.gating.linear_in.lora_B" not in name}
        from_moshi(cut, 2.0, SHAPE, weights())
    with pytest.raises(BadInput, match=r"no place for, such as depformer"):
        from_moshi({**theirs, "depformer_in.0.lora_A.weight": torch.zeros(1, 1)}, 2.0, SHAPE, weights())
    heads = {f"extra_heads.0.lora_{side}.weight": torch.ones(2, 2) for side in "AB"}
    with pytest.raises(BadInput, match="pause heads"):
        from_moshi({**theirs, **heads}, 2.0, SHAPE, weights())
    state = lora.trained_state(adapted([]))
    with pytest.raises(BadInput, match=r"does not fit this model: 24 of its parts"):
        to_moshi(Ours(state, RANK + 1, ALPHA), SHAPE)
    del state[low("model.layers.1.mlp.fc2", "A")]
    with pytest.raises(BadInput, match=r"model\.layers\.1\.mlp\.fc2\.lora_A"):
        to_moshi(Ours(state, RANK, ALPHA), SHAPE)
