"""How the learning rate moves: a pure function of the step, so that there is nothing to lose on resume."""

from __future__ import annotations

import math

from core.families.base.options import LoopOptions
from core.families.base.phases import Phase


def rate_at(step: int, options: LoopOptions | Phase) -> float:
    """Learning rate of `step` (1 .. options.steps) of a run or of a phase."""
    return options.lr * _scale(step, options)


def _scale(step: int, options: LoopOptions | Phase) -> float:
    if options.schedule == "one-cycle":
        return _one_cycle((step - 1) / max(1, options.steps - 1))
    warmup = min(options.warmup_steps, options.steps - 1)
    if step <= warmup:
        return step / (warmup + 1)
    done = (step - 1 - warmup) / max(1, options.steps - warmup)
    if options.schedule == "linear":
        return 1.0 - done
    if options.schedule == "cosine":
        return 0.5 * (1.0 + math.cos(math.pi * done))
    return 1.0


def _one_cycle(done: float) -> float:
    """Up from 1/25 over the first 30 %, then down to 1/10,000, both along a cosine (arXiv 1708.07120)."""
    if done < 0.3:
        return 0.04 + 0.96 * 0.5 * (1.0 - math.cos(math.pi * done / 0.3))
    return 1e-4 + (1.0 - 1e-4) * 0.5 * (1.0 + math.cos(math.pi * (done - 0.3) / 0.7))
