"""Numbers that are no numbers: named, skipped, counted, and never learned from or saved."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.errors import StudioError

if TYPE_CHECKING:
    import torch

    from core.families.base import Example
    from core.training.blame import Origin
    from core.training.session import Session

ROW = 5  # so many in a row, and the run stops


def is_finite(tensors: Mapping[str, torch.Tensor]) -> bool:
    """Whether no tensor holds NaN or infinity: then their largest value is a number."""
    import torch

    floats = [t.detach() for t in tensors.values() if t.is_floating_point() and t.numel()]
    return not floats or math.isfinite(float(torch.nn.utils.get_total_norm(floats, math.inf)))


def skipped(session: Session, ids: Sequence[str], reason: str, origin: Origin | None) -> None:
    """Note what was left out at this step, and where it began; the fifth in a row without a good step
    between raises StudioError."""
    session.progress.bad_streak += 1
    place = {"module": origin.module, "what": origin.what} if origin else {}
    session.report.event("skipped", session.progress.step, ids=list(ids), reason=reason, **place)
    if session.progress.bad_streak >= ROW:
        began = f"; it began in the {origin.what} of {origin.module}" if origin else ""
        raise StudioError(
            f"Training stopped at step {session.progress.step}: {ROW} batches in a row gave no usable numbers"
            f" ({reason}{began}); the last were {', '.join(ids[:5])}. Check those clips, or lower the"
            f" learning rate; the last checkpoint is kept. {_next(session)}"
        )


def check_parameters(session: Session) -> None:
    """Raise StudioError when a step left a trained weight that is no number; nothing is saved then."""
    if not is_finite(session.trained()):
        raise StudioError(
            f"Training stopped at step {session.progress.step}: the weights are no longer numbers. Lower the"
            f" learning rate (it was {session.phases[session.phase].lr:g}) and start again; the last"
            f" checkpoint is kept. {_next(session)}"
        )


def _next(session: Session) -> str:
    return f"“app.py diagnose {session.run.id}” looks for the layer where it begins."


def culprits(session: Session, examples: Sequence[Example]) -> list[str]:
    """Ids of the examples whose loss alone is not finite; all of them when none is to blame alone."""
    import torch

    was_training = session.model.training
    session.model.eval()
    found = []
    with torch.no_grad():
        for example in examples:
            batch = session.ranks.to_device(session.family.collate([example], session.plan.prepared))
            terms = session.family.loss(session.model, batch)
            if not all(bool(torch.isfinite(value)) for value, _ in terms.values()):
                found.append(example.id)
    session.model.train(was_training)
    return found or [e.id for e in examples]
