"""The command that finds a learning rate."""
from __future__ import annotations

from typing import Annotated

import typer

from core.commands.given import Data, Device, library, settings
from core.commands.told import Tell, Told
from core.commands.training import Base, Preset, Settings
from core.config import DEFAULT_DATA


def find_rate(tell: Tell, project: str, preset: Preset = None, base: Base = None, family: str = "ctc",
              dataset: Annotated[str | None, typer.Option(help="Default: the newest, or a new one.")] = None,
              set_: Settings = None, steps: Annotated[int, typer.Option(help="Rates that are tried.")] = 100,
              device: Device = "auto", precision: str = "auto",
              background: Annotated[bool, typer.Option(help="Return at once.")] = False,
              data: Data = DEFAULT_DATA) -> Told:
    """Try learning rates from 0.000001 to 0.1 on the training clips, and say which one fits."""
    from core.steps import find_rate as step
    from core.steps import story

    lib = library(data)
    run = step.start(lib, lib.projects.get(project), family, base or "starter", preset or "Quick",
                     settings(set_ or []), dataset, device, precision, steps)
    if not background:
        story.finished(run, tell)
    points, suggestion = step.found(run)
    curve = [{"rate": p.rate, "loss": p.loss, "smoothed": p.smoothed} for p in points]
    said = f"{run.id}: {run.status().message}"
    if suggestion is not None:
        said += f" Train with: app.py train {project} --preset {preset or 'Quick'} --set lr={suggestion:.1e}"
    return Told({"run": run.id, "state": run.state(), "suggestion": suggestion, "points": curve}, said)
