"""The phases of a run: what moves when, for how long and how fast. Most families have one."""

from __future__ import annotations

from dataclasses import dataclass

from core.families.base.options import LoopOptions, ScheduleName


@dataclass(frozen=True)
class Phase:
    """`steps` steps with a peak rate `lr` and a warm-up of their own, and an optimizer that begins anew.

    Of what `load` left trainable those parameters move whose names hold one of `moves`; () is all of them.
    """

    name: str
    steps: int
    lr: float
    warmup_steps: int
    schedule: ScheduleName
    moves: tuple[str, ...] = ()

    def is_moved(self, parameter: str) -> bool:
        """Whether the parameter of this name moves."""
        return not self.moves or any(part in parameter for part in self.moves)


def whole_run(options: LoopOptions) -> tuple[Phase, ...]:
    """The one phase of a run in which everything moves from the first step to the last."""
    return (Phase("train", options.steps, options.lr, options.warmup_steps, options.schedule),)
