"""One step: a window of clips through the model in micro-batches, one sum of gradients,
one move of the weights."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import StudioError
from core.families.base import Batch, Example
from core.families.base.growing import TellsSteps
from core.training import blame, guards, missing, phases, sampling
from core.training.corpus import LeftOut, nothing_left
from core.training.schedule import rate_at

if TYPE_CHECKING:
    from core.training.session import Session


@dataclass(frozen=True)
class Micro:
    """Examples that go through the model together."""

    examples: Sequence[Example]
    batch: Batch


@dataclass(frozen=True)
class Pass:
    """A window gone through once: its loss, the micro-batches without a finite one, whether all went well.

    `is_full`: the memory ran out in some process. `bad` holds this process's own, the rest speaks of all.
    `terms` are the parts of the loss by name, in a family that has several.
    """

    loss: float
    terms: dict[str, float]
    bad: list[Micro]
    is_good: bool
    is_full: bool


def one_step(session: Session) -> None:
    """Take the next window, move the weights once, and tell the figures; a window that
    fails a guard is skipped."""
    began, progress = time.monotonic(), session.progress
    epoch = progress.epoch
    session.model.train()
    window = next_window(session)
    progress.step += 1
    rate = rate_at(progress.step - phases.first_step(session.phases, session.phase),
                   session.phases[session.phase])
    for group in session.optimizer.param_groups:
        group["lr"] = rate
    done = _gradients(session, window)
    norm = _move(session, window) if done is not None else None
    session.optimizer.zero_grad(set_to_none=True)
    if done is None or norm is None:
        return
    progress.bad_streak = 0
    session.report.figures |= {"loss": done.loss, "lr": rate}
    seconds = time.monotonic() - began
    session.report.event(
        "step",
        progress.step,
        loss=done.loss,
        **done.terms,
        lr=rate,
        grad_norm=norm,
        seconds=round(seconds, 4),
        epoch=epoch,
        clips_per_second=round(len(window) * session.ranks.world / max(seconds, 1e-9), 2),
        memory_gb=round(session.ranks.memory_gb(), 3),
        **_figures(session),
    )


def _figures(session: Session) -> dict[str, float]:
    """What the model itself tells of its last micro-batch in this process."""
    return session.family.step_figures(session.model) if isinstance(session.family, TellsSteps) else {}


def next_window(session: Session) -> list[Example]:
    """This process's share of the next window, disturbed for this epoch; of a corpus, of the next one in
    which any clip is left."""
    gone: list[LeftOut] = []
    for _ in range(len(session.feed)):
        place = session.progress.epoch, session.progress.cursor
        fed = session.feed.take(place)
        session.progress.epoch, session.progress.cursor = session.feed.after(place)
        examples = [clip for clip in fed if not isinstance(clip, LeftOut)]
        if not session.plan.train.lies_elsewhere:
            return examples
        gone = missing.told(session, [clip for clip in fed if isinstance(clip, LeftOut)])
        if session.ranks.any(bool(examples)):
            return examples
    raise nothing_left(gone)


def _gradients(session: Session, window: Sequence[Example]) -> Pass | None:
    """Sum the gradients of `window`; with the mean loss over its supervised items in all processes.

    A micro-batch whose loss is not finite is named and left out, and the window is done again without it,
    so that the sum is divided by what was really learned from. None when nothing is left.
    """
    while True:
        done = passed(session, window)
        if done.is_good:
            return done
        session.optimizer.zero_grad(set_to_none=True)
        for micro in done.bad:
            ids = guards.culprits(session, micro.examples)
            origin = blame.of_loss(session, [e for e in micro.examples if e.id in ids])
            guards.skipped(session, ids, "the loss is not finite", origin)
        left_out = {e.id for micro in done.bad for e in micro.examples}
        window = [e for e in window if e.id not in left_out]
        if not session.ranks.any(bool(window)):
            return None


def passed(session: Session, window: Sequence[Example]) -> Pass:
    """`window` gone through once with its gradients summed, in smaller micro-batches where the memory ran
    out."""
    while (done := _pass(session, _micros(session, window))).is_full:
        session.optimizer.zero_grad(set_to_none=True)
        _smaller(session, window)
    return done


def _micros(session: Session, window: Sequence[Example]) -> list[Micro]:
    parts = sampling.split(range(len(window)), session.progress.micro)
    groups = [[window[i] for i in part] for part in parts]
    return [Micro(group, session.family.collate(group, session.plan.prepared)) for group in groups]


def _pass(session: Session, micros: Sequence[Micro]) -> Pass:
    """Forward and backward through `micros`; after one that is not finite the rest is only looked at."""
    counts, total, is_full = _counts(session, micros), 0.0, False
    parts = dict.fromkeys(counts, 0.0)
    bad: list[Micro] = []
    try:
        for micro in micros:
            value, shares = _forward_backward(session, micro, counts, learn=not bad)
            if math.isfinite(value):
                total += value
                parts = {term: parts[term] + shares.get(term, 0.0) for term in parts}
            else:
                bad.append(micro)
    except RuntimeError as error:
        if not _is_memory(error):
            raise
        is_full = True
    told = parts if len(parts) > 1 else {}
    summed = [total, float(len(bad)), float(is_full), *told.values()]
    loss, n_bad, n_full, *terms = session.ranks.total(summed)
    return Pass(loss, dict(zip(told, terms, strict=True)), bad, is_good=not n_bad and not n_full,
                is_full=n_full > 0)


def _forward_backward(
    session: Session, micro: Micro, counts: dict[str, float], learn: bool
) -> tuple[float, dict[str, float]]:
    """The loss of one micro-batch as its share of the window, and its terms; its gradients are added when it
    is finite."""
    import torch

    with session.ranks.autocast():
        terms = session.family.loss(session.model, session.ranks.to_device(micro.batch))
    shares = {term: weight * value / counts[term] for term, (value, weight) in terms.items()}
    loss: Any = sum(shares.values())
    # fetched from the device at once
    value, *parts = torch.stack([loss.detach(), *(share.detach() for share in shares.values())]).tolist()
    if learn and math.isfinite(value):
        loss.backward()
    return value, dict(zip(shares, parts, strict=True))


def _counts(session: Session, micros: Sequence[Micro]) -> dict[str, float]:
    """Supervised items a term over all micro-batches and processes, at least one: known
    before the backward pass."""
    counted = [session.family.count(m.batch) for m in micros]
    # of a process whose share is empty the others know the terms
    named = session.ranks.gather([name for counts in counted for name in counts])
    names = sorted({name for share in named for name in share})
    if not names:
        session.ranks.total([0.0])
        return {}
    sums = session.ranks.total([float(sum(counts.get(name, 0) for counts in counted)) for name in names])
    return {name: max(1.0, value) for name, value in zip(names, sums, strict=True)}


def _is_memory(error: RuntimeError) -> bool:
    """Whether the memory ran out; the processor and a Mac say so in words alone."""
    import torch

    words = ("out of memory", "DefaultCPUAllocator")
    return isinstance(error, torch.OutOfMemoryError) or any(part in str(error) for part in words)


def _smaller(session: Session, window: Sequence[Example]) -> None:
    """Halve the micro-batch after the memory ran out; the result of a step stays the same."""
    if session.progress.micro == 1:
        longest = max(window, key=lambda example: example.seconds)
        raise StudioError(
            "The memory of the device is too small for even one clip at a time; the longest here is"
            f" {longest.id} with {longest.seconds:.1f} s. Choose a smaller model or shorter clips, switch on"
            " the option “gradient_checkpointing”, or use --device cpu."
        )
    session.progress.micro //= 2
    session.report.warn(
        f"The memory ran out: from now on {session.progress.micro} clips go through the model at once; the"
        " result is the same.",
        session.progress.step,
    )


def _move(session: Session, window: Sequence[Example]) -> float | None:
    """Clip the gradients and move the weights; None, and no move, when the gradient norm is not finite."""
    import torch

    parameters = list(session.trained().values())
    session.ranks.add_gradients(parameters)
    norm = float(torch.nn.utils.clip_grad_norm_(parameters, session.options.clip_norm))
    if not math.isfinite(norm):
        origin = blame.of_gradient(session, window)
        guards.skipped(session, [e.id for e in window], "the gradient is not finite", origin)
        return None
    session.optimizer.step()
    guards.check_parameters(session)
    return norm
