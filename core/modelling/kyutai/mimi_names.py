"""The names of Mimi's weights in Kyutai's own files and in those of transformers: the same numbers, there and
back. (Inside a loaded model of transformers they have a third name: `in_model`.)"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from core.errors import BadInput
from core.modelling.kyutai.names import plain
from core.modelling.kyutai.recipes import Made, Recipe, Recipes, same
from core.modelling.kyutai.rotary import fused, third

if TYPE_CHECKING:
    import torch

WHOLE = {"downsample.conv.conv.conv.weight": "downsample.conv.weight",
         "upsample.convtr.convtr.convtr.weight": "upsample.conv.weight"}
CONV = re.compile(r"(encoder|decoder)\.model\.(\d+)((?:\.block\.\d+)?)\.(?:conv\.conv|convtr\.convtr)\.(.+)")
IN_LAYER = {"self_attn.out_proj": "self_attn.o_proj", "linear1": "mlp.fc1", "linear2": "mlp.fc2",
            "norm1": "input_layernorm", "norm2": "post_attention_layernorm",
            "layer_scale_1": "self_attn_layer_scale", "layer_scale_2": "mlp_layer_scale"}
LAYER = re.compile(r"(encoder|decoder)_transformer\.transformer\.layers\.(\d+)\.(.+)\.(weight|bias|scale)")
FUSED = re.compile(r"(encoder|decoder)_transformer\.transformer\.layers\.(\d+)\.self_attn\.in_proj_weight")
SPLIT = re.compile(r"(encoder|decoder)_transformer\.layers\.(\d+)\.self_attn\.([qkv])_proj\.weight")
CODES = re.compile(r"quantizer\.rvq_(first|rest)\.vq\.layers\.(\d+)\._codebook\.(.+)")
PROJECTED = re.compile(r"quantizer\.rvq_(first|rest)\.((?:input|output)_proj\.weight)")
KINDS = {"first": "semantic", "rest": "acoustic"}
IN_CODES = {"_initialized": "initialized", "embedding_sum": "embed_sum", "cluster_usage": "cluster_usage"}
HALVES = (
    (re.compile(r"^(encoder|decoder)\.layers\."), r"\1.\1_seanet.layers."),
    (re.compile(r"^(encoder|decoder)_transformer\."), r"\1.\1_transformer."),
    (re.compile(r"^downsample\."), "encoder.downsample."),
    (re.compile(r"^upsample\."), "decoder.upsample."),
)


def from_native(tensors: Mapping[str, torch.Tensor], heads: int) -> dict[str, torch.Tensor]:
    """Kyutai's tensors by the names in files of transformers; `heads` of its attention. BadInput for a name
    that no Mimi has."""
    named = {plain(name): tensor for name, tensor in tensors.items()}
    return dict(Made(to_transformers(named, heads), named))


def to_native(tensors: Mapping[str, torch.Tensor], heads: int) -> dict[str, torch.Tensor]:
    """The inverse of `from_native`; BadInput as there."""
    return dict(Made(to_the_native(tensors, heads), tensors))


def to_transformers(names: Iterable[str], heads: int) -> Recipes:
    """How each tensor of transformers is made of those with native `names`."""
    found: dict[str, Recipe] = {}
    for name in names:
        if whole := FUSED.fullmatch(name):
            for place, part in enumerate("qkv"):
                make = partial(third, place=place, heads=0 if part == "v" else heads)
                found[_projection(whole[1], whole[2], part)] = Recipe((name,), make)
        else:
            found[_theirs(name)] = Recipe((name,), same)
    return found


def to_the_native(names: Iterable[str], heads: int) -> Recipes:
    """How each native tensor is made of those that have `names` in files of transformers."""
    held = list(names)
    widened = _transposed(held)
    found: dict[str, Recipe] = {}
    for name in held:
        split = SPLIT.fullmatch(name)
        if split is None:
            found[_native(name, widened)] = Recipe((name,), same)
        elif split[3] == "q":
            sources = tuple(_projection(split[1], split[2], part) for part in "qkv")
            at = f"{split[1]}_transformer.transformer.layers.{split[2]}"
            found[f"{at}.self_attn.in_proj_weight"] = Recipe(sources, partial(fused, heads=heads))
    return found


def in_model(name: str) -> str:
    """The name inside a model of transformers 5.23 of what its files call `name`."""
    for pattern, said in HALVES:
        name, n = pattern.subn(said, name)
        if n:
            return name
    return name


def _projection(half: str, layer: str, part: str) -> str:
    return f"{half}_transformer.layers.{layer}.self_attn.{part}_proj.weight"


def _theirs(name: str) -> str:
    if name in WHOLE:
        return WHOLE[name]
    if conv := CONV.fullmatch(name):
        return f"{conv[1]}.layers.{conv[2]}{conv[3]}.conv.{conv[4]}"
    if (layer := LAYER.fullmatch(name)) and layer[3] in IN_LAYER:
        return f"{layer[1]}_transformer.layers.{layer[2]}.{IN_LAYER[layer[3]]}.{layer[4]}"
    if (codes := CODES.fullmatch(name)) and codes[3] in IN_CODES:
        return f"{_quantizer(codes[1])}.layers.{codes[2]}.codebook.{IN_CODES[codes[3]]}"
    if projected := PROJECTED.fullmatch(name):
        return f"{_quantizer(projected[1])}.{projected[2]}"
    raise BadInput(f"“{name}” is the name of no weight of a Mimi codec.")


def _quantizer(part: str) -> str:
    return f"quantizer.{KINDS[part]}_residual_vector_quantizer"


def _native(name: str, widened: frozenset[str]) -> str:
    whole = {theirs: ours for ours, theirs in WHOLE.items()}
    if name in whole:
        return whole[name]
    if conv := re.fullmatch(r"(encoder|decoder)\.layers\.(\d+)((?:\.block\.\d+)?)\.conv\.(.+)", name):
        kind = "convtr" if conv[1] == "decoder" and not conv[3] and conv[2] in widened else "conv"
        return f"{conv[1]}.model.{conv[2]}{conv[3]}.{kind}.{kind}.{conv[4]}"
    parts = {theirs: ours for ours, theirs in IN_LAYER.items()}
    layer = re.fullmatch(r"(encoder|decoder)_transformer\.layers\.(\d+)\.(.+)\.(weight|bias|scale)", name)
    if layer and layer[3] in parts:
        return f"{layer[1]}_transformer.transformer.layers.{layer[2]}.{parts[layer[3]]}.{layer[4]}"
    return _native_codes(name)


def _native_codes(name: str) -> str:
    found = re.fullmatch(r"quantizer\.(semantic|acoustic)_residual_vector_quantizer\.(.+)", name)
    if found:
        part = f"quantizer.rvq_{'first' if found[1] == 'semantic' else 'rest'}"
        codes = re.fullmatch(r"layers\.(\d+)\.codebook\.(.+)", found[2])
        fields = {theirs: ours for ours, theirs in IN_CODES.items()}
        if codes and codes[2] in fields:
            return f"{part}.vq.layers.{codes[1]}._codebook.{fields[codes[2]]}"
        if found[2] in ("input_proj.weight", "output_proj.weight"):
            return f"{part}.{found[2]}"
    raise BadInput(f"“{name}” is the name of no weight of a Mimi codec.")


def _transposed(names: Iterable[str]) -> frozenset[str]:
    """Places of the decoder's layers that widen: all of its plain convolutions but the first and the last."""
    found = (re.fullmatch(r"decoder\.layers\.(\d+)\.conv\.weight", name) for name in names)
    places = sorted(int(each[1]) for each in found if each)
    return frozenset(str(place) for place in places[1:-1])
