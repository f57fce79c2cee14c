"""A clip's loss must not depend on which clips go beside it, nor on how a window is cut into batches. Rows 5,
6, 7 and 16 of the table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.families.base import Example, Prepared, Trains
from core.training.checks import Check, passed, refused, some

if TYPE_CHECKING:
    import torch

TOLERANCE = 1e-3
"""Share by which the same sum may differ when it is added in another order, on any device."""
EXACT = 2e-5
"""The same on a processor in fp32, where rounding was seen to be 1e-7, and padding that a model hears
2e-4."""
COPIES = 4


def total(family: Trains, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared
          ) -> tuple[float, float]:
    """(loss, items): the weighted loss of one batch, summed over its supervised items, and their number."""
    import torch

    at = next(model.parameters()).device
    batch = family.collate(examples, prepared)
    placed = {name: value.to(at) if hasattr(value, "to") else value for name, value in batch.items()}
    with torch.no_grad():
        terms = family.loss(model, placed)
    loss = sum(weight * float(value) for value, weight in terms.values())
    return loss, float(sum(family.count(batch).values()))


def finite(family: Trains, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared) -> Check:
    """Each example alone must have a loss that is a number."""
    bad = [e.id for e in examples if not math.isfinite(total(family, model, [e], prepared)[0])]
    if bad:
        return refused("loss", f"{len(bad)} of {len(examples)} clips have a loss that is no number:"
                       f" {some(bad)}. Listen to them, and leave them out.", bad, n=len(bad))
    return passed("loss", f"The loss of {len(examples)} clips is a number.", n=len(examples))


def accumulation(family: Trains, model: torch.nn.Module, example: Example, prepared: Prepared,
                 tolerance: float = TOLERANCE) -> Check:
    """A batch of copies of one example must have their losses added and their items counted: then 1 x 8 and
    8 x 1 are the same step. Nothing is padded, so that padding has no part in it."""
    one, items = total(family, model, [example], prepared)
    several, counted = total(family, model, [example] * COPIES, prepared)
    figures: dict[str, Any] = {"alone": one * COPIES, "together": several,
                               "items_alone": items * COPIES, "items": counted}
    if counted != items * COPIES or items <= 0:
        return refused("accumulation", f"{COPIES} copies of a clip count {counted:.0f} learned items"
                       f" instead of {items * COPIES:.0f}, so losses would be divided by the wrong number.",
                       [example.id], **figures)
    if not _near(several, one * COPIES, tolerance):
        return refused("accumulation", f"{COPIES} copies of a clip have a loss of {several:.4g} in one"
                       f" batch and of {one * COPIES:.4g} one by one: accumulating would change the result.",
                       [example.id], **figures)
    return passed("accumulation", "Clips give the same loss in one batch and one by one.", **figures)


def padding(family: Trains, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared) -> Check:
    """Examples of different lengths must have the same loss in one batch, padded, as one by one."""
    alone = math.fsum(total(family, model, [e], prepared)[0] for e in examples)
    together, _ = total(family, model, examples, prepared)
    figures: dict[str, Any] = {"alone": alone, "together": together, "n": len(examples)}
    is_exact = next(model.parameters()).device.type == "cpu"
    if not _near(together, alone, EXACT if is_exact else TOLERANCE):
        return refused("padding", f"Padding changes the result: {len(examples)} clips have a loss of"
                       f" {together:.4g} in one batch and of {alone:.4g} one by one.",
                       [e.id for e in examples], **figures)
    return passed("padding", "A clip's result does not depend on the clips beside it.", **figures)


def by_hand(losses: Sequence[float], told: float, tolerance: float = TOLERANCE) -> Check:
    """`told`, a loss that is shown, must be the mean of `losses`, those of all supervised items one by one in
    float64: a loss that is divided by another count is not."""
    mean = math.fsum(losses) / len(losses) if losses else 0.0
    if not _near(told, mean, tolerance):
        return refused("mean", f"The loss is told as {told:.4g}, and the mean of its {len(losses)} items is"
                       f" {mean:.4g}: it was divided by the wrong number.", told=told, mean=mean)
    return passed("mean", f"The loss is the mean of its {len(losses)} items.", told=told, mean=mean)


def _near(one: float, other: float, tolerance: float) -> bool:
    return abs(one - other) <= tolerance * max(abs(one), abs(other), 1e-6)
