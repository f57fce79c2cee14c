"""The commands for training, and for looking after runs of every kind."""
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.commands.given import Data, Device, library, settings
from core.commands.told import Tell, Told
from core.config import DEFAULT_DATA, DataRoot

if TYPE_CHECKING:
    from core.run_dir import RunDir


Preset = Annotated[str, typer.Option(help="Quick, Careful, or Language: an MMS model's adapter.")]
Base = Annotated[str, typer.Option(help="The model that learns, such as facebook/mms-1b-all.")]
Settings = Annotated[list[str] | None, typer.Option("--set", help=(
    "An option: name=value. Preset Language: from_language=smo (the adapter to start from), language=tvl, "
    "head_epochs=2, adapter_epochs=8."))]


def train(tell: Tell, project: str, preset: Preset = "Quick", base: Base = "starter", family: str = "ctc",
          dataset: Annotated[str | None, typer.Option(help="Default: the newest, or a new one.")] = None,
          set_: Settings = None,
          device: Device = "auto", precision: str = "auto",
          also: Annotated[str, typer.Option(help="Events also to tensorboard or wandb (offline).")] = "",
          background: Annotated[bool, typer.Option(help="Return at once.")] = False,
          data: Data = DEFAULT_DATA) -> Told:
    """Train an adapter and give the verdict."""
    from core.steps import story
    from core.steps import train as step

    lib = library(data)
    if licence := step.licence(lib, base):
        tell(licence)
    run = step.start(lib, lib.projects.get(project), family, base, preset, settings(set_ or []), dataset,
                     device, precision, also)
    if not background:
        story.finished(run, tell)
    return _verdict(run)


def _verdict(run: RunDir) -> Told:
    from core.evaluation.verdict import to_json
    from core.steps.verdict import of_run

    shown = of_run(run)
    figures = to_json(shown.verdict) if shown else run.status().figures
    return Told({"run": run.id, "state": run.state(), "verdict": figures},
                f"{run.id}: {shown.verdict.sentence if shown else run.status().message}")


def runs(project: Annotated[str | None, typer.Argument()] = None, data: Data = DEFAULT_DATA) -> Told:
    """List the runs, newest first."""
    from core.runs.listing import runs as listed

    lib = library(data)
    if project:
        lib.projects.get(project)
    cards = listed(DataRoot(data.resolve()), project)
    return Told([{"id": c.id, "project": c.project, "kind": c.kind, "state": c.state, "progress": c.progress,
                  "message": c.message} for c in cards],
                "\n".join(f"{c.id}  {c.state:8} {c.progress:4.0%}  {c.message}" for c in cards)
                or "No runs yet.")


def report(run: str, out: Annotated[Path, typer.Option(help="The HTML file to write.")],
           data: Data = DEFAULT_DATA) -> str:
    """Write the report of a training run: one HTML file."""
    from core.runs.listing import find
    from core.steps import report as step

    found = find(DataRoot(data.resolve()), run)
    return f"The report of {found.id} is in {step.write(found, out.resolve())}."


def stop(run: str, data: Data = DEFAULT_DATA) -> str:
    """Ask a run to stop and save."""
    from core.steps import train as step

    step.stop(library(data), run)
    return f"{run} will stop at its next step; `app.py resume {run}` goes on from there."


def resume(tell: Tell, run: str, background: Annotated[bool, typer.Option(help="Return at once.")] = False,
           data: Data = DEFAULT_DATA) -> Told:
    """Go on with a stopped, failed or lost run."""
    from core.steps import story
    from core.steps import train as step

    resumed = step.resume(library(data), run)
    if not background:
        story.finished(resumed, tell)
    return _verdict(resumed)
