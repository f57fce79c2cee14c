"""What can be chosen when a Higgs-Audio v2 learns a voice or a language."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from core.families.base import options
from core.families.base.options import LoopOptions, ScheduleName


class HiggsOptions(LoopOptions):
    """LoRA on the attention and on the feed-forward layers of the sound; if wanted, the tables that codes are
    read and written with learn whole beside it."""

    steps: int = options.again("steps", 600)
    batch_size: int = options.again("batch_size", 2)
    accumulation: int = options.again("accumulation", 4)
    lr: float = options.again("lr", 1e-4)
    schedule: ScheduleName = options.again("schedule", "cosine")
    warmup_steps: int = options.again("warmup_steps", 20)
    weight_decay: float = options.again("weight_decay", 0.01)
    gradient_checkpointing: bool = options.again("gradient_checkpointing", True)
    sample_every: int = options.again(
        "sample_every", 50, description="Steps between two sets of spoken samples.")
    samples: int = options.again("samples", 2, description="Validation clips that are spoken as samples.")
    rank: int = options.rank(16)
    alpha: float = options.alpha(32.0)
    adapter_dropout: float = options.adapter_dropout()
    train_tables: bool = Field(
        title="Train the tables of sound whole",
        default=False,
        description="The tables through which the model reads and writes codes learn whole, beside the"
        " adapter: for a language that it has not heard.",
    )
    table_steps: int = Field(
        title="Steps for the tables alone",
        default=0,
        ge=0,
        le=100_000,
        description="Before the adapter learns, so many steps move the tables of sound alone; they come on"
        " top of the others.",
    )
    half_base: bool = Field(
        title="Keep what is frozen in half precision",
        default=True,
        description="The weights that do not learn are kept in bf16 while the run trains: half the memory,"
        " and results that differ by rounding.",
    )
    least_reference: float = Field(
        title="Shortest reference",
        default=1.0,
        ge=0,
        le=60,
        description="Seconds that a clip must last to show the voice for another one.",
    )
    most_reference: float = Field(
        title="Longest reference",
        default=15.0,
        ge=1,
        le=120,
        description="Longer clips, in seconds, are not taken as references; they are still learned.",
    )
    most_target: float = Field(
        title="Longest clip",
        default=30.0,
        ge=1,
        le=80,
        description="Clips that last longer, in seconds, are left out.",
    )


PRESETS: dict[str, dict[str, Any]] = {
    "Voice": {
        "steps": 600,
        "lr": 1e-4,
        "rank": 16,
        "alpha": 32.0,
        "eval_every": 50,
        "sample_every": 50,
        "save_every": 100,
        "patience": 4,
    },
    "New language": {
        "steps": 4000,
        "lr": 2e-4,
        "rank": 32,
        "alpha": 64.0,
        "train_tables": True,
        "table_steps": 200,
        "warmup_steps": 100,
        "eval_every": 200,
        "sample_every": 200,
        "save_every": 400,
    },
}

TINY: dict[str, Any] = {"rank": 4, "alpha": 8.0, "half_base": False, "least_reference": 0.2,
                        "gradient_checkpointing": False}
"""With a tiny model: what saves memory elsewhere costs time there."""
