"""Examples of a family that learns from pairs: each with the clip that shows the voice for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.families.base import Example, Trains
from core.families.base.options import LoopOptions
from core.families.base.speaking import LearnsToSpeak
from core.types import Row


def paired(
    family: Trains,
    rows: Sequence[Row],
    index: int,
    make: Callable[[int], Example],
    options: LoopOptions | None,
    epoch: int = 0,
) -> Example:
    """The example of row `index`, made by `make`, with its reference of that epoch; alone where its family
    takes none, or where there is none."""
    example = make(index)
    if options is None or not isinstance(family, LearnsToSpeak):
        return example
    partner = family.partner(rows, index, options, options.seed, epoch)
    return example if partner is None else family.with_reference(example, make(partner))
