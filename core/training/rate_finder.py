"""Which learning rate fits: a short sweep from a tiny to a huge one, watched, and then as if it had not been.

Method: Smith 2017, "Cyclical learning rates" (arXiv 1506.01186); the loss is smoothed, and the sweep ends
where it has grown to four times its minimum.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.training import phases, rng, stepping
from core.training.session import Progress

if TYPE_CHECKING:
    from core.training.session import Session

LOWEST, HIGHEST = 1e-6, 1e-1
STEPS = 100
SMOOTHING = 0.9
TOO_MUCH = 4.0
"""Times its minimum that the smoothed loss may reach."""
SETTLED = 10
"""Points before the smoothed loss means something."""
SHARE = 1 / 3
"""Of the rate where the loss falls fastest: a whole run needs some distance from the cliff."""


@dataclass(frozen=True)
class Point:
    """The loss of one window before the weights were moved at `rate`; `smoothed` is its running mean."""

    rate: float
    loss: float
    smoothed: float


def find(
    session: Session, steps: int = STEPS, tell: Callable[[Point], bool] = lambda point: True
) -> list[Point]:
    """Sweep on the windows that a run of this session would see, in its last phase; `tell` hears of every
    point and gives False to end the sweep. The session is afterwards as it was, bit for bit."""
    points: list[Point] = []
    with _unharmed(session):
        mean = 0.0
        for n in range(steps):
            rate = LOWEST * (HIGHEST / LOWEST) ** (n / max(1, steps - 1))
            loss = _step(session, rate)
            if loss is None:
                break
            mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
            points.append(Point(rate, loss, mean / (1 - SMOOTHING ** (n + 1))))
            if not tell(points[-1]) or _is_too_much(points):
                break
    return points


def suggestion(points: Sequence[Point]) -> float | None:
    """A third of the rate at which the smoothed loss falls fastest (over the logarithm of the rate); None
    where it never falls."""
    slopes = [
        (
            (after.smoothed - before.smoothed) / math.log(after.rate / before.rate),
            math.sqrt(before.rate * after.rate),
        )
        for before, after in zip(points[SETTLED:], points[SETTLED + 2 :], strict=False)
    ]
    slope, rate = min(slopes, default=(0.0, 0.0))
    return rate * SHARE if slope < 0 else None


def _is_too_much(points: Sequence[Point]) -> bool:
    lowest = min(point.smoothed for point in points)
    return len(points) > SETTLED and points[-1].smoothed > TOO_MUCH * lowest


def _step(session: Session, rate: float) -> float | None:
    """One window, and a move at `rate`; None when the loss or the gradient is not finite."""
    import torch

    window = stepping.next_window(session)
    for group in session.optimizer.param_groups:
        group["lr"] = rate
    done = stepping.passed(session, window)
    parameters = list(session.trained().values())
    session.ranks.add_gradients(parameters)
    norm = float(torch.nn.utils.clip_grad_norm_(parameters, session.options.clip_norm))
    if done.is_good and math.isfinite(norm):
        session.optimizer.step()
    session.optimizer.zero_grad(set_to_none=True)
    return done.loss if done.is_good and math.isfinite(norm) else None


@contextmanager
def _unharmed(session: Session) -> Iterator[None]:
    """Inside it the session may be trained; weights, optimizer, generators and progress come back as they
    were."""
    import torch

    model, optimizer, phase = session.model, session.optimizer, session.phase
    moved = {name: p.requires_grad for name, p in model.named_parameters()}
    held = {
        name: value.detach().clone()
        for name, value in [*model.named_parameters(), *model.named_buffers()]
        if name in session.movable or name not in moved
    }
    progress, was_training = session.progress.to_json(), model.training
    try:
        with rng.untouched():
            phases.go_to(session, len(session.phases) - 1)
            model.train()
            yield
    finally:
        session.optimizer, session.phase = optimizer, phase
        vars(session.progress).update(vars(Progress.from_json(progress)))  # the loop holds the same object
        with torch.no_grad():
            for name, value in [*model.named_parameters(), *model.named_buffers()]:
                if name in held:
                    value.copy_(held[name])
        for name, parameter in model.named_parameters():
            parameter.requires_grad_(moved[name])
        model.zero_grad(set_to_none=True)
        model.train(was_training)
