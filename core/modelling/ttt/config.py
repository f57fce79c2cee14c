"""The measures of a TTT layer."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class TttConfig(BaseModel):
    """What a checkpoint needs to build the same layers again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    heads: int = Field(default=4, ge=1, description="Heads, each with a network of its own.")
    depth: int = Field(default=2, ge=2, le=5, description="Layers of the network within.")
    expansion: float = Field(default=4.0, gt=0, description="Its inner width, by that of a head.")
    mini_batch: int = Field(default=16, ge=1, description="Tokens that learn from the same weights.")
    base_lr: float = Field(default=1.0, gt=0, description="How fast the network within learns.")
    gate: float = Field(default=0.1, description="Share of the layer at the start (before tanh); 0 is none.")
