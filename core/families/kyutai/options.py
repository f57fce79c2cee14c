"""What can be chosen when a Kyutai STT is tuned."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from core.families.base.options import LoopOptions, ScheduleName


class KyutaiOptions(LoopOptions):
    """LoRA on the attention and the feed-forward layers; if wanted, the tables that pieces and codes are read
    with and the layer that writes are trained whole beside it."""

    steps: int = Field(
        default=500, ge=1, le=1_000_000, description="Training steps: how often the weights are changed."
    )
    lr: float = Field(
        default=2e-5, gt=0, le=1.0, description="Learning rate: how far each step moves the weights."
    )
    schedule: ScheduleName = Field(
        default="cosine", description="How the learning rate rises and falls over the run."
    )
    warmup_steps: int = Field(
        default=25, ge=0, le=100_000, description="Steps over which the learning rate rises from zero."
    )
    weight_decay: float = Field(
        default=0.1, ge=0, le=1.0, description="Pulls the trained weights towards zero."
    )
    beta2: float = Field(
        title="Memory of the step size",
        default=0.95,
        ge=0.5,
        lt=1,
        description="How long the optimizer remembers how large gradients were (its second beta): nearer to 1"
        " is longer.",
    )
    rank: int = Field(default=128, ge=1, le=512, description="Rank of the adapter: its room to learn.")
    alpha: float = Field(
        default=256.0, gt=0, le=2048, description="Strength of the adapter; twice the rank is usual."
    )
    adapter_dropout: float = Field(
        default=0.0, ge=0, lt=1, description="Share of the adapter's inputs that are dropped in training."
    )
    train_lm_head: bool = Field(
        title="Train the output layer whole",
        default=False,
        description="The layer that writes the pieces learns whole, beside the adapter.",
    )
    train_embeddings: bool = Field(
        title="Train the input tables whole",
        default=False,
        description="The tables through which the model reads its text and the sound learn whole: more room"
        " to learn, and much more memory.",
    )
    padding_weight: float = Field(
        title="Weight of frames without text",
        default=0.5,
        ge=0,
        le=1,
        description="How much a frame counts in which nothing is written; text counts 1.",
    )
    hold_heads: float = Field(
        title="Hold the pause heads",
        default=0.0,
        ge=0,
        le=100,
        description="How strongly the pause heads are held to what they said before the training; 0 does not,"
        " anything else takes a second pass and a model that has them.",
    )
    window_seconds: float = Field(
        title="Longest part",
        default=56.0,
        ge=2,
        le=600,
        description="Longer clips are cut at pauses into parts of at most so many seconds, of which each"
        " epoch takes one.",
    )


PRESETS: dict[str, dict[str, Any]] = {
    "Numbers, 50 clips": {
        "steps": 500,
        "batch_size": 8,
        "lr": 2e-5,
        "rank": 128,
        "alpha": 256.0,
        "train_embeddings": True,
        "warmup_steps": 25,
        "eval_every": 50,
        "sample_every": 50,
        "save_every": 100,
    },
    "New domain": {
        "steps": 2000,
        "batch_size": 16,
        "lr": 1e-5,
        "rank": 64,
        "alpha": 128.0,
        "warmup_steps": 100,
        "eval_every": 100,
        "sample_every": 100,
        "save_every": 200,
        "patience": 5,
    },
}
