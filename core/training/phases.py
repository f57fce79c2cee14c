"""One phase of a run after another: what moves now, and an optimizer that remembers this phase alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.errors import StudioError
from core.families.base.options import LoopOptions
from core.families.base.phases import Phase
from core.training import sampling

if TYPE_CHECKING:
    import torch

    from core.training.session import Plan, Session


def of(plan: Plan) -> tuple[Phase, ...]:
    """The phases of a run, those without steps left out."""
    options = plan.options
    n_windows = sampling.n_windows(len(plan.train), options.batch_size * options.accumulation)
    return tuple(phase for phase in plan.family.phases(options, n_windows) if phase.steps)


def index_at(phases: Sequence[Phase], step: int) -> int:
    """Which phase step `step` (from 1) belongs to; step 0 and those after the end to the nearest one."""
    for index in range(len(phases)):
        if step <= first_step(phases, index + 1):
            return index
    return len(phases) - 1


def first_step(phases: Sequence[Phase], index: int) -> int:
    """How many steps lie before phase `index`."""
    return sum(phase.steps for phase in phases[:index])


def go_to(session: Session, index: int) -> None:
    """Make phase `index` the present one. A step of another phase leaves no trace in the optimizer."""
    phase = session.phases[index]
    for name, parameter in session.model.named_parameters():
        if name in session.movable:
            parameter.requires_grad_(phase.is_moved(name))
    if not session.trained():
        raise StudioError(
            f"Nothing in this model is trained in the phase “{phase.name}”; choose another way to tune it."
        )
    session.phase, session.optimizer = index, optimizer_of(session.model, phase, session.options)


@contextmanager
def all_moved(session: Session) -> Iterator[None]:
    """Inside it what any phase moves counts as trained: a family saves and restores by that, and a checkpoint
    of one phase must hold what another has learned or will learn."""
    parameters = dict(session.model.named_parameters())
    before = {name: parameters[name].requires_grad for name in session.movable}
    try:
        for name in session.movable:
            parameters[name].requires_grad_(True)
        yield
    finally:
        for name, moves in before.items():
            parameters[name].requires_grad_(moves)


def optimizer_of(model: torch.nn.Module, phase: Phase, options: LoopOptions) -> torch.optim.Optimizer:
    """A fresh optimizer of what is trainable in `model`."""
    import torch

    parameters = [p for p in model.parameters() if p.requires_grad]
    betas = 0.9, options.beta2
    return torch.optim.AdamW(parameters, lr=phase.lr, betas=betas, weight_decay=options.weight_decay)


def begin_if_due(session: Session) -> None:
    """Before the next step: begin the phase that it belongs to, and tell it where a run has several."""
    if len(session.phases) == 1:
        return
    step = session.progress.step
    index = index_at(session.phases, step + 1)
    if index != session.phase:
        go_to(session, index)
        session.progress.stale_looks = 0
    if step == first_step(session.phases, index):
        _tell(session, session.phases[index])


def _tell(session: Session, phase: Phase) -> None:
    n_moved = sum(p.numel() for p in session.trained().values())
    session.report.event(
        "phase",
        session.progress.step,
        name=phase.name,
        number=session.phase + 1,
        of=len(session.phases),
        steps=phase.steps,
        lr=phase.lr,
        n_trained=n_moved,
        n_parameters=sum(p.numel() for p in session.model.parameters()),
    )
