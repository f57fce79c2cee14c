"""Where a model gives numbers that are no numbers: its weights by name, one pass forward, one on the way back
where it learns; and how large the numbers of each part are, so that an overflow can be foreseen."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from core.families.base import Example, Prepared, Trains
from core.training import rng, watching
from core.training.blame import CLIPS, LOSS
from core.training.guards import is_finite

if TYPE_CHECKING:
    import torch

OUTPUTS = "the outputs"
"""What is named where every module gave numbers, and what was made of them outside of modules are none."""


@dataclass(frozen=True)
class Fault:
    """The first that was not finite: the `what` of `module` (of that class, `kind`), which was given numbers
    of type `dtype` from `low` to `high`, where it was given any; with `is_given_odd` these were none already,
    and what is computed between modules is to blame."""

    module: str
    what: Literal["input", "output", "gradient"]
    kind: str = ""
    dtype: str = ""
    low: float | None = None
    high: float | None = None
    is_given_odd: bool = False


@dataclass(frozen=True)
class Block:
    """A part of the model: the largest number (its amount) that a module in it gave, and which that was."""

    name: str
    largest: float
    module: str
    dtype: str


@dataclass(frozen=True)
class Diagnosis:
    """`odd` names the weights that are no numbers, of `n_weights` tensors; `fault` is where the passes over
    `clips` first failed; `blocks` in the order in which they are gone through."""

    odd: tuple[str, ...]
    n_weights: int
    fault: Fault | None
    blocks: tuple[Block, ...]
    clips: tuple[str, ...]
    went_back: bool

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not self.odd and self.fault is None


def diagnose(
    family: Trains, model: torch.nn.Module, examples: Sequence[Example], prepared: Prepared, learns: bool,
    bf16: bool = False,
) -> Diagnosis:
    """Look at all weights of `model`, in evaluation mode on its device, and send `examples` through it one by
    one until something is found; with `learns` on the way back, too. Its gradients are gone afterwards."""
    import torch

    odd, n_weights = odd_tensors(model)
    look, fault, seen, went_back = _Forward(model), None, [], False
    device = next(model.parameters()).device.type
    for example in examples:
        seen.append(example.id)
        with rng.untouched(), torch.autocast(device, torch.bfloat16) if bf16 else nullcontext():
            fault = _clip(example) or (_both_ways if learns else _forward)(
                family, model, example, prepared, look)
        went_back = learns and (fault is None or fault.what == "gradient")
        if fault:
            break
    return Diagnosis(odd, n_weights, fault, tuple(look.blocks.values()), tuple(seen), went_back)


def odd_tensors(model: torch.nn.Module) -> tuple[tuple[str, ...], int]:
    """Names of the parameters and buffers that hold NaN or infinity, and how many there are in all."""
    held = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    odd = (name for name, value in held.items() if not is_finite({name: value}))
    return tuple(name.removeprefix(watching.AROUND) for name in odd), len(held)


def _clip(example: Example) -> Fault | None:
    features = example.features
    odd = np.issubdtype(features.dtype, np.floating) and not np.isfinite(features).all()
    return Fault(CLIPS, "input", dtype=str(features.dtype)) if odd else None


def _forward(
    family: Trains, model: Any, example: Example, prepared: Prepared, look: _Forward
) -> Fault | None:
    with watching.watched(model, look.see):
        (found,) = family.outputs(model, [example], prepared)
    return look.fault or (None if np.isfinite(found).all() else Fault(OUTPUTS, "output"))


def _both_ways(
    family: Trains, model: Any, example: Example, prepared: Prepared, look: _Forward
) -> Fault | None:
    back, at = watching.WayBack(LOSS), next(model.parameters()).device
    batch = {name: value.to(at) if hasattr(value, "to") else value
             for name, value in family.collate([example], prepared).items()}

    def see(name: str, given: Any, made: Any) -> None:
        look.see(name, given, made)
        back.see(name, given, made)

    with watching.watched(model, see):
        terms = family.loss(model, batch)
    if look.fault:
        return look.fault
    loss: Any = sum(weight * value for value, weight in terms.values())
    if not math.isfinite(float(loss.detach())):
        return Fault(LOSS, "output")
    loss.backward()
    spoiler = back.found or watching.owner_of_odd_gradient(dict(model.named_parameters()))
    model.zero_grad(set_to_none=True)
    return Fault(spoiler, "gradient", look.kinds.get(spoiler, "")) if spoiler else None


class _Forward:
    """Hears of every module: the first whose output is not finite, and the largest numbers of each part."""

    def __init__(self, model: torch.nn.Module) -> None:
        named = {name.removeprefix(watching.AROUND): module for name, module in model.named_modules()}
        self.kinds = {name: type(module).__name__ for name, module in named.items()}
        self._part = _parts({name: any(True for _ in module.children()) for name, module in named.items()})
        self.fault: Fault | None = None
        self.blocks: dict[str, Block] = {}

    def see(self, name: str, given: Any, made: Any) -> None:
        """A module that was gone through; the inner ones come first."""
        for tensor in watching.tensors(made):
            if self.fault is None and not watching.is_finite(tensor):
                self.fault = _given(Fault(name, "output", self.kinds[name]), given)
            part = self._part(name)
            if part and tensor.is_floating_point() and tensor.numel():
                largest, known = _largest(tensor), self.blocks.get(part)
                if known is None or largest > known.largest:
                    self.blocks[part] = Block(part, largest, name, _name(tensor))


def _parts(has_children: dict[str, bool]) -> Callable[[str], str]:
    """The part that a module belongs to: up to the first number in its name ("encoder.layers.3"), else the
    module itself where nothing is in it, else "", as it holds several."""

    def part(name: str) -> str:
        pieces = name.split(".")
        at = next((i for i, piece in enumerate(pieces) if piece.isdigit()), None)
        if at is not None:
            return ".".join(pieces[: at + 1])
        return "" if has_children[name] else name

    return part


def _given(fault: Fault, given: Any) -> Fault:
    """`fault` with the type and the range of what its module was given: of its floats, else of its ids."""
    held = [tensor.detach() for tensor in watching.tensors(given) if tensor.numel()]
    held = [tensor for tensor in held if tensor.is_floating_point()] or held
    if not all(map(watching.is_finite, held)):
        return replace(fault, dtype=_name(held[0]), is_given_odd=True)
    if not held:
        return fault
    low, high = min(float(each.min()) for each in held), max(float(each.max()) for each in held)
    return replace(fault, dtype=_name(held[0]), low=low, high=high)


def _largest(tensor: torch.Tensor) -> float:
    """The largest amount among the finite numbers, 0 where there are none."""
    return float(tensor.detach().float().abs().nan_to_num(0.0, 0.0, 0.0).max())


def _name(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
