"""Make a run that is started elsewhere: its folder, the files that start it, and what has to be copied."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import manifest
from core.config import DataRoot
from core.errors import BadInput
from core.files import read_json, write_atomic
from core.order_paths import outside, portable
from core.run_dir import RunDir
from core.runs.launch.files import SHELL, SLURM, files
from core.runs.machines import MOST, Machines

FOLDER = "launch"
WAITS = "Made to be started elsewhere, by the files in its folder “launch”."


@dataclass(frozen=True)
class Launch:
    """What a person does next: the commands that carry it there, start it and bring it home, and the paths
    that have to be the same there because they lie outside the data folder."""

    carry: list[str]
    start: list[str]
    home: str
    same_there: list[str]


def machines(n: int, each: int) -> Machines:
    """`n` machines elsewhere with `each` processes on every one. BadInput for none or too many."""
    if n < 1 or not 1 <= each <= MOST:
        raise BadInput(
            f"A run takes at least one machine and 1 to {MOST} processes on each, not {n} with {each}."
        )
    return Machines(n * each, n, elsewhere=True)


def make(data: DataRoot, project: str, kind: str, order: dict[str, Any]) -> RunDir:
    """The run folder of an order with paths that hold elsewhere, and `launch/` in it; nothing is started."""
    parent = data.runs(project)
    run = RunDir.create(parent, kind, portable(order, parent / "run", data.path))
    run.write_status("stopped", WAITS)
    told = files(run.id, Machines.of(order), str(order.get("device") or ""))
    for name, text in told.items():
        write_atomic(run.path / FOLDER / name, text)
    return run


def next_steps(data: DataRoot, run: RunDir) -> Launch:
    """What is to be done with a run that `make` made."""
    order, here = read_json(run.path / "run.json"), RunDir(run.path).order()
    root, project = data.path.resolve(), run.path.parents[1].name
    needed = [Path(here["base"]), *_corpus(here)]
    inside = [place for place in needed if place.is_relative_to(root)]
    parts = [project, *(place.relative_to(root).as_posix() for place in inside
                        if not place.is_relative_to(root / project))]
    own = f"{project}/runs/{run.id}"
    others = Machines.of(order).n - 1
    by_hand = f"bash launch/{SHELL}" + (" RANK HOST   (on each machine, 0 first)" if others else "")
    return Launch(
        [f"rsync -aR {root}/./{part} THERE:DATA/" for part in parts],
        [f"cd DATA/{own}", f"sbatch {FOLDER}/{SLURM}   or   {by_hand}"],
        f"rsync -a THERE:DATA/{own}/ {root}/{own}/",
        sorted({*outside(order), *(str(place) for place in _corpus(here) if place not in inside)}),
    )


def _corpus(order: dict[str, Any]) -> list[Path]:
    """The folder of sounds that the dataset of an order is about, where it is about one."""
    corpus = manifest.corpus_of(Path(str(order.get("dataset") or "")))
    return [Path(corpus)] if corpus else []
