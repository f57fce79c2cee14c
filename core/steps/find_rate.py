"""Find a learning rate: a short sweep in the background, before a run."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import manifest
from core.errors import BadInput
from core.library import Library, Project
from core.run_dir import RunDir
from core.runs import start as runs
from core.steps import train
from core.training import preflight as checks

MOST, FEWEST = 1000, 20


@dataclass(frozen=True)
class Point:
    """A learning rate with the loss that was seen there, and its running mean."""

    rate: float
    loss: float
    smoothed: float


def start(lib: Library, project: Project, family: str = "ctc", base: str = "starter", preset: str = "Quick",
          overrides: Mapping[str, Any] | None = None, dataset: str | None = None, device: str = "auto",
          precision: str = "auto", steps: int = 100) -> RunDir:
    """Sweep what `train.start` would train with the same arguments; returns at once."""
    if not FEWEST <= steps <= MOST:
        raise BadInput(f"A sweep has {FEWEST} to {MOST} steps, not {steps}.")
    made = train.plan(lib, project, family, base, preset, overrides, dataset)
    rows = manifest.read(made.folder)
    checks.refuse(checks.findings(made.family, rows, Path(made.base.path), made.options))
    return runs.start(lib.root, project.slug, "find-rate", {
        "project": project.slug, "family": family, "base": str(Path(made.base.path).resolve()),
        "dataset": str(made.folder.resolve()), "fingerprint": made.dataset.fingerprint,
        "options": made.options.model_dump(), "preset": preset, "device": device, "precision": precision,
        "way": "start", "steps": steps, "dataset_name": made.dataset.name, "versions": train.versions()})


def found(run: RunDir) -> tuple[list[Point], float | None]:
    """The points of the newest sweep of `run`, as far as it is, and the rate that it suggests; None before it
    has ended, and where none fits."""
    rows = run.events()[0]
    began = max((i for i, row in enumerate(rows) if row["kind"] == "attempt"), default=0)
    points = [Point(row["rate"], row["loss"], row["smoothed"])
              for row in rows[began:] if row["kind"] == "rate"]
    suggested = run.status().figures.get("suggestion")
    return points, None if suggested is None else float(suggested)
