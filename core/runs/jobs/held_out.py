"""The held-out clips of a run as examples, and its model where it computes: for a verdict on what a model
says or expects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core import manifest
from core.cache import ArrayCache
from core.errors import Refused
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.training.corpus import Corpus
from core.training.planning import cache_of
from core.training.preflight import left_out


def corpus(run: RunDir, order: dict[str, Any], family: Any, prepared: Any, base: Path, why: str) -> Corpus:
    """The clips of the dataset's test part that the family can use; Refused with `why`, where {name} is the
    dataset, when there is none."""
    folder = Path(order["dataset"])
    options = family.options(**folders.read_state(folders.chosen(run.path))["options"])
    held = [row for row in manifest.read(folder) if row.split == "test"]
    gone = left_out(family.preflight(held, base, options)) if held else set()
    kept = [row for row in held if row.id not in gone]
    if not kept:
        raise Refused(why.format(name=folder.name))
    return Corpus(family, kept, folder, base, prepared, ArrayCache(cache_of(run, order)), options)


def placed(model: Any, order: dict[str, Any]) -> Any:
    """The model where the order computes, in evaluation mode."""
    from core.modelling import devices

    choice = devices.choose(str(order.get("device") or "auto"), str(order.get("precision") or "auto"))
    return model.to(choice.device).eval()
