"""Train: from accepted takes to a run in the background. The page and the command call the same."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from core import manifest
from core.errors import BadInput, NotFound
from core.families import FAMILIES, named
from core.families.base import Estimate, Trains
from core.families.base.options import LoopOptions
from core.library import Dataset, Library, Project
from core.modelling import licences
from core.run_dir import RunDir
from core.runs import followers, listing
from core.runs import start as runs
from core.runs.listing import RunCard
from core.steps import dataset as datasets
from core.steps.transcribe import ModelChoice, model_named, trainable
from core.text.language_codes import three_letters
from core.training import options as training_options
from core.training import preflight as checks
from core.types import Finding, Row


@dataclass(frozen=True)
class Plan:
    """Everything that a run needs, checked."""

    family: Trains
    base: ModelChoice
    options: LoopOptions
    dataset: Dataset
    folder: Path


def families() -> list[Trains]:
    """The families that can be trained."""
    return [f for f in FAMILIES.values() if isinstance(f, Trains)]


def bases(lib: Library) -> list[ModelChoice]:
    """The models that can be trained further."""
    return trainable(lib)


def form(family: str) -> tuple[type[LoopOptions], dict[str, dict[str, Any]]]:
    """The Options model of a family, and its presets."""
    chosen = _trainable(family)
    return chosen.options, chosen.presets


def _trainable(family: str) -> Trains:
    chosen = named(family)
    if not isinstance(chosen, Trains):
        raise BadInput(f"The family “{family}” cannot be trained here; choose "
                       f"{', '.join(f.name for f in families())}.")
    return chosen


def options_of(family: str, preset: str = "Quick", overrides: Mapping[str, Any] | None = None) -> LoopOptions:
    """A preset with single options changed. Raises BadInput naming the option and what it may be."""
    return training_options.resolve(_trainable(family), preset, overrides)


def _taught(project: Project, options: LoopOptions) -> LoopOptions:
    """`options` with the project's language as the one that is taught, where one is and none was named."""
    if getattr(options, "tune", "") != "language" or getattr(options, "language", ""):
        return options
    return options.model_copy(update={"language": three_letters(project.language)})


def licence(lib: Library, base: str) -> str:
    """What the licence of a base forbids, as a sentence; "" where it forbids no use."""
    model = model_named(lib, base)
    return licences.sentence(model.name, licences.licence_of(Path(model.path)))


def plan(lib: Library, project: Project, family: str = "ctc", base: str = "starter", preset: str = "Quick",
         overrides: Mapping[str, Any] | None = None, dataset: str | None = None) -> Plan:
    """Check everything that can be checked before a run; makes a dataset when the newest is not what was
    accepted."""
    chosen, model = _trainable(family), model_named(lib, base)
    if model.where == "run":
        raise BadInput("A training run is no base: merge it first, then train the merged model, or resume "
                       "the run.")
    options = _taught(project, options_of(family, preset, overrides))
    chosen.check_base(Path(model.path))
    if dataset:
        snapshot = lib.datasets.get(project.id, dataset)
    else:
        snapshot = datasets.current(lib, project) or datasets.make(lib, project).dataset
    return Plan(chosen, model, options, snapshot, lib.root.path / snapshot.folder)


def estimate(lib: Library, project: Project, family: str, base: str, options: LoopOptions) -> Estimate:
    """Time and memory of a run on what is accepted now; makes nothing."""
    accepted = lib.clips.views(project.id, role="target", decision="accepted")
    rows = [Row(v.clip.id, "", v.clip.start, v.clip.end, v.clip.sample_rate, v.text or "", "train")
            for v in accepted]
    return _trainable(family).estimate(rows, Path(model_named(lib, base).path), options)


def preflight(lib: Library, project: Project, family: str = "ctc", base: str = "starter",
              preset: str = "Quick",
              overrides: Mapping[str, Any] | None = None) -> list[Finding]:
    """What would silently spoil the run, on the newest dataset (none is made here)."""
    chosen, model = _trainable(family), model_named(lib, base)
    try:
        snapshot = lib.datasets.get(project.id)
    except NotFound:
        return []
    return _noticed(chosen, manifest.read(lib.root.path / snapshot.folder), Path(model.path),
                    _taught(project, options_of(family, preset, overrides)))


def _noticed(family: Trains, rows: list[Row], base: Path, options: LoopOptions) -> list[Finding]:
    """What the worker checks, and the test clips too: one that the model cannot write spoils the verdict."""
    learned, held_out = ([row for row in rows if row.split == split] for split in ("train", "test"))
    return [*checks.findings(family, rows, base, options),
            *family.preflight(held_out, base, options, learned)]


def start(lib: Library, project: Project, family: str = "ctc", base: str = "starter", preset: str = "Quick",
          overrides: Mapping[str, Any] | None = None, dataset: str | None = None, device: str = "auto",
          precision: str = "auto", also: str = "") -> RunDir:
    """Start a training run; returns at once. Raises StudioError with a sentence when it could not be
    trusted. `also`: where its events go beside the run folder (core/runs/followers.py)."""
    followers.check(also)
    made = plan(lib, project, family, base, preset, overrides, dataset)
    rows = manifest.read(made.folder)
    checks.refuse(_noticed(made.family, rows, Path(made.base.path), made.options))
    regression = made.folder / "regression"
    order = {"project": project.slug, "family": family, "base": str(Path(made.base.path).resolve()),
             "dataset": str(made.folder.resolve()),
             "fingerprint": made.dataset.fingerprint, "options": made.options.model_dump(), "preset": preset,
             "device": device, "precision": precision,
             "regression": str(regression.resolve()) if (regression / manifest.NAME).exists() else None,
             "way": "start", "parent": None,
             **({"also": also} if also else {}), "dataset_name": made.dataset.name, "versions": versions(),
             "licence": licences.licence_of(Path(made.base.path))}
    return runs.start(lib.root, project.slug, "train", order)


def versions() -> dict[str, str]:
    """Versions of what decides the result."""
    found = {}
    for package in ("torch", "transformers", "peft", "accelerate", "numpy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def stop(lib: Library, run_id: str) -> None:
    """Ask a run to stop at its next step and save."""
    runs.stop(listing.find(lib.root, run_id))


def resume(lib: Library, run_id: str) -> RunDir:
    """Go on where a stopped, failed or lost run was saved."""
    run = listing.find(lib.root, run_id)
    runs.resume(run)
    return run


def cards(lib: Library, project: Project | None = None, kind: str | None = None) -> list[RunCard]:
    """Runs, newest first."""
    return listing.runs(lib.root, project.slug if project else None, kind)
