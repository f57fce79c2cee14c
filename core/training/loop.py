"""The training loop: one for all families and devices."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from core.errors import StudioError
from core.families.base.speaking import Lightens
from core.modelling import devices
from core.run_dir import RunDir
from core.spread import Here, spread
from core.training import (
    checkpoints,
    feeding,
    layers,
    looking,
    missing,
    phases,
    planning,
    resuming,
    rng,
    stepping,
)
from core.training.corpus import Corpus, LeftOut
from core.training.encoding import encode_all
from core.training.ranks import Ranks
from core.training.reporting import Clock, Reporter, alone, leads
from core.training.room import StoppedWaiting
from core.training.session import Plan, Session

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class TrainResult:
    """How a run ended: done or stopped, after which step, and the name of its best checkpoint."""

    ended: Literal["done", "stopped"]
    step: int
    best: str
    figures: dict[str, Any] = field(default_factory=dict)


def train(run: RunDir, order: dict[str, Any]) -> TrainResult:
    """Train as `order` says, from wherever the run folder is. The caller writes the final status.

    Raises StudioError with a sentence for whatever a person can mend; the last good
    checkpoint is kept then.
    """
    try:
        session = opened(run, order)
        if session is None:
            return _at_the_last_save(run)
        with feeding.deaths_told(), closing(session):
            resuming.begin(session)
            ended = _steps(session)
    except StoppedWaiting:
        return _at_the_last_save(run)
    return TrainResult(ended, session.progress.step, checkpoints.best_name(run), dict(session.report.figures))


def opened(run: RunDir, order: dict[str, Any]) -> Session | None:
    """A session of `order` before its first step; None when somebody asked to stop before the model was
    loaded. Whoever opens it closes it."""
    report = Reporter(run)
    report.status("Looking at the data.", 0.0, now=True)
    plan = planning.plan(run, order, report)
    report.room.minutes = plan.options.wait_for_disk
    return _open(run, plan, report) if _encode(run, plan, report) else None


def _at_the_last_save(run: RunDir) -> TrainResult:
    return TrainResult("stopped", checkpoints.last_step(run), checkpoints.best_name(run))


def _encode(run: RunDir, plan: Plan, report: Reporter) -> bool:
    """Encode what is not kept yet; False when somebody asked to stop (several processes agree later)."""
    if not leads():
        return True
    missing.look(plan.train, report)
    report.event("phase", 0, name="encode")
    _encode_on_cluster(run, plan, report)  # what it did is found below
    # a corpus may last for months: its clips are encoded when they are due, by the processes that read ahead
    ahead = (plan.val,) if plan.train.lies_elsewhere else (plan.train, plan.val)
    total, done = sum(map(len, ahead)), 0
    for corpus in ahead:
        for n in range(len(corpus)):
            if alone() and run.stop_requested():
                return False
            report.room.keep_trying(lambda corpus=corpus, n=n: _encode_one(corpus, n, report))  # type: ignore[misc]
            done += 1
            report.status(f"Preparing clip {done} of {total}.", 0.0)
    return True


def _encode_one(corpus: Corpus, n: int, report: Reporter) -> None:
    try:
        corpus.encode(n)
    except LeftOut as error:
        missing.name(report, error, 0)


def _encode_on_cluster(run: RunDir, plan: Plan, report: Reporter) -> None:
    """Encode what the run will read over Ray, where it is wanted and installed. A wish to stop and a clip
    that cannot be encoded end it without a word: this process meets them next, and knows what to say and when
    to wait."""

    with suppress(InterruptedError, StudioError), spread() as where:
        if isinstance(where, Here):
            return
        n_windows = sum(phase.steps for phase in phases.of(plan))
        due = [feeding.Windows(plan).due(n_windows), range(len(plan.val))]
        total = sum(map(len, due))

        def tick(done: int) -> None:
            report.status(f"Preparing clip {done} of {total}.", 0.0)
            if alone() and run.stop_requested():
                raise InterruptedError

        encode_all([plan.train, plan.val], where, tick, due)


def _open(run: RunDir, plan: Plan, report: Reporter) -> Session:
    """Load the base with fresh adapters, from the run's seed."""
    report.status("Loading the model.", 0.0, now=True)
    choice = devices.choose(
        str(plan.order.get("device") or "auto"), str(plan.order.get("precision") or "auto"), training=True
    )
    ranks = Ranks(choice)
    report.event(
        "phase", 0, name="train", device=choice.device, precision=choice.precision, sentence=choice.sentence
    )
    rng.seed_all(plan.options.seed)
    model = plan.family.load(plan.base, plan.prepared, plan.options)
    if isinstance(plan.family, Lightens):
        plan.family.lighten(model, plan.options)  # before it moves: the device never holds it in full
    model = model.to(ranks.device)
    _lighten(model, plan, ranks, report)
    parts = phases.of(plan)
    optimizer = phases.optimizer_of(model, parts[0], plan.options)
    movable = frozenset(name for name, p in model.named_parameters() if p.requires_grad)
    feed = feeding.Feed(feeding.Windows(plan, ranks.rank, ranks.world), plan.options.data_workers)
    session = Session(run, plan, ranks, report, model, optimizer, parts, movable, feed)
    phases.go_to(session, 0)
    session.progress.micro = min(
        plan.options.batch_size, plan.family.batch_limit(plan.base) or plan.options.batch_size
    )
    rng.seed_all(plan.options.seed + 1 + ranks.rank)
    return session


def _lighten(model: torch.nn.Module, plan: Plan, ranks: Ranks, report: Reporter) -> None:
    """What the options say about memory and time of the model."""
    if plan.options.gradient_checkpointing:
        layers.recompute(model, plan.family.title)
    if plan.options.compile:
        if why_not := layers.why_not_compiled(ranks.device.type):
            report.warn(why_not)
        else:
            layers.compiled(model)


def _steps(session: Session) -> Literal["done", "stopped"]:
    """Step until the end, a wish to stop, or patience runs out; look, show samples and
    save when it is time."""
    progress = session.progress
    clock = Clock(progress.step, session.steps)
    while progress.step < session.steps and not _patience_out(session):
        if session.ranks.any(session.ranks.lead and session.run.stop_requested()):
            _save_if_new(session)
            return "stopped"
        advance(session, clock)
    return "done"


def advance(session: Session, clock: Clock) -> None:
    """One step with all that belongs to it."""
    phases.begin_if_due(session)
    stepping.one_step(session)
    _tell(session, clock)
    _look_and_save(session)


def _look_and_save(session: Session) -> None:
    """What is due at this step: a look at the validation clips, samples, a
    checkpoint. A look always saves."""
    options, step = session.options, session.progress.step
    is_last, has_val = step == session.steps, bool(len(session.plan.val))
    seen = looking.look(session) if has_val and (is_last or step % options.eval_every == 0) else None
    if has_val and options.samples and (is_last or step % options.sample_every == 0):
        looking.show_samples(session)
    if seen is not None or is_last or step % options.save_every == 0:
        checkpoints.save(session, seen)


def _save_if_new(session: Session) -> None:
    """Save at a stop, unless this step is saved already or nothing was learned yet."""
    progress = session.progress
    if progress.step and not (session.run.checkpoints / checkpoints.name_of(progress.step)).exists():
        checkpoints.save(session, None)


def _patience_out(session: Session) -> bool:
    """Whether the last phase has gone on for too long without improvement; those before it are finished."""
    is_last = session.phase == len(session.phases) - 1
    return is_last and 0 < session.options.patience <= session.progress.stale_looks


def _tell(session: Session, clock: Clock) -> None:
    step, steps = session.progress.step, session.steps
    loss = session.report.figures.get("loss")
    said = f", loss {loss:.3f}" if loss is not None else ""
    session.report.status(f"Step {step} of {steps}{said}.", step / steps, clock.left(step))
