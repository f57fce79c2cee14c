"""What a family may have that learns from sound of any length: it reads a long file part by part."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from core.families.base.options import LoopOptions


@runtime_checkable
class LearnsParts(Protocol):
    """A part of a clip teaches as a clip of its own does, with the words that begin in it."""

    def part_seconds(self, options: LoopOptions) -> float:
        """The longest part that a run of these options reads at once, in seconds. Without torch."""
        ...
