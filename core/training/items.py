"""What a run learns from and what it looks at, item by item: clips as they are, and the long files of a
corpus in windows (core/training/stretches.py)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.families.base import Trains
from core.families.base.options import LoopOptions
from core.families.base.parts import LearnsParts
from core.training.corpus import handful
from core.training.stretches import Stretches, stretch
from core.types import Row

LOOKED_AT = 256
"""Files of a corpus that a look at the validation part takes: a share of a large one would take hours."""


def learned(family: Trains, rows: Sequence[Row], options: LoopOptions) -> Sequence[Row]:
    """The items of an epoch: `rows`, of which the long ones of a corpus are cut where the family learns from
    parts."""
    seconds = _longest(family, options)
    is_cut = any(row.stamp and row.seconds > seconds for row in rows)
    return Stretches(rows, seconds) if is_cut else list(rows)


def looked_at(family: Trains, rows: Sequence[Row], options: LoopOptions) -> list[Row]:
    """The items of a look at the validation part: of a corpus a handful, of each long file its beginning."""
    seconds = _longest(family, options)
    kept = [rows[i] for i in handful(rows, LOOKED_AT)] if any(row.stamp for row in rows) else list(rows)
    return [stretch(row, 0.0, seconds) if row.stamp and row.seconds > seconds else row for row in kept]


def _longest(family: Trains, options: LoopOptions) -> float:
    return family.part_seconds(options) if isinstance(family, LearnsParts) else math.inf
