"""Limits on the figures of clips: which clips lie outside of them, and why."""
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

Figures = Mapping[str, Sequence[float | None]]
"""By metric, the figure of each clip in one order; None where it was not measured."""


class Limit(NamedTuple):
    """The least and the most that a figure may be; None: no limit on that side."""

    low: float | None = None
    high: float | None = None

    def allows(self, value: float | None) -> bool:
        """Whether a figure is within; what was not measured is: nobody knows that it is bad."""
        if value is None or not math.isfinite(value):
            return True
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


def outside(figures: Figures, limits: Mapping[str, Limit]) -> dict[int, tuple[str, ...]]:
    """By place, the metrics by which a clip lies outside of its limits; those within are not there."""
    found: dict[int, list[str]] = {}
    for name, limit in limits.items():
        for place, value in enumerate(figures[name]):
            if not limit.allows(value):
                found.setdefault(place, []).append(name)
    return {place: tuple(names) for place, names in sorted(found.items())}
