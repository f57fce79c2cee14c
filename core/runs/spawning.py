"""One worker a run, however many ask for it: its command, its surroundings, a mark that it is on its way."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from core import marks
from core.config import REPOSITORY
from core.errors import Refused
from core.run_dir import SPAWNED, RunDir
from core.runs.machines import Machines

WORKER = "core.runs.worker"
PATIENCE = 20.0
"""Seconds that a new worker is waited for, until the processes of one that was killed have ended."""


def spawn(run: RunDir, python: str | None = None, machine: Machines | None = None) -> None:
    """A worker in a session of its own, so that it outlives the page, its terminal and their signals.

    Raises Refused where one is on its way already: two apps may start at the same moment.
    """
    order = run.order()
    refuse_elsewhere(run, order)
    mark = marks.take(run.path / _mark_of(machine))
    if mark is None:
        raise _busy(run)
    with mark, open(run.log, "ab") as log:
        if _is_first(machine) and run.is_held():
            raise _busy(run)  # another app's worker has come up since it was looked at, and let its mark go
        process = subprocess.Popen(
            [python or sys.executable, *arguments(run, order, machine)],
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=[mark.fileno()],
            env=surroundings(order, os.environ, mark.fileno()),
        )
    threading.Thread(target=process.wait, name=f"wait-{run.id}", daemon=True).start()  # no zombies


def refuse_elsewhere(run: RunDir, order: dict[str, Any]) -> None:
    """Refused for a run that other machines do: nothing here may start or queue it."""
    if Machines.of(order).elsewhere:
        raise Refused(
            f"Run {run.id} is made to be started elsewhere, by the files in its folder “launch”; to go on"
            " with it here, start a run from it (Continue or Warm start)."
        )


def is_on_its_way(run: RunDir) -> bool:
    """Whether a worker was spawned that has not ended, or that does not hold the run's lock yet."""
    return marks.is_held(run.path / SPAWNED)


def _is_first(machine: Machines | None) -> bool:
    return machine is None or machine.rank == 0


def _mark_of(machine: Machines | None) -> str:
    return SPAWNED if machine is None or _is_first(machine) else f"{SPAWNED}-{machine.rank}"


def wait_for_the_last(run: RunDir) -> None:
    """Wait until the processes of a worker that was killed have ended; Refused when they do not in time."""
    until = time.monotonic() + PATIENCE
    while is_on_its_way(run):
        if time.monotonic() >= until:
            raise _busy(run)
        time.sleep(0.1)


def _busy(run: RunDir) -> Refused:
    return Refused(f"Run {run.id} has processes that start or end just now; try again in a few seconds.")


def let_go() -> None:
    """The worker holds the run's lock: from now on that one says that it lives."""
    if (number := os.environ.pop("VOICEWRIGHT_MARK", None)) and "RANK" not in os.environ:
        os.close(int(number))


def arguments(run: RunDir, order: dict[str, Any], machine: Machines | None = None) -> list[str]:
    """What Python is given: the worker, or for several processes the launcher that starts them."""
    path = str(run.path.resolve())
    machines = machine or Machines.of(order)
    if machines.n_processes == 1:
        return ["-m", WORKER, path]
    return ["-m", "torch.distributed.run", *machines.arguments(), "-m", WORKER, path]


def surroundings(order: dict[str, Any], outer: Mapping[str, str], mark: int) -> dict[str, str]:
    """The environment: graphics processors in the order of their slots, and what several processes share."""
    fixed = {"PYTHONUNBUFFERED": "1", "CUDA_DEVICE_ORDER": "PCI_BUS_ID", "VOICEWRIGHT_MARK": str(mark)}
    made, here = {**outer, **fixed}, Machines.of(order).here
    if here > 1:
        # more threads than cores wait for each other at every layer
        made.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // here)))
        if (first := first_cuda(order)) is not None:
            seen = [part for part in outer.get("CUDA_VISIBLE_DEVICES", "").split(",") if part]
            all_of_them = seen or [str(number) for number in range(first + here)]
            made["CUDA_VISIBLE_DEVICES"] = ",".join(all_of_them[first : first + here])
    return made


def first_cuda(order: dict[str, Any]) -> int | None:
    """The number of the first graphics processor that an order names; None where it names none."""
    device = str(order.get("device") or "auto")
    return int(device[5:] or 0) if re.fullmatch(r"cuda(:\d+)?", device) else None


def order_of_rank(order: dict[str, Any]) -> dict[str, Any]:
    """The order as one of several processes reads it: those that it may see are numbered from 0."""
    is_shared = Machines.of(order).here > 1 and first_cuda(order) is not None
    return {**order, "device": "cuda"} if is_shared else order
