"""Start, stop and resume runs. Nothing is remembered here: whoever asks next reads the folder."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from typing import Any

from core.config import DataRoot
from core.errors import Refused, StudioError
from core.run_dir import FINAL, SPAWN_GRACE, RunDir, State, Status
from core.runs.jobs import JOBS
from core.runs.queue import in_order
from core.runs.spawning import is_on_its_way, refuse_elsewhere, spawn, wait_for_the_last

log = logging.getLogger(__name__)


def start(
    data: DataRoot, project_slug: str, kind: str, order: dict[str, Any], python: str | None = None
) -> RunDir:
    """Make the run folder and spawn its worker, which waits for its turn by itself; returns at once."""
    if kind not in JOBS:
        raise ValueError(f"unknown kind of run: {kind}")
    run = RunDir.create(data.runs(project_slug), kind, order)
    spawn(run, python)
    return run


def stop(run: RunDir) -> None:
    """Ask a living worker to stop and save; a queued run that has no worker is stopped here."""
    if (state := run.state()) in FINAL or state == "lost":
        raise Refused(f"Run {run.id} cannot be stopped: it is {state} already.")
    run.request_stop()
    if state == "queued":
        _stop_without_worker(run)


def _stop_without_worker(run: RunDir) -> None:
    try:
        lock = run.acquire(patience=0.0)
    except StudioError:
        return  # its worker lives and will see STOP
    try:
        if run.status().state == "queued":
            run.finish("stopped", "Stopped by you before it began.")
    finally:
        lock.release()


def resume(run: RunDir, python: str | None = None) -> None:
    """Queue a lost, stopped or failed run again, with a worker; Refused, with the reason, for any other."""
    refuse_elsewhere(run, run.order())
    requeue(run)
    with suppress(Refused):  # an app that starts at this moment has begun it already
        spawn(run, python)


def requeue(run: RunDir) -> None:
    """Queue a run again without a worker; Refused, with the reason, for one that lives or is done.

    The lock is taken first: a worker that is alive, be it asleep, keeps it, so none is ever doubled.
    """
    try:
        lock = run.acquire()
    except StudioError as error:
        raise Refused(
            f"Run {run.id} cannot be resumed: its worker is still alive (perhaps asleep). Stop it first."
        ) from error
    try:
        last = run.status()
        _may_resume(run, last)
        wait_for_the_last(run)
        run.clear_stop()
        run.write_status("queued", "Waiting to go on.", last.progress, figures=last.figures)
    finally:
        lock.release()


def _may_resume(run: RunDir, last: Status) -> None:
    """With the lock in hand, "running" means lost, and so does "queued" unless a worker is on its way."""
    if last.state == "done":
        raise Refused(f"Run {run.id} is done; there is nothing to resume.")
    if last.state == "queued" and time.time() - last.at < SPAWN_GRACE:
        raise Refused(f"Run {run.id} is queued already; it starts by itself.")


def respawn_queued(data: DataRoot, python: str | None = None) -> list[RunDir]:
    """At the app's start: a worker for each queued run that has none, in the order in which they wait; lost
    runs stay lost. Another app that starts now leaves out what this one has begun."""
    found = [RunDir(path.parent) for path in data.path.glob("*/runs/*/run.json")]
    waiting = [run for run in found if run.status().state == "queued" and _renew(run)]
    started = []
    for run in in_order(data, waiting):
        try:
            spawn(run, python)
            started.append(run)
        except Refused as error:
            log.info("%s", error)
    return started


def _renew(run: RunDir) -> bool:
    """A fresh status for a queued run without worker; all before the first spawn, which keeps their order."""
    try:
        lock = run.acquire(patience=0.0)
    except StudioError:
        return False
    try:
        if run.status().state != "queued" or is_on_its_way(run):
            return False
        run.write_status("queued", "Waiting to start.")
    finally:
        lock.release()
    return True


def wait(run: RunDir, timeout: float) -> State:
    """The state once the run has ended (or is lost), else the state it has after `timeout` seconds."""
    until = time.monotonic() + timeout
    while (state := run.state()) in ("queued", "running") and time.monotonic() < until:
        time.sleep(0.1)
    return state
