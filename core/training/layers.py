"""What makes a loaded model need less memory or less time; its weights keep their names."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from core.errors import Refused
from core.modelling.lora import inner_of

if TYPE_CHECKING:
    import torch


def recompute(model: torch.nn.Module, title: str) -> None:
    """From now on the layers of `model` keep nothing for the way back and compute it again there (arXiv
    1604.06174); dropout draws the same numbers twice. Refused for a model that cannot."""
    inner = inner_of(model)
    if not getattr(inner, "supports_gradient_checkpointing", False):
        raise Refused(
            f"This model ({title}) cannot compute its layers twice; switch the option"
            " “gradient_checkpointing” off."
        )
    # not the re-entrant way, which needs inputs with gradients: those of a frozen base have none
    inner.activation_checkpointing_enable({"use_reentrant": False})


def why_not_compiled(device: str) -> str:
    """Why `torch.compile` is left out on `device` (its type); "" where it pays."""
    if device != "cuda":
        return (
            "The option “compile” is for NVIDIA graphics processors; this run goes on without it, with the"
            " same result."
        )
    if importlib.util.find_spec("triton") is None:
        return "The option “compile” needs Triton, which is not installed here; this run goes on without it."
    return ""


def compiled(model: torch.nn.Module, backend: str = "inductor") -> None:
    """Compile `model` in place, for batches of any length; the first step does the work. Layers that learn
    while they hear (LaCT, TTT) go chunk by chunk through a clip: theirs is done again for each number of
    chunks, and takes minutes."""
    model.compile(backend=backend, dynamic=True)
