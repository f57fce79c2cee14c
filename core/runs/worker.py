"""The worker, one process a run: `python -m core.runs.worker RUN_DIR` locks it, waits, does the job."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import StudioError
from core.files import told
from core.run_dir import RunDir, State
from core.runs.following import end_with, follow, is_follower
from core.runs.jobs import EXCLUSIVE, Stopped, job_of
from core.runs.queue import device_key, take_turn
from core.runs.spawning import let_go, order_of_rank

log = logging.getLogger("worker")


def main(arguments: list[str]) -> int:
    """Exit code 0 when this worker did what it could for the run, 1 when it was not its run, 2 for usage."""
    line = "%(asctime)s %(levelname)s %(message)s"
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format=line)
    if len(arguments) != 1:
        log.error("usage: python -m core.runs.worker RUN_DIR")
        return 2
    run = RunDir(Path(arguments[0]))
    log.info("worker %d, process %s of %s", os.getpid(), *place())
    if device_key(run.order().get("device", "auto")) == "cpu":
        os.nice(10)
    if is_follower():
        return follow(run)
    if place()[1] > 1:
        end_with()
    return work(run)


def place() -> tuple[int, int]:
    """Which process of how many this is, from 1."""
    return int(os.environ.get("RANK", "0")) + 1, int(os.environ.get("WORLD_SIZE", "1"))


def work(run: RunDir, patience: float = 10.0) -> int:
    """Hold the run's lock while its job is done; a run that is held by another, or not queued, is left."""
    try:
        lock = run.acquire(patience)
    except StudioError as error:
        log.error("%s", error)
        return 1
    let_go()
    try:
        if (state := run.status().state) != "queued":
            log.error("Run %s is %s, not queued; Resume queues it again.", run.id, state)
            return 1
        with _signals_stop(run) as seen:
            state, message = _attempt(run, seen)
            log.info("%s: %s", state, message)
            _conclude(run, state, message)
    finally:
        lock.release()
    # the others of several would wait for the turn of one that has gone: the launcher ends them for this 1
    return int(state == "queued" and place()[1] > 1)


def _attempt(run: RunDir, signals: list[int]) -> tuple[State, str]:
    """Do the job and say how it ended; whatever goes wrong in it becomes a sentence."""
    try:
        _do(run, order_of_rank(run.order()))
    except Stopped as stop:
        if signals and run.status().state == "queued":
            return "queued", "Waiting to start."  # the machine goes down, nobody wants this run to end
        by = "the system, which asked this process to end," if signals else "you"
        return "stopped", f"Stopped by {by} {stop.where}".rstrip(" ,") + "."
    except StudioError as error:
        return "failed", str(error)
    except Exception as error:  # a fault in a job must end in a status, not in a run that looks lost
        log.exception("The job broke off.")
        return "failed", _plain(error, run)
    return "done", run.status().message or "Done."


def _conclude(run: RunDir, state: State, message: str) -> None:
    if state == "queued":
        run.clear_stop()
        run.write_status(state, message)
    else:
        run.finish(state, message)


def _do(run: RunDir, order: dict[str, Any]) -> None:
    turn = take_turn(run, run.order()) if order["kind"] in EXCLUSIVE else None
    try:
        if run.stop_requested():
            raise Stopped("before it began")
        run.report("Starting.")
        job_of(order["kind"])(run, order)
    finally:
        if turn:
            turn.release()


@contextmanager
def _signals_stop(run: RunDir) -> Iterator[list[int]]:
    """Meanwhile SIGTERM and SIGINT (shutdown) mean: stop at the next step and save. Gives those seen."""
    seen: list[int] = []

    def ask(number: int, _frame: object) -> None:
        if not run.stop_requested():
            seen.append(number)
            run.request_stop()

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield seen
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _plain(error: Exception, run: RunDir) -> str:
    if isinstance(error, OSError):
        sentence = told(error, Path(error.filename or run.path))
        if isinstance(sentence, StudioError):
            return str(sentence)
    # torch's OutOfMemoryError is known by its name, because this module imports no torch
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return (
            "The memory ran out: choose a smaller model, a smaller batch or the Quick preset, "
            "or close other programs, then press Resume."
        )
    if place()[1] > 1 and isinstance(error, RuntimeError):  # so the libraries say that they lost touch
        return (
            f"One of the {place()[1]} processes of this run ended or lost touch "
            f"({type(error).__name__}); log.txt says why. Resume goes on from the last save."
        )
    return (
        f"The run broke off because of a fault in the app ({type(error).__name__}: {error}); "
        "log.txt has the details."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
