"""Layers that learn while they hear (test-time training) update once a whole chunk: a clip shorter than one
never does. Row 13 of the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.training.checks import Check, passed, refused, warned


def updates(lengths: Sequence[int], chunk: int) -> list[int]:
    """How often such a layer updates in clips of `lengths` (places): after each whole chunk that is followed
    by something."""
    return [max(0, length - 1) // chunk for length in lengths]


def updated(lengths: Sequence[int], chunk: int) -> Check:
    """Whether clips of these lengths (places, as the layer hears them) update a layer with chunks of `chunk`
    places at all."""
    counted = updates(lengths, chunk)
    never = sum(n == 0 for n in counted)
    figures: dict[str, Any] = {"chunk": chunk, "n": len(counted), "n_never": never, "n_updates": sum(counted)}
    if never == len(counted):
        return refused("chunks", f"The layer learns in chunks of {chunk} places and no clip is longer, so it"
                       " would never be updated; choose a smaller chunk.", **figures)
    if never:
        return warned("chunks", f"In {never} of {len(counted)} clips the layer is never updated, because they"
                      f" are no longer than a chunk of {chunk} places; choose a smaller chunk or longer"
                      " clips.",
                      **figures)
    return passed("chunks", f"The layer is updated {sum(counted):,} times in {len(counted)}"
                            " clips.", **figures)
