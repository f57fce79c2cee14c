"""What peft calls the trained parts of a Kyutai model, and which there have to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from core.errors import BadInput
from core.modelling.kyutai.names import HEAD, TABLE
from core.modelling.kyutai.shape import Shape

if TYPE_CHECKING:
    import torch

OURS = "base_model.model."
"""What peft puts before the names of the model."""


class Ours(NamedTuple):
    """Trained tensors by peft's names, for an adapter of this `rank` and `alpha`."""

    tensors: dict[str, torch.Tensor]
    rank: int
    alpha: float

    @property
    def has_head(self) -> bool:
        """Whether the output layer was trained whole."""
        return whole(HEAD) in self.tensors

    @property
    def has_table(self) -> bool:
        """Whether the tables of text and codes were trained whole."""
        return whole(TABLE) in self.tensors


def low(layer: str, side: str) -> str:
    """peft's name of side A or B of the adapter on `layer`."""
    return f"{OURS}{layer}.lora_{side}.default.weight"


def whole(weight: str) -> str:
    """peft's name of a `weight` that was trained whole."""
    return f"{OURS}{weight.removesuffix('.weight')}.modules_to_save.default.weight"


def check_names(ours: Ours, shape: Shape) -> None:
    """BadInput unless every layer has its adapter, in the right shapes, and nothing else is trained."""
    every = shape.transformers()
    wanted: dict[str, tuple[int, ...]] = {}
    for layer, (rows, columns) in layers(shape).items():
        wanted |= {low(layer, "A"): (ours.rank, columns), low(layer, "B"): (rows, ours.rank)}
    wanted |= {whole(name): every[name] for name in (TABLE, HEAD) if whole(name) in ours.tensors}
    found = {name: tuple(tensor.shape) for name, tensor in ours.tensors.items()}
    if odd := sorted(name for name in {*found, *wanted} if found.get(name) != wanted.get(name)):
        raise BadInput(
            f"The adapter does not fit this model: {len(odd)} of its parts are missing, left over or of"
            f" another shape, such as {odd[0].removeprefix(OURS)}; it belongs to another model."
        )


def layers(shape: Shape) -> dict[str, tuple[int, ...]]:
    """Every linear layer that gets an adapter, by its name in the model, with its shape (out, in)."""
    return {name.removesuffix(".weight"): size for name, size in shape.transformers().items()
            if name.startswith("model.layers.") and len(size) == 2}
