"""The native names of Kyutai's speech to text models and those of transformers: the same numbers, there and
back. The round trip from the native side is the identity, bit for bit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from core.modelling.kyutai.recipes import Made, Recipe, Recipes, check, same
from core.modelling.kyutai.rotary import fused, third
from core.modelling.kyutai.shape import Shape

if TYPE_CHECKING:
    import torch

TABLE, HEAD = "model.embed_tokens.embed_tokens.weight", "lm_head.weight"
IN_LAYER = {"self_attn.out_proj": "self_attn.o_proj.linear", "gating.linear_in": "mlp.fc1",
            "gating.linear_out": "mlp.fc2"}
"""Linear layers that only change their name; query, key and value are one layer in the native program."""
NORMS = {"norm1": "input_layernorm", "norm2": "post_attention_layernorm"}
PAUSE = re.compile(r"extra_heads\.\d+\.weight")
LATER = re.compile(r"\.self_attn\.(in|out)_proj(?:s\.0)?\.weight$")
"""What later versions of the native program call two of the weights when they save them."""


def from_native(tensors: Mapping[str, torch.Tensor], shape: Shape) -> dict[str, torch.Tensor]:
    """The tensors of a native or candle file by transformers' names, without the pause heads.

    BadInput when one is missing, left over or of another shape.
    """
    check({name: tuple(t.shape) for name, t in tensors.items() if not PAUSE.fullmatch(name)}, shape.native(),
          "this model")
    return dict(Made(to_transformers(shape), tensors))


def to_native(tensors: Mapping[str, torch.Tensor], shape: Shape) -> dict[str, torch.Tensor]:
    """The inverse of `from_native`; the codec's tensors are passed over. BadInput as there."""
    own = {name: tuple(t.shape) for name, t in tensors.items() if not name.startswith("codec_model.")}
    check(own, shape.transformers(), "this model")
    return dict(Made(to_the_native(shape), tensors))


def pause_heads(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The semantic pause heads (6, width) among the tensors of a candle file, by their names."""
    return {name: tensor for name, tensor in tensors.items() if PAUSE.fullmatch(name)}


def plain(name: str) -> str:
    """The name under which candle reads a native tensor, whichever version of the program saved it."""
    found = LATER.search(name)
    if not found:
        return name
    last = "in_proj_weight" if found[1] == "in" else "out_proj.weight"
    return f"{name[: found.start()]}.self_attn.{last}"


def to_transformers(shape: Shape) -> Recipes:
    """How each tensor of transformers is made of the native ones."""
    tables = ("text_emb.weight", *(f"emb.{i}.weight" for i in range(shape.codebooks)))
    found = {
        TABLE: Recipe(tables, _with_an_empty_row),
        HEAD: Recipe(("text_linear.weight",), _with_an_empty_row),
        "model.norm.weight": Recipe(("out_norm.alpha",), _flat),
    }
    for layer in range(shape.layers):
        native, ours = f"transformer.layers.{layer}", f"model.layers.{layer}"
        whole = (f"{native}.self_attn.in_proj_weight",)
        for place, part in enumerate("qkv"):
            make = partial(third, place=place, heads=0 if part == "v" else shape.heads)
            found[f"{ours}.self_attn.{part}_proj.linear.weight"] = Recipe(whole, make)
        for theirs, mine in IN_LAYER.items():
            found[f"{ours}.{mine}.weight"] = Recipe((f"{native}.{theirs}.weight",), same)
        for theirs, mine in NORMS.items():
            found[f"{ours}.{mine}.weight"] = Recipe((f"{native}.{theirs}.alpha",), _flat)
    return found


def to_the_native(shape: Shape) -> Recipes:
    """How each native tensor is made of transformers' ones. Its two rows that the native program has no place
    for (padding, and the start as an output) are left out."""
    text, audio = shape.text + 1, shape.audio + 1
    found = {
        "text_emb.weight": Recipe((TABLE,), partial(_rows, start=0, end=text)),
        "text_linear.weight": Recipe((HEAD,), partial(_rows, start=0, end=shape.text)),
        "out_norm.alpha": Recipe(("model.norm.weight",), _boxed),
    }
    for i in range(shape.codebooks):
        start = text + i * audio
        found[f"emb.{i}.weight"] = Recipe((TABLE,), partial(_rows, start=start, end=start + audio))
    for layer in range(shape.layers):
        native, ours = f"transformer.layers.{layer}", f"model.layers.{layer}"
        split = tuple(f"{ours}.self_attn.{part}_proj.linear.weight" for part in "qkv")
        found[f"{native}.self_attn.in_proj_weight"] = Recipe(split, partial(fused, heads=shape.heads))
        for theirs, mine in IN_LAYER.items():
            found[f"{native}.{theirs}.weight"] = Recipe((f"{ours}.{mine}.weight",), same)
        for theirs, mine in NORMS.items():
            found[f"{native}.{theirs}.alpha"] = Recipe((f"{ours}.{mine}.weight",), _boxed)
    return found


def _with_an_empty_row(*tables: torch.Tensor) -> torch.Tensor:
    import torch

    return torch.cat([*tables, tables[0].new_zeros(1, tables[0].shape[1])])


def _rows(table: torch.Tensor, start: int, end: int) -> torch.Tensor:
    return table[start:end]


def _flat(alpha: torch.Tensor) -> torch.Tensor:
    return alpha.reshape(-1)


def _boxed(weight: torch.Tensor) -> torch.Tensor:
    return weight.reshape(1, 1, -1)
