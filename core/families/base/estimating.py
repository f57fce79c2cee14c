"""What a run is expected to take, as a sentence that reads the same in every family."""

from __future__ import annotations

from core.families.base import Estimate


def on_processor(seconds: float, memory_gb: float, steps: int, n_clips: int) -> Estimate:
    """The estimate of `steps` over `n_clips` training clips on this machine's processor."""
    return Estimate(
        seconds,
        memory_gb,
        f"About {_spoken(seconds)} on this machine's processor and {memory_gb:.1f} GB of memory, "
        f"for {steps} steps over {n_clips} clip{'' if n_clips == 1 else 's'}.",
    )


def _spoken(seconds: float) -> str:
    return (
        f"{seconds:.0f} seconds"
        if seconds < 90
        else f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
    )
