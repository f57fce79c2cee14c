"""Thresholds: limits on the figures of clips, how many clips they would drop, and the rejection of those.

Nothing is dropped before a person has seen the list and said so; then it is one batch, and one undo.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import BadInput
from core.library import Check, Library, Project
from core.quality.figures import METRICS
from core.quality.limits import Limit, outside
from core.steps import bulk
from core.steps.bulk import Order, Plan
from core.steps.spot_check import Checks, checks

Limits = Mapping[str, Limit]


@dataclass(frozen=True)
class Outcome:
    """What limits would drop: the clips with the metrics that are to blame, and how many each metric drops by
    itself; `n_all` clips were looked at, `n_unknown` by metric were never measured and stay."""

    dropped: tuple[tuple[Check, tuple[str, ...]], ...]
    counts: Mapping[str, int]
    n_all: int
    n_unknown: Mapping[str, int]


def limits_of(raw: Mapping[str, Any]) -> dict[str, Limit]:
    """Limits as a page or a command gives them: {metric: [low, high]}, None or "" for no limit.

    Raises BadInput for a metric that there is not, for what is no number, and for a least above the most.
    """
    found = {}
    for name, given in raw.items():
        if name not in METRICS:
            raise BadInput(f"“{name}” is no metric; choose one of {', '.join(METRICS)}.")
        limit = Limit(*(_number(side) for side in given))
        if limit.low is not None and limit.high is not None and limit.low > limit.high:
            raise BadInput(f"The least, {limit.low:g}, is more than the most, {limit.high:g}: no take would "
                           "be left.")
        if limit != Limit():
            found[name] = limit
    return found


def _number(raw: Any) -> float | None:
    try:
        return None if raw in (None, "") else float(raw)
    except (TypeError, ValueError) as error:
        raise BadInput(f"“{raw}” is no number; write it like 12 or 0.5.") from error


def outcome(found: Checks, limits: Limits) -> Outcome:
    """What limits would do to clips; writes nothing."""
    figures = {name: found.figures(name) for name in limits}
    blamed = outside(figures, limits)
    counts = Counter(name for names in blamed.values() for name in names)
    return Outcome(tuple((found.clips[place], names) for place, names in blamed.items()), counts,
                   len(found.clips), {name: values.count(None) for name, values in figures.items()})


def plan(lib: Library, project: Project, limits: Limits) -> tuple[Outcome, Plan]:
    """The outcome, and the rejections as changes that can be shown."""
    found = outcome(checks(lib, project), limits)
    wanted = {clip.id for clip, _ in found.dropped}
    rows = [row for row in lib.clips.briefs(project.id, "target") if row.id in wanted]
    return found, bulk.plan(rows, Order("reject"))


def reject(lib: Library, project: Project, limits: Limits, mark: str, who: str) -> int:
    """Reject what was shown under `mark`; how many. Stale, and nothing is done, where that has changed."""
    _, made = plan(lib, project, limits)
    wanted = {line.clip_id for line in made.lines}
    rows = [row for row in lib.clips.briefs(project.id, "target") if row.id in wanted]
    return len(bulk.apply(lib, project, rows, Order("reject"), mark, who).lines)
