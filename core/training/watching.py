"""A model watched while a batch goes through it: what each module was given and made, forward and on the way
back. Nothing of this is there while all is well."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

AROUND = "base_model.model."
"""What peft puts before the names of a model."""
See = Callable[[str, Any, Any], None]
"""Hears the name of a module, what it was given (arguments, keywords) and what it made."""


@contextmanager
def watched(model: torch.nn.Module, see: See) -> Iterator[None]:
    """Inside it `see` hears of every module that is gone through, the inner ones first."""
    handles = [
        module.register_forward_hook(
            lambda _, args, kwargs, made, name=name: see(name.removeprefix(AROUND), (args, kwargs), made),
            with_kwargs=True,
        )
        for name, module in model.named_modules()
        if name.removeprefix(AROUND) and name != AROUND.rstrip(".").partition(".")[0]
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


class WayBack:
    """Which tensors went from module to module, and the module that spoiled the first gradient on the way
    back that is not finite: `found`, "" while there is none."""

    def __init__(self, elsewhere: str) -> None:
        """`elsewhere` is what is named where no module is to blame."""
        self.found, self._elsewhere = "", elsewhere
        self._held: list[torch.Tensor] = []  # alive, so that no other tensor gets the id of one
        self._makers: dict[int, str] = {}
        self._takers: dict[int, list[str]] = {}

    def see(self, name: str, given: Any, made: Any) -> None:
        """A module that was gone through; the inner ones come first."""
        for tensor in tensors(given):
            self._takers.setdefault(id(tensor), []).append(name)
            self._held.append(tensor)
        for tensor in tensors(made):
            if tensor.requires_grad and id(tensor) not in self._makers:
                self._makers[id(tensor)] = name
                self._held.append(tensor)
                tensor.register_hook(partial(self._back, id(tensor)))

    def _back(self, key: int, grad: torch.Tensor) -> None:
        """The gradient of what a module made was spoiled by whoever took it; where nobody is known, by what
        is computed around the maker."""
        if self.found or is_finite(grad):
            return
        takers = self._takers.get(key, [])
        inner = [name for name in takers if not any(other.startswith(f"{name}.") for other in takers)]
        self.found = common(inner) if inner else self._makers[key].rpartition(".")[0] or self._elsewhere


def common(names: Sequence[str]) -> str:
    """The one of `names`, or the module that they all lie in."""
    parts = zip(*(name.split(".") for name in names), strict=False)
    return ".".join(each[0] for each in takewhile(lambda each: len(set(each)) == 1, parts))


def owner_of_odd_gradient(parameters: Mapping[str, torch.nn.Parameter]) -> str:
    """The module of the first parameter whose gradient is not finite, "" without one."""
    bad = (name for name, p in parameters.items() if p.grad is not None and not is_finite(p.grad))
    return next(bad, "").removeprefix(AROUND).rpartition(".")[0]


def is_finite(tensor: torch.Tensor) -> bool:
    """Whether it holds neither NaN nor infinity."""
    import torch

    return not tensor.is_floating_point() or bool(torch.isfinite(tensor.detach()).all())


def tensors(held: Any) -> Iterator[torch.Tensor]:
    """The tensors in what a module is given or makes."""
    import torch

    if isinstance(held, torch.Tensor):
        yield held
    elif isinstance(held, Mapping):
        yield from (tensor for value in held.values() for tensor in tensors(value))
    elif isinstance(held, list | tuple):
        yield from (tensor for value in held for tensor in tensors(value))
