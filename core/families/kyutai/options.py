"""What can be chosen when a Kyutai STT is tuned."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from core.families.base import options, ttt
from core.families.base.options import LoopOptions, ScheduleName


class KyutaiOptions(LoopOptions):
    """LoRA on the attention and the feed-forward layers; if wanted, the tables that pieces and codes are read
    with and the layer that writes are trained whole beside it."""

    steps: int = options.again("steps", 500)
    lr: float = options.again("lr", 2e-5)
    schedule: ScheduleName = options.again(
        "schedule", "cosine", description="How the learning rate rises and falls over the run."
    )
    warmup_steps: int = options.again("warmup_steps", 25)
    weight_decay: float = options.again("weight_decay", 0.1)
    beta2: float = options.again("beta2", 0.95)
    rank: int = options.rank(128)
    alpha: float = options.alpha(256.0)
    adapter_dropout: float = options.adapter_dropout()
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
    ttt_layers: ttt.Layers = ttt.layers()
    ttt_depth: int = ttt.of("depth")
    ttt_heads: int = ttt.of("heads")
    ttt_mini_batch: int = ttt.of("mini_batch")
    ttt_base_lr: float = ttt.of("base_lr")
    ttt_gate: float = ttt.of("gate")


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
