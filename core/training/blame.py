"""Where the first number that is no number arose: the guilty clips go through the model again, watched.

Nothing of this is there while all is well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal

from core.training import rng

if TYPE_CHECKING:
    import torch

    from core.families.base import Example
    from core.training.session import Session

AROUND = "base_model.model."
"""What peft puts before the names of a model."""
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
    if not all(map(_is_finite, _tensors(batch))):
        return Origin(CLIPS, "input")
    bad: list[str] = []

    def see(name: str, _given: Any, made: Any) -> None:
        if not bad and not all(map(_is_finite, _tensors(made))):
            bad.append(name)

    with _watched(session, see), torch.no_grad():
        terms = session.family.loss(session.model, batch)
    if bad:
        return Origin(bad[0], "output")
    return None if all(_is_finite(value) for value, _ in terms.values()) else Origin(LOSS, "output")


def of_gradient(session: Session, window: Sequence[Example]) -> Origin | None:
    """Where the gradient of `window` stops being finite on its way back: at once from the gradients that are
    there, more exactly by going through the clips again. The gradients are gone afterwards."""
    owner = _owner(session)
    for example in window:
        session.optimizer.zero_grad(set_to_none=True)
        watch = _Watch()
        with _watched(session, watch.see):
            terms = session.family.loss(session.model, _batch(session, [example]))
            loss: Any = sum(weight * value for value, weight in terms.values())
            loss.backward()
        if found := watch.found or _owner(session):
            session.optimizer.zero_grad(set_to_none=True)
            return Origin(found, "gradient")
    return Origin(owner, "gradient") if owner else None


class _Watch:
    """Which tensors went from module to module, and the first gradient on the way back that is not finite."""

    def __init__(self) -> None:
        self.found = ""
        self._held: list[torch.Tensor] = []  # alive, so that no other tensor gets the id of one
        self._makers: dict[int, str] = {}
        self._takers: dict[int, list[str]] = {}

    def see(self, name: str, given: Any, made: Any) -> None:
        """A module that was gone through; the inner ones come first."""
        for tensor in _tensors(given):
            self._takers.setdefault(id(tensor), []).append(name)
            self._held.append(tensor)
        for tensor in _tensors(made):
            if tensor.requires_grad and id(tensor) not in self._makers:
                self._makers[id(tensor)] = name
                self._held.append(tensor)
                tensor.register_hook(partial(self._back, id(tensor)))

    def _back(self, key: int, grad: torch.Tensor) -> None:
        """The gradient of what a module made was spoiled by whoever took it; where nobody is known, by what
        is computed around the maker."""
        if self.found or _is_finite(grad):
            return
        takers = self._takers.get(key, [])
        inner = [name for name in takers if not any(other.startswith(f"{name}.") for other in takers)]
        self.found = _common(inner) if inner else self._makers[key].rpartition(".")[0] or LOSS


def _common(names: Sequence[str]) -> str:
    """The one of `names`, or the module that they all lie in."""
    parts = zip(*(name.split(".") for name in names), strict=False)
    return ".".join(each[0] for each in takewhile(lambda each: len(set(each)) == 1, parts))


@contextmanager
def _watched(session: Session, see: Any) -> Iterator[None]:
    """Inside it `see(name, what it was given, what it made)` hears of every module; what is drawn meanwhile
    leaves no trace."""
    handles = [
        module.register_forward_hook(
            lambda _, args, kwargs, made, name=name: see(name.removeprefix(AROUND), (args, kwargs), made),
            with_kwargs=True,
        )
        for name, module in session.model.named_modules()
        if name.removeprefix(AROUND) and name != AROUND.rstrip(".").partition(".")[0]
    ]
    try:
        with rng.untouched(), session.ranks.autocast(), _as_written(session):
            yield
    finally:
        for handle in handles:
            handle.remove()


def _as_written(session: Session) -> AbstractContextManager[Any]:
    """Inside it a compiled model is gone through module by module."""
    import torch

    return torch.compiler.set_stance("force_eager") if session.options.compile else nullcontext()


def _owner(session: Session) -> str:
    """The module of the first parameter whose gradient is not finite, "" without one."""
    bad = (name for name, p in session.trained().items() if p.grad is not None and not _is_finite(p.grad))
    return next(bad, "").removeprefix(AROUND).rpartition(".")[0]


def _batch(session: Session, examples: Sequence[Example]) -> dict[str, Any]:
    return session.ranks.to_device(session.family.collate(examples, session.plan.prepared))


def _is_finite(tensor: torch.Tensor) -> bool:
    import torch

    return not tensor.is_floating_point() or bool(torch.isfinite(tensor.detach()).all())


def _tensors(held: Any) -> Iterator[torch.Tensor]:
    """The tensors in what a module is given or makes."""
    import torch

    if isinstance(held, torch.Tensor):
        yield held
    elif isinstance(held, Mapping):
        yield from (tensor for value in held.values() for tensor in _tensors(value))
    elif isinstance(held, list | tuple):
        yield from (tensor for value in held for tensor in _tensors(value))
