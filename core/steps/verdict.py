"""The verdict: base against tuned, read from the run that measured it, or measured by a run of its own."""
from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core import manifest
from core.errors import BadInput, NotFound
from core.evaluation import closer, turns
from core.evaluation.closer import Closer
from core.evaluation.turns import Turns
from core.evaluation.verdict import Verdict, from_json
from core.files import read_json
from core.library import Library
from core.run_dir import RunDir
from core.runs.start import start as start_run
from core.steps.evaluate_file import with_beam
from core.steps.transcribe import model_named


@dataclass(frozen=True)
class Shown:
    """A verdict with the sentences it was made from; `closer` is None for one of a time before there was
    one, `turns` where no pause heads were probed. `fresh` are the verdicts on prompts that were made after
    the training, newest first."""

    verdict: Verdict
    items: list[dict[str, Any]]
    regression_items: list[dict[str, Any]]
    closer: Closer | None = None
    fresh: tuple[Shown, ...] = ()
    turns: Turns | None = None


def of_run(run: RunDir) -> Shown | None:
    """The verdict of a training or evaluation run, or None before there is one."""
    shown = _read(run.path / "verdict.json")
    return replace(shown, fresh=_fresh(run)) if shown else None


def _read(path: Path) -> Shown | None:
    if not path.exists():
        return None
    raw = read_json(path)
    return Shown(from_json(raw), raw.get("items", []), raw.get("regression_items", []),
                 closer.from_json(raw.get("closer")), turns=turns.from_json(raw.get("turns")))


def _fresh(run: RunDir) -> tuple[Shown, ...]:
    """The verdicts that stand beside the run's own."""
    found = []
    for folder in sorted(run.path.parent.glob("*-evaluate-*"), reverse=True):
        shown = _read(folder / "verdict.json")
        if shown and RunDir(folder).order().get("fresh_of") == run.id:
            found.append(shown)
    return tuple(found)


def evaluate(lib: Library, model: str, dataset: str, beam: int = 1) -> RunDir:
    """Measure one model, with a beam where it knows one, on the test part of a dataset (its name,
    PROJECT/NAME, or its folder); returns at once."""
    choice = model_named(lib, model)
    path = with_beam(choice, beam)
    project, folder = _dataset(lib, dataset)
    regression = folder / "regression"
    return start_run(lib.root, project, "evaluate", {
        "project": project, "dataset": str(folder.resolve()), "device": "auto", "precision": "auto",
        "regression": str(regression.resolve()) if (regression / manifest.NAME).exists() else None,
        "models": [{"name": choice.name, "family": choice.family, "base": path, "adapter": None}]})


def _dataset(lib: Library, name: str) -> tuple[str, Path]:
    found: dict[str, tuple[str, Path]] = {}
    for project in lib.projects.all():
        snapshots = lib.datasets.of(project.id)
        for dataset in snapshots:
            full = f"{project.slug}/{dataset.name}"
            if name in (dataset.name, full) or (name == project.slug and dataset is snapshots[0]):
                found[full] = project.slug, lib.root.path / dataset.folder
    if len(found) > 1:
        raise BadInput(f"“{name}” fits several datasets ({', '.join(found)}); name one of them in full.")
    if found:
        return next(iter(found.values()))
    folder = Path(name).resolve()
    if (folder / manifest.NAME).exists() and folder.is_relative_to(lib.root.path.resolve()):
        return folder.relative_to(lib.root.path.resolve()).parts[0], folder
    if not folder.exists():
        raise NotFound(f"There is no dataset “{name}”; name it as PROJECT/DATASET (`app.py dataset PROJECT` "
                       "makes one).")
    raise BadInput(f"{folder} holds no {manifest.NAME} inside the data folder, so it is no dataset of this "
                   "app.")
