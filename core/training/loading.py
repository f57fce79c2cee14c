"""A trained run as a model, for evaluation, merge and recognition."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.families import named
from core.families.base import Prepared, Trains
from core.families.base.tuned import open_tuned
from core.run_dir import RunDir


def load_tuned(run_path: Path, which: str = "best") -> tuple[Trains, Any, Prepared, Path]:
    """(family, model, prepared, base folder) of a training run: base + adapter, fp32 on the
    CPU, in evaluation mode.

    `with family.base_of(model):` makes the same model answer as the base. Raises NotFound or
    BadInput with a sentence.
    """
    family: Trains = named(str(RunDir(run_path).order().get("family", "ctc")))
    tuned = open_tuned(family, run_path, which)
    return family, tuned.model, tuned.prepared, tuned.base


def load_base(family: Trains, base: Path) -> tuple[Any, Prepared]:
    """(model, prepared) of a plain folder, fp32 on the CPU, in evaluation mode."""
    return family.load_plain(base), family.prepare([], base, family.options())
