"""What can be chosen when a Whisper is tuned."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from core.families.base import options
from core.families.base.options import LoopOptions


class WhisperOptions(LoopOptions):
    """LoRA on the attention of a Whisper, if wanted on its feed-forward layers too, with hidden stretches and
    bands that let few takes go a long way."""

    language: str = Field(
        title="Language spoken",
        default="",
        max_length=40,
        description="The language that the model is told, such as de. Empty: the project's.",
    )
    steps: int = options.again("steps", 150)
    batch_size: int = options.again("batch_size", 4)
    accumulation: int = options.again("accumulation", 2)
    lr: float = options.again("lr", 5e-4)
    rank: int = options.rank(16)
    alpha: float = options.alpha(32.0)
    adapter_dropout: float = options.adapter_dropout()
    targets: Literal["attention", "all"] = Field(
        title="Layers with an adapter",
        default="attention",
        description="Where the adapter sits: in the attention alone, or in the feed-forward layers too (all),"
        " which learns more and needs more memory.",
    )
    encoder: bool = Field(
        title="Tune the hearing too",
        default=True,
        description="Adapters in the half that hears as well; without, only the half that writes learns, in"
        " less time and memory.",
    )
    time_masks: int = Field(default=2, ge=0, le=20, description="Short stretches hidden in each clip.")
    time_mask_seconds: float = Field(
        default=0.2, ge=0, le=2, description="Longest hidden stretch, in seconds."
    )
    frequency_masks: int = Field(default=2, ge=0, le=10, description="Frequency bands hidden in each clip.")
    frequency_mask_share: float = Field(
        default=0.15, ge=0, le=0.9, description="Widest hidden band, as a share of all."
    )


PRESETS: dict[str, dict[str, Any]] = {
    "Quick": {
        "steps": 150,
        "lr": 5e-4,
        "keep": 0.8,
        "warmup_steps": 15,
        "encoder": False,
        "eval_every": 50,
        "sample_every": 50,
        "save_every": 50,
    },
    "Careful": {
        "steps": 600,
        "lr": 2e-4,
        "keep": 0.8,
        "warmup_steps": 60,
        "schedule": "cosine",
        "weight_decay": 0.01,
        "eval_every": 60,
        "sample_every": 60,
        "save_every": 60,
        "patience": 4,
    },
}
