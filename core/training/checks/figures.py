"""Only what was measured may be shown: figures told by a run are measured again. Row 20 of the table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from core.training.checks import Check, passed, refused, some

TOLERANCE = 1e-3


def perplexity(loss: float) -> float:
    """e to the loss, as losses here are in nats; 2 ** loss would be for bits, and too small."""
    return math.exp(loss)


def measured(told: Mapping[str, Any], again: Mapping[str, Any], tolerance: float = TOLERANCE) -> Check:
    """Every number of `told` must be among those that were measured `again`, and be the same.

    A figure that nobody measured (an expected one, a perplexity of the wrong base) is named.
    """
    numbers = {name: float(value) for name, value in told.items()
               if isinstance(value, int | float) and not isinstance(value, bool)}
    odd = [name for name, value in numbers.items() if not _same(value, again.get(name), tolerance)]
    if odd:
        return refused("figures", f"{len(odd)} of {len(numbers)} figures are not what was measured again:"
                       f" {some(odd)}.", odd={name: numbers[name] for name in odd})
    return passed("figures", f"{len(numbers)} figures were measured again and are the same.", **numbers)


def _same(value: float, other: Any, tolerance: float) -> bool:
    return other is not None and math.isclose(value, float(other), rel_tol=tolerance, abs_tol=1e-6)
