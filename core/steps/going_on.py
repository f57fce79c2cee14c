"""Go on from a checkpoint of another run: Continue, Warm start, Retune; what differs is told before it
starts."""
from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core import manifest
from core.errors import BadInput, NotFound, Refused
from core.families.base import Trains
from core.families.base.options import LoopOptions
from core.library import Dataset, Library, Project
from core.modelling import checkpoint_folder as folders
from core.modelling.weights import weights_id
from core.run_dir import RunDir
from core.runs import listing
from core.runs.machines import Machines
from core.runs.queue import device_key
from core.steps import dataset as datasets
from core.steps import train
from core.steps.devices import together
from core.steps.train_request import Request
from core.steps.transcribe import ModelChoice, model_named
from core.training import options as training_options
from core.training import preflight, sampling
from core.training.differences import ALL, Difference, differences

WAYS = {"continue": "continue", "warm-start": "warm start", "retune": "retune"}
"""The ways as they are typed, and as an order names them."""
NOW = "now"
"""The dataset that stands for: what is accepted now."""


@dataclass(frozen=True)
class Prospect:
    """A run that goes on from `checkpoint` (a folder's name) of `parent`, before it is started."""

    parent: RunDir
    checkpoint: str
    step: int
    way: str
    plan: train.Plan
    more: dict[str, Any]
    rows: list[Difference]
    refusals: list[str]


def checkpoints(run: RunDir) -> list[str]:
    """What can be gone on from: best and last where there is one, then each by its name, newest first."""
    found = sorted((p.name for p in run.checkpoints.glob("step-*") if p.suffix != ".tmp"), reverse=True)
    return ["best", "last", *found] if found else []


def way_of(word: str) -> str:
    """The way that a word means, as an order names it. Raises BadInput with those there are."""
    if word in WAYS.values():
        return word
    if word not in WAYS:
        raise BadInput(f"“{word}” is no way to go on; choose {', '.join(WAYS)}.")
    return WAYS[word]


def look(lib: Library, project: Project, request: Request, machines: Machines | None = None) -> Prospect:
    """What would be started, what differs, and what forbids it; makes nothing.

    Raises StudioError where there is nothing to compare: no such run or checkpoint, an unknown option.
    """
    parent, way = _parent(lib, project, request.get("run", "")), way_of(request.get("way", "continue"))
    folder = folders.chosen(parent.path, request.get("checkpoint") or ("last" if way == ALL[0] else "best"))
    state, order = folders.read_state(folder), parent.order()
    base = _base(lib, order)
    family = train.trainable_family(str(order["family"]))
    dataset = _dataset(lib, project, parent, request.get("dataset"))
    options = _options(family, way, state, request)
    plan = train.Plan(family, base, options, dataset, lib.root.path / dataset.folder)
    shared = machines or Machines(request.get("devices") or int(state["world"]))
    device = request.get("device") or str(order.get("device") or "auto")
    also = request.get("also", order.get("also", ""))
    more = {"way": way, "parent": str(parent.path.resolve()), "checkpoint": folder.name, "device": device,
            "precision": request.get("precision") or order.get("precision") or "auto",
            "preset": request.get("preset", "Quick") if way == "retune" else order.get("preset", ""),
            **({"also": also} if also else {}), **together(device, shared)}
    now = {"family": request.get("family", family.name), "base_id": weights_id(Path(base.path)),
           "fingerprint": dataset.fingerprint, "device": device_key(device).partition("-")[0],
           "world": shared.n_processes, "options": options, "versions": train.versions(), **_prepared(plan)}
    rows = differences(state, now)
    refusals = [row.matters for row in rows if way in row.forbids] + _at_the_end(plan, state, parent, way)
    refusals += _came_alone(parent, way)
    return Prospect(parent, folder.name, int(state["step"]), way, plan, more, rows,
                    list(dict.fromkeys(refusals)))


def start(lib: Library, project: Project, prospect: Prospect) -> RunDir:
    """Start what was looked at; returns at once. Refused, in words, where a difference forbids it."""
    if prospect.refusals:
        raise Refused(" ".join(prospect.refusals))
    made = prospect.plan
    if not made.dataset.id:
        dataset = datasets.make(lib, project).dataset
        made = train.Plan(made.family, made.base, made.options, dataset, lib.root.path / dataset.folder)
    return train.begin(lib, project, made, prospect.more)


def _parent(lib: Library, project: Project, name: str) -> RunDir:
    if not name:
        raise BadInput("Name the run to go on from; the list of runs shows their names.")
    run = listing.find(lib.root, name)
    if run.path.parent.parent.name != project.slug or run.order()["kind"] != "train":
        raise BadInput(f"Run {run.id} is no training run of this project, so nothing can go on from it.")
    return run


def _base(lib: Library, order: dict[str, Any]) -> ModelChoice:
    path = Path(order["base"])
    if not path.is_dir():
        raise NotFound(f"The base model of that run is gone: {path}; put it back to go on.")
    return model_named(lib, str(path))


def _dataset(lib: Library, project: Project, parent: RunDir, name: str | None) -> Dataset:
    """The one that is named, else that of the parent; what is accepted now is made a dataset at the start."""
    if name == NOW:
        return datasets.current(lib, project) or Dataset(0, project.id, "", "", "", {}, 0.0)
    return lib.datasets.get(project.id, name or parent.order().get("dataset_name") or "")


def _options(family: Trains, way: str, state: dict[str, Any], request: Request) -> LoopOptions:
    """Retune has a preset and options of its own; the others have the checkpoint's, but for what is named."""
    if way == "retune":
        return training_options.resolve(family, request.get("preset", "Quick"), request.options)
    return training_options.resolve(family, "", {**state["options"], **request.options})


def _prepared(plan: train.Plan) -> dict[str, Any]:
    """The output layer's letters and the features on this data; {} for data that is no dataset yet."""
    if not plan.dataset.id:
        return {}
    rows, base = manifest.read(plan.folder), Path(plan.base.path)
    kept = preflight.learnable(rows, preflight.findings(plan.family, rows, base, plan.options))
    learned = [row for row in kept if row.split == "train"]
    return {"prepared": asdict(plan.family.prepare(learned, base, plan.options))}


def _came_alone(parent: RunDir, way: str) -> list[str]:
    """Whether the memory of the optimizer is missing, which only a training here keeps."""
    if way != "continue" or not parent.order().get("adapter"):
        return []
    return [f"The adapter of run {parent.id} came from elsewhere, without the memory of its optimizer: choose"
            " Warm start or Retune to train it further."]


def _at_the_end(plan: train.Plan, state: dict[str, Any], parent: RunDir, way: str) -> list[str]:
    """Whether nothing is left to continue with."""
    if way != "continue" or not plan.dataset.id:
        return []
    n = sum(row.split == "train" for row in manifest.read(plan.folder))
    windows = sampling.n_windows(n, plan.options.batch_size * plan.options.accumulation)
    steps = sum(phase.steps for phase in plan.family.phases(plan.options, windows))
    if int(state["step"]) < steps:
        return []
    return [f"Run {parent.id} has done all of its {steps} steps; choose Retune to train it further."]
