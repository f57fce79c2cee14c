"""A family that can be tried without its weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class HasTiny(Protocol):
    """Makes a tiny model of its own classes with random weights on the spot: what it learns is worth nothing,
    and every part of a run is used."""

    tiny_options: dict[str, Any]
    """Options with which two steps on it go through everything."""

    def make_tiny(self, folder: Path) -> Path:
        """Write one to the new `folder`, without a download; always the same."""
        ...
