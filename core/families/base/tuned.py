"""A training run as a model: its base with the adapter of one checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput, NotFound
from core.families.base import Prepared, Trains
from core.modelling import checkpoint_folder as folders
from core.modelling.weights import weights_id


@dataclass(frozen=True)
class Tuned:
    """`model` (fp32, CPU, evaluation mode) is the base with its adapter, of which it has the share that the
    options say; `step` says which checkpoint.
    """

    model: Any
    prepared: Prepared
    base: Path
    step: int
    options: dict[str, Any]


def open_tuned(family: Trains, run: Path, which: str = "best") -> Tuned:
    """Base + adapter of checkpoint `which` (best, last, or a name) of the run folder `run`.

    Raises NotFound or BadInput when the checkpoint or the base is gone, damaged or another one.
    """
    folder = folders.chosen(run, which)
    state = folders.read_state(folder)
    base = Path(state["base"])
    if not base.is_dir():
        raise NotFound(f"The base model of run {run.name} is gone: {base}; put it back to use the run.")
    if weights_id(base) != state["base_id"]:
        raise BadInput(
            f"The base model {base} is not the one that run {run.name} was trained on; put that one back to"
            " use the run."
        )
    prepared = Prepared(**state["prepared"])
    model: Any = family.load(base, prepared, family.options(**state["options"]))
    family.restore(model, folders.read_tensors(folder, folders.ADAPTER))
    family.weaken(model, float(state["options"].get("keep", 1.0)))
    return Tuned(model.eval(), prepared, base, int(state["step"]), state["options"])
