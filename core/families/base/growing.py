"""What a family may have whose models get layers of their own beside an adapter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from core.families.base.options import LoopOptions

if TYPE_CHECKING:
    import torch


@runtime_checkable
class TellsSteps(Protocol):
    """Its models tell more of a training step than its loss."""

    def step_figures(self, model: torch.nn.Module) -> dict[str, float]:
        """Figures of the last pass by their names; {} where there are none."""
        ...


@runtime_checkable
class TakesOver(Protocol):
    """What a run learned fits one with other options only in part."""

    def taken_over(self, model: torch.nn.Module, state: Mapping[str, torch.Tensor]
                   ) -> tuple[dict[str, torch.Tensor], tuple[str, ...]]:
        """The `state` of another run as `Trains.restore` takes it for `model`, and a sentence for each part
        that was left out or begins anew."""
        ...


@runtime_checkable
class KeepsToItself(Protocol):
    """Some of its runs have parts that no other program knows. Without torch."""

    def why_not_shared(self, options: LoopOptions) -> str:
        """Why a run of these options cannot be written for another program; "" where it can."""
        ...
