"""Options that every trainable family shares; a family's own Options model adds to them."""

from __future__ import annotations

from copy import copy
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

ScheduleName = Literal["linear", "cosine", "constant", "one-cycle"]
FREE = frozenset({"keep_last", "data_workers", "gradient_checkpointing", "wait_for_disk"})
"""Options that move no weight otherwise: a run may be continued with others."""


class LoopOptions(BaseModel):
    """What the training loop itself needs; the form, the saved JSON and the command line all
    come from these fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: int = Field(
        default=120, ge=1, le=1_000_000, description="Training steps: how often the weights are changed."
    )
    batch_size: int = Field(
        default=8, ge=1, le=256, description="Clips that are worked on at once; fewer need less memory."
    )
    accumulation: int = Field(
        default=1, ge=1, le=256, description="Batches gathered before the weights are changed once."
    )
    lr: float = Field(
        default=1e-3, gt=0, le=1.0, description="Learning rate: how far each step moves the weights."
    )
    schedule: ScheduleName = Field(default="linear", description="How the learning rate falls over the run.")
    warmup_steps: int = Field(
        default=10, ge=0, le=100_000, description="Steps over which the learning rate rises from zero."
    )
    weight_decay: float = Field(
        default=0.0, ge=0, le=1.0, description="Pulls the trained weights towards zero."
    )
    beta2: float = Field(
        title="Memory of the step size",
        default=0.999,
        ge=0.5,
        lt=1,
        description="How long the optimizer remembers how large gradients were (its second beta): nearer to 1"
        " is longer.",
    )
    keep: float = Field(
        default=1.0,
        ge=0.1,
        le=1,
        description="Share of what was learned that the finished model keeps: less of it forgets less.",
    )
    clip_norm: float = Field(
        default=1.0, gt=0, le=1000, description="Gradients longer than this are shortened to it."
    )
    eval_every: int = Field(
        default=25, ge=1, le=100_000, description="Steps between two looks at the validation clips."
    )
    sample_every: int = Field(
        default=25, ge=1, le=100_000, description="Steps between two sets of sample transcripts."
    )
    samples: int = Field(default=4, ge=0, le=50, description="Validation clips shown as samples.")
    save_every: int = Field(default=25, ge=1, le=100_000, description="Steps between two checkpoints.")
    patience: int = Field(
        default=0, ge=0, le=1000, description="Stop after this many looks without improvement; 0 never does."
    )
    minimum_gain: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="A smaller improvement of the validation WER than this counts as none.",
    )
    keep_last: int = Field(
        default=2,
        ge=1,
        le=50,
        description="Newest checkpoints that are kept, beside the best one; each can be gone on from.",
    )
    data_workers: int = Field(
        default=0,
        ge=0,
        le=8,
        description="Processes that prepare clips ahead of the training; any number gives the same result.",
    )
    gradient_checkpointing: bool = Field(
        default=False,
        description="Compute the layers twice instead of keeping what they gave: slower, with much less"
        " memory and the same result.",
    )
    compile: bool = Field(
        default=False,
        description="Compile the model before the first step: minutes at the start, faster steps; for NVIDIA"
        " graphics processors.",
    )
    wait_for_disk: int = Field(
        default=60,
        ge=0,
        le=10_080,
        description="Minutes that a run waits for room when the disk is full; 0 ends it at once.",
    )
    seed: int = Field(
        default=7, ge=0, le=2**31 - 1, description="The same seed on the same data gives the same run."
    )


Own = TypeVar("Own", bound=LoopOptions)


def own(given: LoopOptions, kind: type[Own]) -> Own:
    """`given` as the options of one family. TypeError for those of another: a bug, which no person causes."""
    if not isinstance(given, kind):
        raise TypeError(f"options of another family: {type(given).__name__}")
    return given


def again(name: str, default: Any, **changed: Any) -> Any:
    """The shared option `name` with another default for one family; its bounds and words stay, but for those
    in `changed`."""
    field = copy(LoopOptions.model_fields[name])
    field.default = default
    for what, value in changed.items():
        setattr(field, what, value)
    return field


def rank(default: int) -> Any:
    """The option `rank` of a family that learns by LoRA (arXiv 2106.09685)."""
    return Field(default=default, ge=1, le=512, description="Rank of the adapter: its room to learn.")


def alpha(default: float) -> Any:
    """The option `alpha` of such a family."""
    return Field(
        default=default, gt=0, le=2048, description="Strength of the adapter; twice the rank is usual."
    )


def adapter_dropout() -> Any:
    """The option `adapter_dropout` of such a family."""
    return Field(
        default=0.0, ge=0, lt=1, description="Share of the adapter's inputs that are dropped in training."
    )
