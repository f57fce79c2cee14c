"""The measures of TTT layers and where they stand. Without torch."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Which = Literal["middle", "all"]
CHILD = "ttt"
"""What a layer is called within its decoder layer, and so in the names of its weights."""


class TttConfig(BaseModel):
    """What a checkpoint needs to build the same layers again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    heads: int = Field(default=4, ge=1, description="Heads, each with a network of its own.")
    depth: int = Field(default=2, ge=2, le=5, description="Layers of the network within.")
    expansion: float = Field(default=4.0, gt=0, description="Its inner width, by that of a head.")
    mini_batch: int = Field(default=16, ge=1, description="Tokens that learn from the same weights.")
    base_lr: float = Field(default=1.0, gt=0, description="How fast the network within learns.")
    gate: float = Field(default=0.1, description="Share of the layer at the start (before tanh); 0 is none.")


class TttSettings(TttConfig):
    """The measures, and the numbers of the decoder layers that have one."""

    layers: tuple[int, ...] = Field(min_length=1)


def chosen(n_layers: int, which: Which) -> tuple[int, ...]:
    """The layers that get one: all, or the middle half."""
    if which == "all":
        return tuple(range(n_layers))
    return tuple(range(n_layers // 4, n_layers - n_layers // 4))


def widths(hidden: int, config: TttConfig) -> list[int]:
    """The widths that the network within a head goes through."""
    width = hidden // config.heads
    return [width, *[int(width * config.expansion)] * (config.depth - 1), width]


def n_weights(hidden: int, config: TttConfig) -> int:
    """How many numbers one layer learns in training."""
    inner = sum(a * b + b for a, b in pairwise(widths(hidden, config)))
    projections = 4 * hidden**2 + (hidden + 1) * config.heads
    norms_and_gate = 2 * hidden + 2 * hidden + hidden
    return projections + config.heads * inner + norms_and_gate + config.mini_batch


def why_not(hidden: int, config: TttConfig) -> str:
    """The sentence that says why layers of this width cannot have one; "" where they can."""
    if hidden % config.heads == 0:
        return ""
    return (f"The layers of this model are {hidden} wide, which is no multiple of {config.heads} TTT heads;"
            " choose another number of them.")
