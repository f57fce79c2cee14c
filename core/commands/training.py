"""The commands for training, and for looking after runs of every kind."""
from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.commands.given import Data, bytes_of, library, settings
from core.commands.told import Tell, Told
from core.config import DEFAULT_DATA, DataRoot

if TYPE_CHECKING:
    from core.library import Library, Project
    from core.run_dir import RunDir
    from core.runs.machines import Machines
    from core.steps.train_request import Request

Preset = Annotated[str | None, typer.Option(help=(
    "Quick (as usual), Careful, or Language: an MMS model's adapter."))]
Base = Annotated[str | None, typer.Option(help=(
    "The model that learns, such as facebook/mms-1b-all; as usual the starter."))]
Settings = Annotated[list[str] | None, typer.Option("--set", help=(
    "An option: name=value. Preset Language: from_language=smo (the adapter to start from), language=tvl, "
    "head_epochs=2, adapter_epochs=8."))]
Options = Annotated[Path | None, typer.Option("--options", help=(
    "A YAML or JSON file of settings, such as the options.yaml of a run, or the YAML of moshi-finetune. What "
    "is said on the line wins."))]
From = Annotated[str | None, typer.Option("--from", help="The run to go on from.")]
Way = Annotated[str | None, typer.Option(help=(
    "continue: everything as it was; warm-start: its weights, with its options; retune: its weights, with "
    "new options."))]
Checkpoint = Annotated[str | None, typer.Option(help="best, last, or a name such as step-000050.")]
Processes = Annotated[int | None, typer.Option(help="How many processes share the work.")]
Accelerate = Annotated[Path | None, typer.Option("--accelerate-config", help=(
    "A file that accelerate config wrote: processes on several machines. The others join with app.py join."))]
Launch = Annotated[int | None, typer.Option("--print-launch", help=(
    "Start nothing: make the run for so many machines of a cluster, each with --devices processes, and write "
    "the files that start it there (accelerate, Slurm)."))]
Also = Annotated[str | None, typer.Option(help="Events also to tensorboard or wandb (offline).")]


Adapter = Annotated[Path | None, typer.Option("--adapter", help=(
    "Train nothing: take in an adapter of moshi-finetune (its folder “consolidated”) that was trained on the "
    "base, and judge it."))]


def train(tell: Tell, project: str, preset: Preset = None, base: Base = None, family: str | None = None,
          dataset: Annotated[str | None, typer.Option(help="Default: the newest, or a new one.")] = None,
          set_: Settings = None, options: Options = None,
          adapter: Adapter = None, from_: From = None, way: Way = None, checkpoint: Checkpoint = None,
          device: Annotated[str | None, typer.Option(help="auto, cpu, mps or cuda:N.")] = None,
          precision: str | None = None, devices: Processes = None, accelerate: Accelerate = None,
          print_launch: Launch = None,
          dry_run: Annotated[bool, typer.Option(help="With --from: only tell what differs.")] = False,
          also: Also = None,
          smoke: Annotated[bool, typer.Option(help=(
              "Try it: two steps of a tiny random model that is made here; no download."))] = False,
          background: Annotated[bool, typer.Option(help="Return at once.")] = False,
          data: Data = DEFAULT_DATA) -> Told:
    """Train an adapter and give the verdict, anew or from a checkpoint of another run."""
    from core.steps import smoke as smoking
    from core.steps import story
    from core.steps.train_request import Request

    said = {"family": family, "base": base, "preset": preset, "dataset": dataset, "device": device,
            "precision": precision, "devices": devices, "run": from_, "way": way, "checkpoint": checkpoint,
            "also": also, "adapter": str(adapter) if adapter else None}
    request, machines = _from_files(Request(said, settings(set_ or [])), options, accelerate)
    if print_launch is not None:
        from core.runs.launch.making import machines as elsewhere

        request = request.over(Request({"device": "cuda"}))  # a cluster's; this machine may have none
        machines = elsewhere(print_launch, request.get("devices", 1))
    for note in request.notes:
        tell(note)
    lib = library(data)
    request = smoking.request(lib, request) if smoke else request
    started = _begin(tell, lib, lib.projects.get(project), request, machines, dry_run)
    if isinstance(started, Told):
        return started
    if print_launch is not None:
        return _launch(started, DataRoot(data.resolve()))
    if not background:
        story.finished(started, tell)
    return _verdict(started)


def _launch(run: RunDir, data: DataRoot) -> Told:
    """How a run that was made for other machines gets there and home again."""
    from core.runs.launch.making import FOLDER, next_steps

    steps = next_steps(data, run)
    same = [f"It must lie at the same place there: {path}" for path in steps.same_there]
    lines = [f"{run.id} is made, and started by nobody yet; the files are in {run.path / FOLDER}.",
             "Carry it there:", *steps.carry, *same, "Start it there:", *steps.start,
             "Bring it home when it has ended:", steps.home]
    return Told({"run": run.id, "folder": run.path / FOLDER, **asdict(steps)}, "\n".join(lines))


def _from_files(said: Request, options: Path | None, accelerate: Path | None
                ) -> tuple[Request, Machines | None]:
    """What was said on the line over what the files say."""
    from core.runs.machines import from_accelerate
    from core.steps.train_request import Request, read

    if options:
        said = said.over(read(bytes_of(options), options.name, said.get("family"), options.resolve().parent))
    if not accelerate:
        return said, None
    shared = from_accelerate(accelerate)
    return said.over(Request({"device": shared.device, "precision": shared.precision})), shared.machines


def _begin(tell: Tell, lib: Library, project: Project, request: Request, machines: Machines | None,
           dry_run: bool) -> RunDir | Told:
    """The run that was started, or what differs where that is all that was asked for."""
    from core.steps import going_on
    from core.steps import train as step

    if not request.get("run"):
        if licence := step.licence(lib, request.get("base", "starter")):
            tell(licence)
        return step.fresh(lib, project, request, machines)
    prospect = going_on.look(lib, project, request, machines)
    lines = [f"{prospect.way.capitalize()} from {prospect.parent.id}, {prospect.checkpoint}.",
             *(f"{row.what}: {row.before} before, {row.now} now. {row.matters}" for row in prospect.rows),
             *([] if prospect.rows else ["Nothing differs."])]
    if dry_run:
        rows = [asdict(row) for row in prospect.rows]
        return Told({"checkpoint": prospect.checkpoint, "differences": rows, "refused": prospect.refusals},
                    "\n".join([*lines, *prospect.refusals]), int(bool(prospect.refusals)))
    tell("\n".join(lines))
    return going_on.start(lib, project, prospect)


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


def settings_(run: str,
              form: Annotated[str | None, typer.Option("--for", help="moshi-finetune: as its YAML.")] = None,
              out: Annotated[Path | None, typer.Option(help="Write them to this file.")] = None,
              data: Data = DEFAULT_DATA) -> Told:
    """The settings of a training run as a file, ours or moshi-finetune's."""
    from core.steps import settings_of_run as step

    made = step.of_run(DataRoot(data.resolve()), run, form)
    left = [f"No place there for: {', '.join(made.left_out)}."] if made.left_out else []
    if out is None:
        return Told({"settings": made.text, "left_out": made.left_out}, made.text.rstrip())
    step.write(made, out)
    return Told({"file": out, "left_out": made.left_out}, "\n".join([f"Written to {out}.", *left]))


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


def queue(move: Annotated[str | None, typer.Option(help="A waiting run that gets another place.")] = None,
          to: Annotated[int, typer.Option(help="Its place from now on; 1 is the next.")] = 1,
          remove: Annotated[str | None, typer.Option(help="A waiting run to take out.")] = None,
          data: Data = DEFAULT_DATA) -> Told:
    """Show the waiting runs, and change their order."""
    from core.steps import queue as step

    lib = library(data)
    if move:
        step.move(lib, move, to)
    if remove:
        step.take_out(lib, remove)
    waiting = step.line(lib)
    rows = [{"place": w.place, "run": w.card.id, "project": w.card.project, "devices": list(w.devices),
             "behind": w.behind, "reason": w.reason} for w in waiting]
    lines = [f"{w.place}. {w.card.id}  {w.card.project}  {', '.join(w.devices)}  {w.reason}" for w in waiting]
    return Told(rows, "\n".join(lines) or "No run is waiting.")


def devices() -> Told:
    """List the devices of this machine with their free memory."""
    from core.steps.devices import offers

    found = offers(patience=30.0)
    return Told([asdict(offer) for offer in found], "\n".join(offer.sentence for offer in found))


def join(run: str, config: Annotated[Path, typer.Argument(help="What accelerate config wrote here.")],
         data: Data = DEFAULT_DATA) -> str:
    """Let this machine work along on a run that another one started; both see the same data folder."""
    from core.runs.machines import from_accelerate
    from core.steps import train as step

    machines = from_accelerate(config).machines
    step.join(library(data), run, machines)
    return f"Machine {machines.rank} of {machines.n} works along on {run}; it ends with the run."
