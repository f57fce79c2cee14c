"""The closer look that goes with a verdict: in plain words, by groups, what got worse, and how fast it is."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.errors import BadInput
from core.evaluation.bootstrap import Interval
from core.evaluation.groups import Group, Traits, grouped, lagging
from core.evaluation.pace import Pace, Spread
from core.evaluation.plain import plain
from core.evaluation.rates import ItemScore
from core.evaluation.verdict import Verdict
from core.evaluation.worst import Worse, got_worse

Both = tuple[Sequence[ItemScore], Sequence[ItemScore]]


@dataclass(frozen=True)
class Closer:
    """`plain` is one sentence for a manager; `lagging` are sentences on speakers who are understood worse;
    `pace` is None where it was not measured."""

    plain: str
    groups: tuple[Group, ...] = ()
    lagging: tuple[str, ...] = ()
    worst: tuple[Worse, ...] = ()
    pace: Pace | None = None


def look(verdict: Verdict, held: Both, ordinary: Both | None, traits: dict[str, Traits],
         pace: Pace | None) -> Closer:
    """All of it, from the items that the verdict was made of: (base, tuned)."""
    return Closer(plain(verdict, pace), grouped(*held, traits), lagging(held[1], traits),
                  got_worse(*held, *(ordinary or ((), ()))), pace)


def to_json(closer: Closer) -> dict[str, Any]:
    """`closer` as plain JSON values."""
    return asdict(closer)


def from_json(value: dict[str, Any] | None) -> Closer | None:
    """What `to_json` wrote; None for a verdict of a time before it. BadInput when parts are strange."""
    if value is None:
        return None
    try:
        return Closer(value["plain"], tuple(map(_group, value["groups"])), tuple(value["lagging"]),
                      tuple(Worse(**each) for each in value["worst"]), _pace(value["pace"]))
    except (KeyError, TypeError) as error:
        raise BadInput(
            f"This verdict cannot be read ({error}): run the evaluation again to write a new one."
        ) from error


def _group(value: dict[str, Any]) -> Group:
    interval = value["interval"]
    return Group(**{**value, "interval": Interval(**interval) if interval else None})


def _pace(value: dict[str, Any] | None) -> Pace | None:
    if value is None:
        return None
    spreads = {name: Spread(**each) for name, each in value.items() if isinstance(each, dict)}
    return Pace(**{**value, **spreads})
