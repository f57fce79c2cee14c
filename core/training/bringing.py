"""An adapter that was trained elsewhere as a run of ours: its one checkpoint is what came, so that the run
can be used, judged, merged and gone on from like any other."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from core import manifest
from core.errors import BadInput
from core.families import named
from core.modelling import checkpoint_folder as folders
from core.modelling.weights import weights_id
from core.run_dir import RunDir
from core.training import checkpoints, guards, preflight
from core.training.loop import TrainResult
from core.training.session import Progress

STEP = 0
"""The steps that were made here."""


def bring(run: RunDir, order: dict[str, Any]) -> TrainResult:
    """Read the adapter of the order, see that it fits the base, and keep it as the run's checkpoint.

    Raises StudioError with a sentence for an adapter that is missing, damaged or of another model.
    """
    family, base, source = named(str(order["family"])), Path(order["base"]), Path(order["adapter"])
    run.report(f"Reading the adapter in {source.name}.", 0.1)
    brought = family.read_adapter(source, base)
    if not guards.is_finite(brought.state):
        raise BadInput(f"The adapter in {source.name} holds values that are no numbers; it cannot be used.")
    options = family.options(**{**order["options"], **brought.options})
    rows = manifest.read(Path(order["dataset"]))
    learned = preflight.learnable(rows, preflight.findings(family, rows, base, options))
    prepared = family.prepare([row for row in learned if row.split == "train"], base, options)
    model = family.load(base, prepared, options)
    family.restore(model, brought.state)  # says what does not fit
    name = checkpoints.name_of(STEP)
    state = _state(order, options.model_dump(), base, prepared)
    tensors = {folders.ADAPTER: family.saved_state(model), folders.OPTIMIZER: {}, folders.RNG: {}}
    folders.write(run.checkpoints / name, tensors, state)
    checkpoints.choose(run, name, name)
    run.event("checkpoint", STEP, path=name, best=True)
    if order.get("is_copy"):
        shutil.rmtree(source, ignore_errors=True)
    return TrainResult("done", STEP, name)


def _state(order: dict[str, Any], options: dict[str, Any], base: Path, prepared: Any) -> dict[str, Any]:
    """Everything of the checkpoint that is no tensor; what only a training has is empty."""
    import torch

    return {
        "step": STEP, "progress": Progress().to_json(), "figures": {}, "family": order["family"],
        "base": str(base), "base_id": weights_id(base), "fingerprint": order.get("fingerprint", ""),
        "options": options, "rng": [], "optimizer": [],
        "prepared": {"vocabulary": prepared.vocabulary, "normaliser": prepared.normaliser,
                     "extra": prepared.extra},
        "schedule": {"name": options["schedule"], "step": STEP}, "threads": torch.get_num_threads(),
        "device": "cpu", "world": 1, "versions": checkpoints.versions(),
    }
