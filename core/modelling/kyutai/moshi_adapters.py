"""Adapters as moshi-finetune keeps them, and as peft does: the same change of the weights, there and back.

There one adapter lies on the fused query, key and value, every linear layer has one of the same rank (the
output layer and the pause heads too), and `scaling` is a plain factor, where peft has alpha / rank. Rows of
query and key are in the native order there.

Source: moshi 0.2.13, modules/lora.py and models/loaders.py (`get_lora_moshi`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from core.errors import BadInput
from core.modelling.kyutai.names import HEAD, TABLE, to_the_native, to_transformers
from core.modelling.kyutai.peft_names import Ours, check_names, low, whole
from core.modelling.kyutai.recipes import Made
from core.modelling.kyutai.rotary import third, to_pairs
from core.modelling.kyutai.shape import HEADS, PAUSES, Shape

if TYPE_CHECKING:
    import torch

PARTS = {"self_attn.out_projs.0": "self_attn.o_proj.linear", "gating.linear_in": "mlp.fc1",
         "gating.linear_out": "mlp.fc2"}
"""Their layers with an adapter of their own, and ours."""
LATER = re.compile(r"\.(in|out)_proj\.lora_")
"""How earlier versions called the adapters of the attention."""


class Theirs(NamedTuple):
    """Tensors of a lora.safetensors, and what its config.json says besides."""

    tensors: dict[str, torch.Tensor]
    rank: int
    scaling: float


def to_moshi(ours: Ours, shape: Shape, heads: bool = False) -> Theirs:
    """Our adapter in their form, of three times its rank; `heads` when the base has pause heads, which get an
    adapter that does nothing, as their program expects one. BadInput where a layer has none.
    """
    check_names(ours, shape)
    found: dict[str, torch.Tensor] = {}
    for layer in range(shape.layers):
        theirs, mine = f"transformer.layers.{layer}", f"model.layers.{layer}"
        split = [f"{mine}.self_attn.{part}_proj.linear" for part in "qkv"]
        sides = [[ours.tensors[low(each, side)] for each in split] for side in "AB"]
        _put(found, f"{theirs}.self_attn.in_projs.0", _stacked(sides[0]), _blocks(sides[1], shape.heads))
        for name, part in PARTS.items():
            down, up = (ours.tensors[low(f"{mine}.{part}", side)] for side in "AB")
            _put(found, f"{theirs}.{name}", *_widened(down, up, 3 * ours.rank))
    like = next(iter(found.values()))
    rows = {"text_linear": shape.text} | ({f"extra_heads.{i}": PAUSES for i in range(HEADS)} if heads else {})
    for name, size in rows.items():
        _put(found, name, like.new_zeros(3 * ours.rank, shape.width), like.new_zeros(size, 3 * ours.rank))
    return Theirs(found | _whole_there(ours, shape), 3 * ours.rank, ours.alpha / ours.rank)


def _whole_there(ours: Ours, shape: Shape) -> dict[str, torch.Tensor]:
    """The weights that we trained whole, by native names; their program puts them in place of the base's."""
    held = {name: ours.tensors[whole(name)] for name in (TABLE, HEAD) if whole(name) in ours.tensors}
    recipes = to_the_native(shape).items()
    made = Made({name: recipe for name, recipe in recipes if set(recipe.sources) <= held.keys()}, held)
    return {name: tensor.clone() for name, tensor in made.items()}


def from_moshi(
    tensors: Mapping[str, torch.Tensor], scaling: float, shape: Shape, base: Mapping[str, torch.Tensor]
) -> Ours:
    """Their adapter in our form, fp32. What they changed in the output layer by an adapter becomes a whole
    layer of ours: `base` is asked for the base's weights by native names where that is needed.

    BadInput when a layer has no adapter, or something of another model is among them.
    """
    named = {LATER.sub(r".\1_projs.0.lora_", name): tensor.float() for name, tensor in tensors.items()}
    found: dict[str, torch.Tensor] = {}
    for layer in range(shape.layers):
        theirs, mine = f"transformer.layers.{layer}", f"model.layers.{layer}"
        down, up = _take(named, f"{theirs}.self_attn.in_projs.0")
        for place, part in enumerate("qkv"):
            turned = third(up, place, 0 if part == "v" else shape.heads)
            _lay(found, f"{mine}.self_attn.{part}_proj.linear", down.clone(), turned.clone())
        for name, part in PARTS.items():
            _lay(found, f"{mine}.{part}", *_take(named, f"{theirs}.{name}"))
    rank = int(found[low("model.layers.0.mlp.fc1", "A")].shape[0])
    found |= _whole_here(named, scaling, shape, base)
    if named:
        raise BadInput(f"The adapter has a part that this model has no place for, such as {min(named)}; it"
                       " belongs to another model.")
    ours = Ours(found, rank, scaling * rank)
    check_names(ours, shape)
    return ours


def _whole_here(
    named: dict[str, torch.Tensor], scaling: float, shape: Shape, base: Mapping[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """The layers that we keep whole, taken out of `named`."""
    for i in range(HEADS):
        if f"extra_heads.{i}.lora_B.weight" in named and _take(named, f"extra_heads.{i}")[1].any():
            raise BadInput("The adapter changes the semantic pause heads, which are never trained here; it"
                           " cannot be used.")
    changed = {name: named.pop(name) for name in list(named) if "lora" not in name and name in shape.native()}
    if "text_linear.lora_B.weight" in named:
        down, up = _take(named, "text_linear")
        if up.any():
            started = changed if "text_linear.weight" in changed else base
            changed["text_linear.weight"] = started["text_linear.weight"].float() + scaling * (up @ down)
    found = {}
    for name in (TABLE, HEAD):
        recipe = to_transformers(shape)[name]
        if changed.keys() & set(recipe.sources):
            parts = ((changed if each in changed else base)[each].float() for each in recipe.sources)
            found[whole(name)] = recipe.make(*parts)
    return found


def _put(found: dict[str, torch.Tensor], layer: str, down: torch.Tensor, up: torch.Tensor) -> None:
    found[f"{layer}.lora_A.weight"], found[f"{layer}.lora_B.weight"] = down, up


def _lay(found: dict[str, torch.Tensor], layer: str, down: torch.Tensor, up: torch.Tensor) -> None:
    found[low(layer, "A")], found[low(layer, "B")] = down, up


def _take(named: dict[str, torch.Tensor], layer: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Both sides of their adapter on `layer`, taken out of `named`."""
    try:
        return named.pop(f"{layer}.lora_A.weight"), named.pop(f"{layer}.lora_B.weight")
    except KeyError as error:
        raise BadInput(f"The adapter lacks {error.args[0]}; it belongs to another model, or was not saved"
                       " whole.") from error


def _stacked(downs: list[torch.Tensor]) -> torch.Tensor:
    import torch

    return torch.cat(downs)


def _blocks(ups: list[torch.Tensor], heads: int) -> torch.Tensor:
    """Query, key and value side by side, each with columns of its own; the first two in the native order."""
    import torch

    return torch.block_diag(to_pairs(ups[0], heads), to_pairs(ups[1], heads), ups[2])


def _widened(down: torch.Tensor, up: torch.Tensor, rank: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Both sides with empty rows and columns up to `rank`, as all adapters have one rank there."""
    import torch

    more = rank - down.shape[0]
    return (torch.cat([down, down.new_zeros(more, down.shape[1])]),
            torch.cat([up, up.new_zeros(up.shape[0], more)], 1))
