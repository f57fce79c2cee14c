"""Where the first number that is no number arose: the guilty clips go through the model again, watched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from core.training import rng, watching
from core.training.watching import is_finite, tensors

if TYPE_CHECKING:
    from core.families.base import Example
    from core.training.session import Session

LOSS = "the loss"
CLIPS = "the clips"


@dataclass(frozen=True)
class Origin:
    """`module` by its name in the model, or the clips, or the loss; `what` of it was the first that is not
    finite."""

    module: str
    what: Literal["input", "output", "gradient"]


def of_loss(session: Session, examples: Sequence[Example]) -> Origin | None:
    """Where the loss of `examples` stops being finite on its way forward; None when it is this time."""
    import torch

    batch = _batch(session, examples)
    if not all(map(is_finite, tensors(batch))):
        return Origin(CLIPS, "input")
    bad: list[str] = []

    def see(name: str, _given: Any, made: Any) -> None:
        if not bad and not all(map(is_finite, tensors(made))):
            bad.append(name)

    with _watched(session, see), torch.no_grad():
        terms = session.family.loss(session.model, batch)
    if bad:
        return Origin(bad[0], "output")
    return None if all(is_finite(value) for value, _ in terms.values()) else Origin(LOSS, "output")


def of_gradient(session: Session, window: Sequence[Example]) -> Origin | None:
    """Where the gradient of `window` stops being finite on its way back: at once from the gradients that are
    there, more exactly by going through the clips again. The gradients are gone afterwards."""
    owner = watching.owner_of_odd_gradient(session.trained())
    for example in window:
        session.optimizer.zero_grad(set_to_none=True)
        back = watching.WayBack(LOSS)
        with _watched(session, back.see):
            terms = session.family.loss(session.model, _batch(session, [example]))
            loss: Any = sum(weight * value for value, weight in terms.values())
            loss.backward()
        if found := back.found or watching.owner_of_odd_gradient(session.trained()):
            session.optimizer.zero_grad(set_to_none=True)
            return Origin(found, "gradient")
    return Origin(owner, "gradient") if owner else None


@contextmanager
def _watched(session: Session, see: watching.See) -> Iterator[None]:
    """Inside it `see` hears of every module; what is drawn meanwhile leaves no trace."""
    with (watching.watched(session.model, see), rng.untouched(), session.ranks.autocast(),
          _as_written(session)):
        yield


def _as_written(session: Session) -> AbstractContextManager[Any]:
    """Inside it a compiled model is gone through module by module."""
    import torch

    return torch.compiler.set_stance("force_eager") if session.options.compile else nullcontext()


def _batch(session: Session, examples: Sequence[Example]) -> dict[str, Any]:
    return session.ranks.to_device(session.family.collate(examples, session.plan.prepared))
