"""What can be chosen when a Moshi is trained."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from core.families.base import options, ttt
from core.families.base.options import LoopOptions, ScheduleName


class MoshiOptions(LoopOptions):
    """LoRA on the layers that see time, with the part that writes the codes of a frame whole if wanted; or
    all weights but those of the codec."""

    steps: int = options.again("steps", 2000)
    batch_size: int = options.again("batch_size", 4)
    lr: float = options.again("lr", 5e-5)
    schedule: ScheduleName = options.again(
        "schedule", "cosine", description="How the learning rate rises and falls over the run."
    )
    warmup_steps: int = options.again("warmup_steps", 100)
    weight_decay: float = options.again("weight_decay", 0.1)
    beta2: float = options.again("beta2", 0.95)
    learns: Literal["adapter", "all"] = Field(
        title="What learns",
        default="adapter",
        description="An adapter beside the model, or all of its weights but those of the codec, which takes"
        " several times the memory.",
    )
    rank: int = options.rank(64)
    alpha: float = options.alpha(128.0)
    adapter_dropout: float = options.adapter_dropout()
    train_depth: bool = Field(
        title="Train the depth decoder whole",
        default=False,
        description="The part that writes the codes of a frame one after the other learns whole, beside the"
        " adapter.",
    )
    hears_user: bool = Field(
        title="Two streams",
        default=True,
        description="A clip is a conversation: its left channel is the model, its right channel the other"
        " speaker, who is silent in a clip with one channel. Without it only the left channel is learned, and"
        " nobody else is there.",
    )
    text_weight: float = Field(
        title="Weight of the text",
        default=1.0,
        ge=0,
        le=100,
        description="How much the text counts against the sound; 0 learns from the sound alone. A clip"
        " without word times teaches no text.",
    )
    padding_weight: float = Field(
        title="Weight of frames without text",
        default=0.5,
        ge=0,
        le=1,
        description="How much a frame counts in which nothing is written; text counts 1.",
    )
    first_codebook_weight: float = Field(
        title="Weight of the first codebook",
        default=100.0,
        ge=0,
        le=1000,
        description="How much the first code of a frame, which says what is spoken, counts against each of"
        " the others.",
    )
    window_seconds: float = Field(
        title="Longest part",
        default=30.0,
        ge=1,
        le=240,
        description="Longer clips are cut into parts of at most so many seconds, of which each epoch takes"
        " one; of the files of a corpus it takes all.",
    )
    ttt_layers: ttt.Layers = ttt.layers()
    ttt_depth: int = ttt.of("depth")
    ttt_heads: int = ttt.of("heads")
    ttt_mini_batch: int = ttt.of("mini_batch")
    ttt_base_lr: float = ttt.of("base_lr")
    ttt_gate: float = ttt.of("gate")


PRESETS: dict[str, dict[str, Any]] = {
    "Pre-train (audio only)": {
        "steps": 10_000,
        "lr": 1e-4,
        "warmup_steps": 500,
        "hears_user": False,
        "text_weight": 0.0,
        "window_seconds": 60.0,
        "eval_every": 500,
        "sample_every": 500,
        "save_every": 1000,
    },
    "Conversation": {
        "steps": 2000,
        "lr": 5e-5,
        "text_weight": 0.5,
        "window_seconds": 30.0,
        "eval_every": 100,
        "sample_every": 100,
        "save_every": 500,
    },
}
