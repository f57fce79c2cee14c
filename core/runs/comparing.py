"""What differs between runs: of their orders only what is not the same in all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import BadInput

FEWEST, MOST = 2, 6
ASKED = ("family", "base", "dataset_name", "fingerprint", "preset", "device", "precision", "way", "parent")
"""What an order says beside its options."""
PATHS = ("base", "parent")


def check(n: int) -> None:
    """BadInput where so many runs cannot be compared."""
    if not FEWEST <= n <= MOST:
        raise BadInput(f"Choose {FEWEST} to {MOST} runs to compare; {n} are chosen now.")


def differing(orders: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Any]]]:
    """(name, value in each order) of everything that is not the same in all; None where an order lacks it."""
    found = [(name, [_asked(order, name) for order in orders]) for name in ASKED]
    options = [order.get("options") or {} for order in orders]
    names = dict.fromkeys(name for each in options for name in each)
    found += [(name, [each.get(name) for each in options]) for name in names]
    return [(name, values) for name, values in found if any(value != values[0] for value in values)]


def _asked(order: Mapping[str, Any], name: str) -> Any:
    value = order.get(name)
    return Path(value).name if value and name in PATHS else value
