"""The codec's weights under Kyutai's names and those of transformers, tiny and at full size."""

from __future__ import annotations

import pytest
import torch
import transformers

from core.errors import BadInput
from core.modelling.kyutai import building, mimi_config, mimi_names
from tests.tiny_kyutai import MIMI, codec_weights

HEADS = int(MIMI["transformer"]["num_heads"])


def test_there_and_back_is_the_identity() -> None:
    native = codec_weights()
    theirs = mimi_names.from_native(native, HEADS)
    back = mimi_names.to_native(theirs, HEADS)
    assert back.keys() == native.keys() and all(torch.equal(back[name], native[name]) for name in native)
    again = mimi_names.from_native(back, HEADS)
    assert all(torch.equal(again[name], theirs[name]) for name in theirs)


def test_transformers_codec_takes_them_all() -> None:
    codec = building.codec_of(mimi_names.from_native(codec_weights(), HEADS), mimi_config.of_native(MIMI))
    held = codec_weights()["encoder.model.0.conv.conv.weight"]
    assert torch.equal(codec.encoder.encoder_seanet.layers[0].conv.weight, held)
    assert not any(parameter.requires_grad for parameter in codec.parameters())


def test_the_published_codec_has_318_tensors_that_are_350_in_transformers() -> None:
    with torch.device("meta"):
        model = transformers.MimiModel(transformers.MimiConfig())
    inside = {name: tensor for name, tensor in model.state_dict().items()}
    flat = {mimi_names.in_model(name): name for name in mimi_names.to_transformers(published(), 8)}
    assert flat.keys() == inside.keys() and len(inside) == 350
    native = mimi_names.to_native({flat[name]: tensor for name, tensor in inside.items()}, 8)
    assert set(native) == set(published()) and len(native) == 318
    assert native["encoder_transformer.transformer.layers.7.self_attn.in_proj_weight"].shape == (1536, 512)
    assert native["decoder.model.2.convtr.convtr.weight"].shape == (1024, 512, 16)
    assert native["quantizer.rvq_rest.vq.layers.30._codebook.embedding_sum"].shape == (2048, 256)


def published() -> list[str]:
    """The names in mimi-pytorch-e351c8d8@125.safetensors, spelled out from its structure."""
    found = ["downsample.conv.conv.conv.weight", "upsample.convtr.convtr.convtr.weight"]
    for half, plain, widened in (("encoder", (0, 3, 6, 9, 12, 14), ()), ("decoder", (0, 14), (2, 5, 8, 11))):
        kinds = [(i, "conv") for i in plain] + [(i, "convtr") for i in widened]
        blocks = (1, 4, 7, 10) if half == "encoder" else (3, 6, 9, 12)
        places = [f"{i}.{kind}.{kind}" for i, kind in kinds]
        places += [f"{i}.block.{j}.conv.conv" for i in blocks for j in (1, 3)]
        found += [f"{half}.model.{place}.{part}" for place in places for part in ("weight", "bias")]
        for layer in range(8):
            at = f"{half}_transformer.transformer.layers.{layer}"
            found += [f"{at}.{part}" for part in (
                "self_attn.in_proj_weight", "self_attn.out_proj.weight", "linear1.weight", "linear2.weight",
                "norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias", "layer_scale_1.scale",
                "layer_scale_2.scale")]
    for part, n in (("first", 1), ("rest", 31)):
        found += [f"quantizer.rvq_{part}.{side}_proj.weight" for side in ("input", "output")]
        found += [f"quantizer.rvq_{part}.vq.layers.{i}._codebook.{name}" for i in range(n)
                  for name in ("_initialized", "cluster_usage", "embedding_sum")]
    return found


def test_the_configs_say_the_same_both_ways() -> None:
    full = transformers.MimiConfig(**mimi_config.of_native(MIMI)).to_dict()
    assert mimi_config.of_transformers(full) == MIMI
    default = transformers.MimiConfig().to_dict()
    made = transformers.MimiConfig(**mimi_config.of_native(mimi_config.of_transformers(default))).to_dict()
    assert made == default


def test_other_names_and_configs_are_told() -> None:
    for turn in (mimi_names.from_native, mimi_names.to_native):
        with pytest.raises(BadInput, match=r"“wav2vec\.weight” is the name of no weight of a Mimi"):
            turn({"wav2vec.weight": torch.zeros(1)}, 8)
    with pytest.raises(BadInput, match="'quantizer'"):
        mimi_config.of_native({"seanet": {}})
