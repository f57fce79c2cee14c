"""What a run learned, put into a model whose TTT layers may have other measures or stand elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from core.modelling.ttt.config import CHILD


def taken_over(model: nn.Module, state: Mapping[str, torch.Tensor]
               ) -> tuple[dict[str, torch.Tensor], tuple[str, ...]]:
    """The `state` of a run as it may be put into `model`, whose TTT layers may have other measures or stand
    elsewhere: layers that do not fit are left out, those that are new stay as they are, and a sentence tells
    of both."""
    wanted = {name: p for name, p in model.named_parameters() if p.requires_grad and _is_of_layer(name)}
    given = {name: value for name, value in state.items() if _is_of_layer(name)}
    kept = {owner for owner in _owners(wanted) & _owners(given)
            if _shapes(wanted, owner) == _shapes(given, owner)}
    found = {name: value for name, value in state.items() if name not in given or _owner(name) in kept}
    found |= {name: p.detach().clone() for name, p in wanted.items() if _owner(name) not in kept}
    notes = []
    if left := _owners(given) - kept:
        notes.append(f"{len(left)} TTT layers of the run before have no place in this one and are left out.")
    if new := _owners(wanted) - kept:
        notes.append(f"{len(new)} TTT layers of this run begin anew.")
    return found, tuple(notes)


def _is_of_layer(name: str) -> bool:
    return f".{CHILD}." in name


def _owner(name: str) -> str:
    """The layer that a weight belongs to."""
    return name.split(f".{CHILD}.", 1)[0]


def _owners(named: Mapping[str, torch.Tensor]) -> set[str]:
    return {_owner(name) for name in named}


def _shapes(named: Mapping[str, torch.Tensor], owner: str) -> dict[str, torch.Size]:
    return {name: value.shape for name, value in named.items() if _owner(name) == owner}
