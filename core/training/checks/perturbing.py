"""What a model that streams may see: nothing of the future, and step by step the same as in one pass. Rows 4
and 17 of the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.training.checks import Check, passed, refused

if TYPE_CHECKING:
    import torch

    Forward = Callable[[torch.Tensor], torch.Tensor]
    Step = Callable[[torch.Tensor, Any], tuple[torch.Tensor, Any]]

TOLERANCE = 1e-4
"""Share of the largest output by which two ways of computing the same may differ in fp32."""


def causal(forward: Forward, inputs: torch.Tensor, at: int, other: torch.Tensor | None = None,
           per_output: int = 1, tolerance: float = TOLERANCE) -> Check:
    """Outputs before place `at` must not move when the inputs from there on do, and those after it must.

    `forward` takes (batch, time, ...) and gives (batch, time // per_output, ...), in evaluation mode.
    `other` are inputs that agree before `at`; for floats they are made here.
    """
    import torch

    changed = _disturbed(inputs, at) if other is None else other
    with torch.no_grad():
        one, two = forward(inputs).double(), forward(changed).double()
    moved, size = (one - two).abs(), max(float(one.abs().max()), 1e-12)
    first = at // per_output
    before = float(moved[:, :first].max()) / size if first else 0.0
    after = float(moved[:, first:].max()) / size
    figures: dict[str, Any] = {"before": before, "after": after, "at": at}
    if before > tolerance:
        return refused("causality", f"The model sees the future: an input changed at place {at} moved the"
                       f" outputs before it by {100 * before:.2g} % of the largest.", **figures)
    if after <= tolerance:
        return refused("causality", f"An input changed at place {at} moved no output at all, so the model"
                       " does not hear it.", **figures)
    return passed("causality", "No output moves before the input that was changed.", **figures)


def _disturbed(inputs: torch.Tensor, at: int) -> torch.Tensor:
    import torch

    changed = inputs.clone()
    draw = torch.Generator().manual_seed(0)
    noise = torch.randn(inputs[:, at:].shape, generator=draw).to(inputs)
    changed[:, at:] += noise * max(float(inputs.std()), 1e-3)
    return changed


def step_by_step(forward: Forward, step: Step, inputs: torch.Tensor, tolerance: float = TOLERANCE) -> Check:
    """One pass over `inputs` (batch, time, ...) must give what `step` gives place by place.

    `step` takes (batch, 1, ...) and the state that it gave before, None at first. Take more places than the
    model's window holds, else a window that is ignored is not seen.
    """
    import torch

    state: Any = None
    parts = []
    with torch.no_grad():
        whole = forward(inputs).double()
        for t in range(inputs.shape[1]):
            made, state = step(inputs[:, t : t + 1], state)
            parts.append(made.double())
    apart = (whole - torch.cat(parts, dim=1)).abs()
    size = max(float(whole.abs().max()), 1e-12)
    most = float(apart.max()) / size
    if most > tolerance:
        places = apart.flatten(2).amax(-1).amax(0) > tolerance * size
        first = int(places.nonzero()[0])
        return refused("stepwise", "Step by step the model gives something else than in one pass, from place"
                       f" {first} on, by {100 * most:.2g} % of the largest output: training and use differ.",
                       difference=most, first=first)
    return passed("stepwise", "Step by step the model gives what it gives in one pass.", difference=most)
