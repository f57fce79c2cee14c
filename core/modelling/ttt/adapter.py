"""TTT layers in a decoder of transformers, between attention and feed-forward of the chosen layers.

Where they stand, and the gate, are those of Dalal and others, "One-Minute Video Generation with Test-Time
Training" (arXiv 2504.05298); the layers themselves are causal, as a stream needs it. """

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from core.errors import BadInput
from core.modelling.ttt.config import CHILD, TttConfig, why_not
from core.modelling.ttt.layer import TttLayer, TttState


class Stream:
    """What a batch of streams has learned so far, layer by layer; it is given to a model by `streaming`."""

    def __init__(self) -> None:
        self.states: dict[int, TttState] = {}

    def reset(self) -> None:
        """Forget all of it: what comes now is a new stream."""
        self.states.clear()

    def save(self, path: Path) -> None:
        """Write it to a file of safetensors."""
        save_file({f"{at}.{name}": value for at, state in self.states.items()
                   for name, value in state.tensors().items()}, str(path))

    @classmethod
    def load(cls, path: Path) -> Stream:
        """What `save` wrote."""
        by_layer: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in load_file(str(path)).items():
            at, _, part = name.partition(".")
            by_layer.setdefault(int(at), {})[part] = value
        found = cls()
        found.states = {at: TttState.of(parts) for at, parts in by_layer.items()}
        return found


class Placed(TttLayer):
    """A TTT layer at its place in a decoder: `at` is the number of its layer. One that `is_of_base` was there
    before the training, and is no part of what is learned."""

    def __init__(self, hidden: int, config: TttConfig, at: int) -> None:
        super().__init__(hidden, config)
        self.at, self.is_off, self.is_of_base = at, False, False
        self.stream: Stream | None = None
        self.came: torch.Tensor | None = None

    def add_to(self, attended: torch.Tensor) -> torch.Tensor:
        """What attention gave, with what this layer adds to it: the decoder adds both to what came in."""
        came, self.came = self.came, None
        if self.is_off or came is None:
            return attended
        known = self.stream.states.get(self.at) if self.stream else None
        change, state = self.change(came + attended, state=known)
        if self.stream is not None:
            self.stream.states[self.at] = state
        return attended + change


class _Before:
    """Keeps what comes into a decoder layer, as its first norm sees it: a hook on the layer itself would not
    run again where checkpointing computes it twice. An object, not a closure, so that a copy of a model has
    its own. """

    def __init__(self, placed: Placed) -> None:
        self.placed = placed

    def __call__(self, _norm: nn.Module, given: tuple[Any, ...]) -> None:
        self.placed.came = given[0]


class _After:
    """Adds to what the attention of a decoder layer gives."""

    def __init__(self, placed: Placed) -> None:
        self.placed = placed

    def __call__(self, _attention: nn.Module, _given: object, made: tuple[Any, ...]) -> tuple[Any, ...]:
        return self.placed.add_to(made[0]), *made[1:]


def attach(layers: Sequence[nn.Module], hidden: int, config: TttConfig, places: Sequence[int]
           ) -> list[Placed]:
    """Put TTT layers into decoder `layers` of width `hidden` at the numbers `places`, each with an
    `input_layernorm` and a `self_attn` whose result is added to what came in.

    BadInput where the width does not fit the heads, or where one has a TTT layer already.
    """
    if why := why_not(hidden, config):
        raise BadInput(why)
    if any(hasattr(layer, CHILD) for layer in layers):
        raise BadInput("This model has TTT layers already, as its ttt.json says: train it without the option"
                       " “ttt_layers”, or go on from the run that made it by Warm start or Retune.")
    made = []
    for at in places:
        layer = layers[at]
        placed = Placed(hidden, config, at).to(next(layer.parameters()).device)
        layer.add_module(CHILD, placed)
        layer.input_layernorm.register_forward_pre_hook(_Before(placed))  # type: ignore[union-attr, operator]
        layer.self_attn.register_forward_hook(_After(placed))  # type: ignore[union-attr, operator]
        made.append(placed)
    return made


def layers_of(model: nn.Module) -> list[Placed]:
    """The TTT layers in `model`, in their order."""
    return [module for module in model.modules() if isinstance(module, Placed)]


def added_to(model: nn.Module) -> list[Placed]:
    """Those of them that are no part of its base."""
    return [layer for layer in layers_of(model) if not layer.is_of_base]


def learn(model: nn.Module) -> None:
    """Let those that were added learn, also where all else was frozen since."""
    for layer in added_to(model):
        layer.requires_grad_(True)


def weaken(model: nn.Module, share: float) -> None:
    """Keep `share` (0..1) of what the added layers put in, in place: their gates are made smaller."""
    if share == 1:
        return
    with torch.no_grad():
        for layer in added_to(model):
            layer.gate.copy_(torch.atanh(share * torch.tanh(layer.gate)))


@contextmanager
def streaming(model: nn.Module, stream: Stream) -> Iterator[Stream]:
    """Inside it `model` goes on from where `stream` is, call by call, and `stream` keeps what it learns.
    Without, each call begins anew."""
    placed = layers_of(model)
    for layer in placed:
        layer.stream = stream
    try:
        yield stream
    finally:
        for layer in placed:
            layer.stream = None


@contextmanager
def without(model: nn.Module) -> Iterator[None]:
    """Inside it the TTT layers that `model` got on top of its base add nothing."""
    before = [(layer, layer.is_off) for layer in added_to(model)]
    for layer, _ in before:
        layer.is_off = True
    try:
        yield
    finally:
        for layer, was_off in before:
            layer.is_off = was_off


def told(model: nn.Module) -> dict[str, float]:
    """Means over the layers of what they told of their last call: `ttt_inner_loss` and `ttt_gate`."""
    found = [layer.told for layer in layers_of(model) if layer.told]
    names = found[0] if found else ()
    return {f"ttt_{name}": sum(float(one[name]) for one in found) / len(found) for name in names}
