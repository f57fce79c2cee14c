"""The measures of a whole speech recogniser of LaCT layers, and the sizes that have a name."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.modelling.lact.config import LactConfig

Size = Literal["tiny", "base", "improved", "large"]
SUBSAMPLING = 4
"""Mel frames to one frame of the layers."""


class AsrConfig(BaseModel):
    """What a folder needs to build the same network again; it is saved in its config.json."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    layers: LactConfig = LactConfig()
    bins: int = Field(default=80, ge=8, le=256, description="Mel bins of a frame of 10 ms.")
    convs: int = Field(default=2, ge=2, le=8, description="Convolutions in front; two of them halve.")
    dropout: float = Field(default=0.0, ge=0, lt=1, description="Share that is dropped behind each part.")
    vocabulary: int = Field(default=32, ge=2, description="Tokens that are written; 0 is the blank.")


SIZES: dict[Size, dict[str, Any]] = {
    "tiny": {"hidden_size": 128, "num_hidden_layers": 4, "num_attn_heads": 4, "num_lact_heads": 4,
             "convs": 2},
    "base": {"hidden_size": 768, "num_hidden_layers": 12, "num_attn_heads": 12, "num_lact_heads": 4,
             "convs": 2},
    "improved": {"hidden_size": 1024, "num_hidden_layers": 18, "num_attn_heads": 16, "num_lact_heads": 8,
                 "convs": 3},
    "large": {"hidden_size": 1536, "num_hidden_layers": 24, "num_attn_heads": 24, "num_lact_heads": 12,
              "convs": 4},
}


def of_size(size: Size, vocabulary: int, dropout: float = 0.0, **layers: Any) -> AsrConfig:
    """The measures of a named size; `layers` are further ones of `LactConfig`."""
    named = dict(SIZES[size])
    convs = named.pop("convs")
    return AsrConfig(layers=LactConfig(**{**named, **layers}), convs=convs, dropout=dropout,
                     vocabulary=vocabulary)


def n_frames(n_mel: int) -> int:
    """Frames of the layers for `n_mel` mel frames."""
    return -(-n_mel // SUBSAMPLING)
