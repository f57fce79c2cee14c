"""What can be chosen when a CTC model is tuned."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from core.families.base import options
from core.families.base.options import LoopOptions
from core.families.base.phases import Phase, whole_run


class CtcOptions(LoopOptions):
    """LoRA on Wav2Vec2 and Wav2Vec2-BERT, with disturbances that let few takes go a long way; or a language's
    adapter of an MMS model, its output layer first."""

    tune: Literal["lora", "language"] = Field(
        title="Way of tuning",
        default="lora",
        description="What is trained: an adapter beside the weights (lora), or the language adapter and the"
        " output layer of an MMS model (language), by epochs instead of steps.",
    )
    from_language: str = Field(
        title="Language to start from",
        default="",
        max_length=40,
        description="Code of the language to start from, such as smo for adapter.smo.safetensors; empty: the"
        " model's own.",
    )
    language: str = Field(
        title="Language taught",
        default="",
        max_length=40,
        description="Code of the language that is taught, such as tvl; its adapter is saved under it. Empty:"
        " the project's.",
    )
    head_epochs: int = Field(
        title="Epochs of the output layer",
        default=2,
        ge=0,
        le=10_000,
        description="Times that every clip is heard while the output layer learns alone; for a language.",
    )
    adapter_epochs: int = Field(
        title="Epochs of adapter and output layer",
        default=8,
        ge=1,
        le=10_000,
        description="Times that every clip is heard while adapter and output layer learn; for a language.",
    )
    head_lr: float = Field(
        title="Learning rate of the output layer",
        default=1e-3,
        gt=0,
        le=1.0,
        description="Learning rate while the output layer learns alone; for a language.",
    )

    lr: float = options.again("lr", 2e-3)
    rank: int = options.rank(16)
    alpha: float = options.alpha(32.0)
    adapter_dropout: float = options.adapter_dropout()
    train_head: bool = Field(default=True, description="Train the output layer whole, beside the adapter.")
    tempo: float = Field(
        default=0.12, ge=0, le=0.4, description="Clips are played up to this share faster or slower."
    )
    formants: float = Field(
        default=0.06, ge=0, le=0.3, description="The voice's timbre is moved by up to this share."
    )
    time_masks: int = Field(default=2, ge=0, le=20, description="Short stretches hidden in each clip.")
    time_mask_seconds: float = Field(
        default=0.15, ge=0, le=2, description="Longest hidden stretch, in seconds."
    )
    frequency_masks: int = Field(default=2, ge=0, le=10, description="Frequency bands hidden in each clip.")
    frequency_mask_share: float = Field(
        default=0.15, ge=0, le=0.9, description="Widest hidden band, as a share of all."
    )
    noise: float = Field(
        default=0.2, ge=0, le=2, description="Most noise added, as a share of the features' spread."
    )


PRESETS: dict[str, dict[str, Any]] = {
    "Quick": {
        "steps": 120,
        "batch_size": 8,
        "lr": 1e-3,
        "keep": 0.8,
        "warmup_steps": 10,
        "eval_every": 30,
        "sample_every": 30,
        "save_every": 30,
    },
    "Careful": {
        "steps": 400,
        "batch_size": 8,
        "lr": 1e-3,
        "keep": 0.8,
        "warmup_steps": 40,
        "schedule": "cosine",
        "weight_decay": 0.01,
        "eval_every": 50,
        "sample_every": 50,
        "save_every": 50,
        "patience": 4,
    },
    "Language": {  # the recipe that is published for MMS: nothing disturbed, nothing dropped
        "tune": "language",
        "batch_size": 4,
        "accumulation": 8,
        "lr": 1e-3,
        "head_lr": 1e-3,
        "head_epochs": 2,
        "adapter_epochs": 8,
        "warmup_steps": 100,
        "eval_every": 50,
        "sample_every": 50,
        "save_every": 50,
        "tempo": 0.0,
        "formants": 0.0,
        "time_masks": 0,
        "frequency_masks": 0,
        "noise": 0.0,
    },
}


def phases_of(options: CtcOptions, n_windows: int) -> tuple[Phase, ...]:
    """LoRA: one. A language: the output layer first, so that the adapter is not pulled about by rows that
    know nothing, then both; a warm-up takes at most a third of its phase."""
    if options.tune == "lora":
        return whole_run(options)
    first, second = options.head_epochs * n_windows, options.adapter_epochs * n_windows
    warmups = [min(options.warmup_steps, n // 3) for n in (first, second)]
    return (
        Phase("output layer", first, options.head_lr, warmups[0], options.schedule, ("lm_head",)),
        Phase("adapter and output layer", second, options.lr, warmups[1], options.schedule,
              ("lm_head", "adapter_layer")),
    )
