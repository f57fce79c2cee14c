"""An adapter must land where it should, move with the first steps, and nothing else may. Row 10 of the
table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.training.checks import Check, refused, some
from core.training.checks import passed as well

if TYPE_CHECKING:
    import torch

FOREIGN = ("codec", "mimi", "audio_tokenizer", "vocoder")
"""Parts that turn sound into codes and back; an adapter in them teaches nothing."""


def landed(model: torch.nn.Module, foreign: tuple[str, ...] = FOREIGN) -> Check:
    """Something must be trainable, and nothing of the parts `foreign`."""
    trained = {name: p.numel() for name, p in model.named_parameters() if p.requires_grad}
    every = sum(p.numel() for p in model.parameters())
    figures: dict[str, Any] = {"n_trained": sum(trained.values()), "n_all": every, "n_parts": len(trained)}
    if not trained:
        return refused("adapter", "Nothing in this model would be trained.", **figures)
    strange = [name for name in trained if any(part in name.split(".") for part in foreign)]
    if strange:
        return refused("adapter", f"The adapter landed in {len(strange)} parts that only code the sound,"
                       f" such as {strange[0]}.", **figures)
    share = 100 * figures["n_trained"] / every
    return well("adapter", f"Trained are {figures['n_trained']:,} of {every:,} weights ({share:.2g} %) in"
                f" {len(trained)} parts.", **figures)


def moved(model: torch.nn.Module, learn: Callable[[], None]) -> Check:
    """`learn` takes steps of training (two: the first moves only half of a fresh adapter); afterwards every
    trainable part must differ, and nothing else."""
    import torch

    with torch.no_grad():
        before = {n: p.detach().clone() for n, p in model.named_parameters() if p.requires_grad}
        frozen = {n: _print_of(p) for n, p in model.named_parameters() if not p.requires_grad}
    learn()
    after = dict(model.named_parameters())
    still = [n for n, value in before.items() if torch.equal(value, after[n].detach())]
    strange = [n for n, value in frozen.items() if _print_of(after[n]) != value]
    figures: dict[str, Any] = {"n_trained": len(before), "n_still": len(still), "n_strange": len(strange)}
    if strange:
        return refused("delta", f"{len(strange)} parts moved that should stay as they are, such as"
                                f" {strange[0]}.",
                       **figures)
    if still or not before:
        return refused("delta", f"{len(still)} of {len(before)} trained parts did not move in two steps,"
                       f" so they learn nothing: {some(still)}.", **figures)
    return well("delta", f"Two steps moved all {len(before)} trained parts, and nothing else.", **figures)


def _print_of(parameter: torch.nn.Parameter) -> tuple[float, float, int]:
    """What changes with a tensor and costs no copy of it: its sums in float64, and its version."""
    held = parameter.detach().to("cpu").double()
    return float(held.sum()), float(held.abs().sum()), parameter._version
