"""The paths of an order that lies in a run folder: written so that they hold wherever the folder is taken.

Below the data root they are relative to the run folder (and so begin with `../`), below the app they begin
with `app:`. Any other path is kept as it is, and has to be the same there.
"""
from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.config import REPOSITORY

KEYS = ("base", "dataset", "regression", "parent", "adapter", "cache")
APP, ABOVE = "app:", "../"


def portable(order: Mapping[str, Any], run: Path, root: Path) -> dict[str, Any]:
    """`order` with its paths as they hold for the run folder `run` of the data root `root`."""
    return {**order, **{key: _written(Path(order[key]), run.resolve(), root.resolve())
                        for key in KEYS if order.get(key)}}


def resolved(order: Mapping[str, Any], run: Path) -> dict[str, Any]:
    """`order` with its paths as they are here; those that were written whole stay as they are."""
    return {**order, **{key: _read(str(order[key]), run) for key in KEYS if order.get(key)}}


def outside(order: Mapping[str, Any]) -> list[str]:
    """The paths of a portable order that have to be the same on the other machine."""
    return sorted({str(order[key]) for key in KEYS if order.get(key) and os.path.isabs(str(order[key]))})


def _written(path: Path, run: Path, root: Path) -> str:
    place = path.resolve()
    if place.is_relative_to(root):
        return Path(os.path.relpath(place, run)).as_posix()
    if place.is_relative_to(REPOSITORY):
        return APP + place.relative_to(REPOSITORY).as_posix()
    return str(place)


def _read(written: str, run: Path) -> str:
    if written.startswith(APP):
        return str(REPOSITORY / written.removeprefix(APP))
    return os.path.normpath(run.resolve() / written) if written.startswith(ABOVE) else written
