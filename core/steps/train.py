"""Train: from accepted takes to a run in the background. The page and the command call the same."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from core import manifest
from core.errors import BadInput, Refused, StudioError
from core.families import FAMILIES, named
from core.families.base import Estimate, Trains
from core.families.base.options import LoopOptions
from core.families.base.sharing import LearnsTimes, SharesAdapters
from core.library import Dataset, Library, Project
from core.modelling import licences
from core.run_dir import RunDir
from core.runs import followers, listing
from core.runs import start as runs
from core.runs.launch import making as launching
from core.runs.listing import RunCard
from core.runs.machines import Machines
from core.runs.spawning import spawn
from core.steps import dataset as datasets
from core.steps import train_request
from core.steps.devices import together
from core.steps.train_request import Request
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


def bases(lib: Library, family: str = "") -> list[ModelChoice]:
    """The models that can be trained further; those of one family, if named."""
    return [choice for choice in trainable(lib) if family in ("", choice.family)]


def form(family: str) -> tuple[type[LoopOptions], dict[str, dict[str, Any]]]:
    """The Options model of a family, and its presets."""
    chosen = trainable_family(family)
    return chosen.options, chosen.presets


def trainable_family(family: str) -> Trains:
    """The family of that name. BadInput for one that cannot be trained here."""
    chosen = named(family)
    if not isinstance(chosen, Trains):
        raise BadInput(f"The family “{family}” cannot be trained here; choose "
                       f"{', '.join(f.name for f in families())}.")
    return chosen


def options_of(family: str, preset: str = "Quick", overrides: Mapping[str, Any] | None = None) -> LoopOptions:
    """A preset with single options changed. Raises BadInput naming the option and what it may be."""
    return training_options.resolve(trainable_family(family), preset, overrides)


def taught(project: Project, options: LoopOptions) -> LoopOptions:
    """`options` with the project's language as the one that is taught or told, where one is and none was
    named. Families with several ways of tuning teach a language in one of them, and call it by three letters.
    """
    tune = getattr(options, "tune", None)
    if tune not in (None, "language") or getattr(options, "language", None) != "":
        return options
    return options.model_copy(
        update={"language": three_letters(project.language) if tune else project.language}
    )


def usual_preset(family: str) -> str:
    """The preset that is meant where none is named."""
    presets = trainable_family(family).presets
    return "Quick" if "Quick" in presets else next(iter(presets))


def licence(lib: Library, base: str) -> str:
    """What the licence of a base forbids, as a sentence; "" where it forbids no use."""
    model = model_named(lib, base)
    return licences.sentence(model.name, licences.licence_of(Path(model.path)))


def plan(lib: Library, project: Project, family: str = "ctc", base: str = "starter", preset: str = "Quick",
         overrides: Mapping[str, Any] | None = None, dataset: str | None = None) -> Plan:
    """Check everything that can be checked before a run; makes a dataset when the newest is not what was
    accepted."""
    chosen, model = trainable_family(family), model_named(lib, base)
    if model.where == "run":
        raise BadInput("A training run is no base: merge it first, then train the merged model, or resume "
                       "the run.")
    options = taught(project, options_of(family, preset, overrides))
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
    return trainable_family(family).estimate(rows, Path(model_named(lib, base).path), options)


def preflight(lib: Library, project: Project, family: str = "ctc", base: str = "starter",
              preset: str = "Quick", overrides: Mapping[str, Any] | None = None,
              dataset: str | None = None) -> list[Finding]:
    """What would silently spoil the run, on a dataset or on what is accepted now (none is made here); nothing
    where that is too little for one."""
    chosen, model = trainable_family(family), model_named(lib, base)
    rows = _learned(lib, project, dataset)
    if not rows:
        return []
    return _noticed(chosen, rows, Path(model.path), taught(project, options_of(family, preset, overrides)))


def untimed(lib: Library, project: Project, family: str, dataset: str | None = None) -> tuple[int, int]:
    """(clips whose words have no times, all clips) of a dataset or of what is accepted now, for a family that
    learns from word times; (0, 0) for any other."""
    chosen = trainable_family(family)
    if not isinstance(chosen, LearnsTimes):
        return 0, 0
    rows = _learned(lib, project, dataset)
    return len(chosen.untimed(rows)), len(rows)


def _learned(lib: Library, project: Project, dataset: str | None) -> list[Row]:
    """What a run would learn from; nothing where too little is accepted."""
    if dataset:
        return manifest.read(lib.root.path / lib.datasets.get(project.id, dataset).folder)
    try:
        return datasets.draft(lib, project, lib.root.path).rows
    except StudioError:
        return []


def _noticed(family: Trains, rows: list[Row], base: Path, options: LoopOptions) -> list[Finding]:
    """What the worker checks, and the test clips too: one that the model cannot write spoils the verdict."""
    learned, held_out = ([row for row in rows if row.split == split] for split in ("train", "test"))
    return [*checks.findings(family, rows, base, options),
            *family.preflight(held_out, base, options, learned)]


def start(lib: Library, project: Project, family: str = "ctc", base: str = "starter", preset: str = "Quick",
          overrides: Mapping[str, Any] | None = None, dataset: str | None = None, device: str = "auto",
          precision: str = "auto", devices: int = 1, machines: Machines | None = None,
          also: str = "", smoke: bool = False) -> RunDir:
    """Start a training run, by `devices` processes, or as many on as many machines; returns at once, and the
    run waits for its turn by itself. `also`: where its events go beside the run folder (runs/followers.py).
    `smoke`: it only tries whether everything works.

    Raises StudioError with a sentence when it could not be trusted.
    """
    followers.check(also)
    made = plan(lib, project, family, base, preset, overrides, dataset)
    on = {"device": device, "precision": precision, **together(device, machines or Machines(devices))}
    told: dict[str, Any] = {**({"also": also} if also else {}), **({"smoke": True} if smoke else {})}
    return begin(lib, project, made, {**on, **told, "preset": preset, "way": "start", "parent": None})


def bring(lib: Library, project: Project, adapter: Path, family: str, base: str, dataset: str | None = None,
          device: str = "auto", precision: str = "auto", is_copy: bool = False) -> RunDir:
    """Take in an adapter that was trained elsewhere on `base`: it becomes a run, judged on the test part, and
    is used and merged like any other. Returns at once; the run removes `adapter` where that `is_copy`. Raises
    StudioError for what is no adapter of it."""
    chosen, model = trainable_family(family), model_named(lib, base)
    if not isinstance(chosen, SharesAdapters):
        able = ", ".join(each.title for each in families() if isinstance(each, SharesAdapters))
        raise BadInput(f"{chosen.title} takes in no adapters from elsewhere; these do: {able}.")
    chosen.check_base(Path(model.path))
    options = chosen.adapter_options(adapter, Path(model.path))
    made = plan(lib, project, family, base, next(iter(chosen.presets)), options, dataset)
    more = {"adapter": str(adapter.resolve()), "is_copy": is_copy, "preset": "", "way": "start",
            "parent": None}
    return begin(lib, project, made, {**more, "device": device, "precision": precision,
                                      **together(device, Machines())})


def begin(lib: Library, project: Project, made: Plan, more: Mapping[str, Any]) -> RunDir:
    """Start the run of a plan; `more` is the rest of its order: where, how, and from what it goes on."""
    rows = manifest.read(made.folder)
    checks.refuse(_noticed(made.family, rows, Path(made.base.path), made.options))
    regression = made.folder / "regression"
    order = {"project": project.slug, "family": made.family.name, "base": str(Path(made.base.path).resolve()),
             "dataset": str(made.folder.resolve()),
             "fingerprint": made.dataset.fingerprint, "options": made.options.model_dump(),
             "regression": str(regression.resolve()) if (regression / manifest.NAME).exists() else None,
             "dataset_name": made.dataset.name, "versions": versions(),
             "licence": licences.licence_of(Path(made.base.path)), **more}
    start_it = launching.make if Machines.of(order).elsewhere else runs.start
    run = start_it(lib.root, project.slug, "train", order)
    train_request.save(run, made.base.name)
    return run


def fresh(lib: Library, project: Project, request: Request, machines: Machines | None = None) -> RunDir:
    """Start a new run as a request says; what it does not say is as usual."""
    dataset = request.get("dataset")
    if dataset and (said := request.get("fingerprint")):
        found = lib.datasets.get(project.id, dataset).fingerprint
        if said != found:
            raise Refused(f"The dataset “{dataset}” of this project is not the one that the file means "
                          f"({found} instead of {said}); take the fingerprint out of the file to use it.")
    if adapter := request.get("adapter"):
        return bring(lib, project, Path(adapter), request.get("family", "ctc"),
                     request.get("base", "starter"), dataset, request.get("device", "auto"),
                     request.get("precision", "auto"))
    family = request.get("family", "ctc")
    preset = request.get("preset")
    preset = usual_preset(family) if preset is None else preset
    return start(lib, project, family, request.get("base", "starter"), preset, request.options, dataset,
                 request.get("device", "auto"), request.get("precision", "auto"), request.get("devices", 1),
                 machines, request.get("also", ""), request.get("smoke", False))


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


def join(lib: Library, run_id: str, machines: Machines) -> None:
    """Start this machine's share of a run of several. Refused for a file that does not fit the run."""
    run = listing.find(lib.root, run_id)
    ordered = Machines.of(run.order())
    if (ordered.n_processes, ordered.n) != (machines.n_processes, machines.n) or machines.rank == 0:
        raise Refused(f"Run {run.id} was started as {ordered.n_processes} processes on {ordered.n} machines, "
                      f"and the file makes this machine {machines.rank} of {machines.n} with "
                      f"{machines.n_processes} processes; write a file that fits, with a machine_rank from 1 "
                      "on.")
    if run.state() not in ("queued", "running"):
        raise Refused(f"Run {run.id} is {run.state()}, so no machine can join it; resume it first.")
    spawn(run, machine=machines)


def cards(lib: Library, project: Project | None = None, kind: str | None = None) -> list[RunCard]:
    """Runs, newest first."""
    return listing.runs(lib.root, project.slug if project else None, kind)
