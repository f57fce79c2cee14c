"""The weights of a Kyutai model under native names and those of transformers: the same numbers both ways."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from core.errors import BadInput
from core.modelling.kyutai import names, shape
from core.modelling.kyutai.rotary import to_halves, to_pairs
from tests.tiny_kyutai import SHAPE, pause_heads, weights

PUBLISHED = shape.Shape(2048, 16, 16, 5632, 8000, 2048, 32, 750, 100_000.0)
ENGLISH = replace(PUBLISHED, layers=48, heads=32, text=4000, context=375)


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    """Whether names, shapes, types and every bit agree."""
    return one.keys() == other.keys() and all(
        one[name].dtype == other[name].dtype and torch.equal(one[name], other[name]) for name in one
    )


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_there_and_back_is_the_identity(dtype: torch.dtype) -> None:
    native = {name: tensor.to(dtype) for name, tensor in weights().items()}
    ours = names.from_native(native, SHAPE)
    assert {name: tuple(t.shape) for name, t in ours.items()} == SHAPE.transformers()
    assert same(names.to_native(ours, SHAPE), native)
    assert same(names.from_native(names.to_native(ours, SHAPE), SHAPE), ours)


def test_the_two_rows_without_a_native_place_are_empty_and_left_out() -> None:
    ours = names.from_native(weights(), SHAPE)
    assert not ours[names.TABLE][-1].any() and not ours[names.HEAD][-1].any()
    ours[names.HEAD][-1] = 5.0
    assert same(names.to_native(ours, SHAPE), weights())


def test_text_and_audio_stand_in_one_table() -> None:
    native, table = weights(), names.from_native(weights(), SHAPE)[names.TABLE]
    assert torch.equal(table[SHAPE.text], native["text_emb.weight"][-1]), "the start of the text"
    third = SHAPE.text + 1 + 3 * (SHAPE.audio + 1)
    assert torch.equal(table[third + 5], native["emb.3.weight"][5])


def test_neighbours_become_halves_head_by_head() -> None:
    rows = torch.arange(8)[:, None]
    assert to_halves(rows, 2).flatten().tolist() == [0, 2, 1, 3, 4, 6, 5, 7]
    assert torch.equal(to_pairs(to_halves(rows, 2), 2), rows)


def test_turning_by_halves_is_turning_neighbours() -> None:
    """A query turned by transformers' rule equals the native one turned by its own, but for the order."""
    heads, width = 2, 6
    query = torch.randn(heads * width, generator=torch.Generator().manual_seed(0))
    angles = torch.tensor([0.3, 1.1, 2.0])
    pairs = torch.view_as_complex(query.reshape(heads, 3, 2))
    turned = torch.view_as_real(pairs * torch.polar(torch.ones(3), angles)).reshape(-1)
    halves = to_halves(query, heads).reshape(heads, width)
    other = torch.cat([-halves[:, 3:], halves[:, :3]], 1)
    both = torch.cat([angles, angles])
    assert torch.allclose((halves * both.cos() + other * both.sin()).reshape(-1), to_halves(turned, heads))


def test_later_names_of_the_native_program_are_understood() -> None:
    at = "transformer.layers.3.self_attn"
    assert names.plain(f"{at}.in_projs.0.weight") == f"{at}.in_proj_weight"
    assert names.plain(f"{at}.in_proj.weight") == f"{at}.in_proj_weight"
    assert names.plain(f"{at}.out_projs.0.weight") == f"{at}.out_proj.weight"
    assert {names.plain(name) for name in SHAPE.native()} == set(SHAPE.native())


def test_heads_stay_aside() -> None:
    candle = weights() | pause_heads()
    assert names.pause_heads(candle).keys() == SHAPE.pause_heads().keys()
    assert same(names.from_native(candle, SHAPE), names.from_native(weights(), SHAPE))


@pytest.mark.parametrize("spoil", ["missing", "left over", "another shape"])
def test_what_does_not_fit_is_named(spoil: str) -> None:
    native = weights()
    if spoil == "missing":
        del native["emb.3.weight"]
    elif spoil == "left over":
        native["emb.3.bias"] = torch.zeros(3)
    else:
        native["emb.3.weight"] = torch.zeros(3, 64)
    with pytest.raises(BadInput, match=r"emb\.3"):
        names.from_native(native, SHAPE)
    ours = names.from_native(weights(), SHAPE)
    ours.pop("model.norm.weight")
    with pytest.raises(BadInput, match=r"model\.norm\.weight \(missing; wanted: \(64,\)\)"):
        names.to_native(ours, SHAPE)


def test_the_published_models_have_the_published_sizes() -> None:
    native = PUBLISHED.native()
    n = sum(torch.Size(size).numel() for size in native.values())
    assert (n, len(native), len(native | PUBLISHED.pause_heads())) == (989_204_480, 131, 135)
    assert native["transformer.layers.15.gating.linear_in.weight"] == (11264, 2048)
    assert PUBLISHED.rows - 1 == 73569
    assert len(ENGLISH.native()) == 323 and ENGLISH.rows - 1 == 69569


def test_configs_say_the_same_both_ways() -> None:
    for measures in (SHAPE, PUBLISHED, ENGLISH):
        assert shape.of_native(shape.native_config(measures)) == measures
        assert shape.of_transformers(shape.transformers_config(measures, {})) == measures


@pytest.mark.parametrize(("field", "value", "told"), [
    ("dep_q", 8, "dep_q"), ("norm", "layer_norm", "norm"), ("delays", [0, 1], "delays"), ("dim", None, "dim"),
    ("n_q", "32", "n_q"),
])
def test_a_model_built_otherwise_is_refused(field: str, value: object, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        shape.of_native({**shape.native_config(SHAPE), field: value})
