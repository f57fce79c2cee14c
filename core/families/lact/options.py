"""What can be chosen when a LaCT recogniser is trained."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from core.families.base import options
from core.families.base.options import LoopOptions
from core.modelling.lact.asr_config import Size


class LactOptions(LoopOptions):
    """All weights are trained: from scratch in a named size, or those of a model that was trained before."""

    size: Size = Field(
        default="tiny",
        description="Size of a model that begins from scratch; one that was trained before keeps its own.",
    )
    longest: float = Field(
        title="Longest clip",
        default=20.0,
        ge=1,
        le=120,
        description="Clips that last longer, in seconds, are left out.",
    )
    updates_per_clip: int = Field(
        title="Updates a clip",
        default=4,
        ge=0,
        le=1000,
        description="How often the fast weights learn in a clip of mean length; their chunk follows from it."
        " 0: the chunk of the model that it begins with.",
    )
    window: float = Field(
        title="Window of attention",
        default=2.56,
        gt=0,
        le=120,
        description="Seconds that attention sees, in a model that begins from scratch; what was before them"
        " is for the fast weights to know.",
    )
    frozen: bool = Field(
        title="Fast weights frozen",
        default=False,
        description="The same model without learning while it hears, to compare with.",
    )
    bidirectional: bool = Field(
        default=False,
        description="Hear the whole clip first, then write, in a model that begins from scratch.",
    )
    use_muon: bool = Field(
        title="Muon in the fast weights",
        default=False,
        description="The fast weights learn by orthogonal steps, in a model that begins from scratch.",
    )
    dropout: float = Field(
        default=0.0, ge=0, lt=1, description="Share that is dropped behind each layer in training."
    )
    lr: float = options.again("lr", 1e-3)
    weight_decay: float = options.again("weight_decay", 0.01)
    beta2: float = options.again("beta2", 0.98)
    steps: int = options.again("steps", 2000)
    batch_size: int = options.again("batch_size", 12)
    warmup_steps: int = options.again("warmup_steps", 200)
    eval_every: int = options.again("eval_every", 250)
    sample_every: int = options.again("sample_every", 250)
    save_every: int = options.again("save_every", 250)
    time_masks: int = Field(default=2, ge=0, le=20, description="Short stretches hidden in each clip.")
    time_mask_seconds: float = Field(
        default=0.15, ge=0, le=2, description="Longest hidden stretch, in seconds."
    )
    frequency_masks: int = Field(default=2, ge=0, le=10, description="Frequency bands hidden in each clip.")
    frequency_mask_share: float = Field(
        default=0.15, ge=0, le=0.9, description="Widest hidden band, as a share of all."
    )
    tempo: float = Field(
        default=0.1, ge=0, le=0.4, description="Clips are played up to this share faster or slower."
    )


_LONG: dict[str, Any] = {  # the example that is published for LibriSpeech
    "lr": 1e-4,
    "warmup_steps": 2000,
    "batch_size": 12,
    "accumulation": 2,
    "steps": 100_000,
    "schedule": "cosine",
    "dropout": 0.1,
    "sample_every": 500,
    "eval_every": 1000,
    "save_every": 5000,
}
PRESETS: dict[str, dict[str, Any]] = {
    "Tiny (experimental)": {"size": "tiny", "schedule": "cosine"},
    "Base (experimental)": {"size": "base", **_LONG},
    "Improved (experimental)": {"size": "improved", **_LONG},
    "Large (experimental)": {"size": "large", **_LONG},
}
