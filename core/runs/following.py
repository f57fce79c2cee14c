"""The processes of a run beside the first: they wait for its turn, train with it, and end with it."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable

from core.errors import StudioError
from core.run_dir import FINAL, RunDir
from core.runs.spawning import order_of_rank

log = logging.getLogger("worker")
LOOK = 0.3


def is_follower() -> bool:
    """Whether torch.distributed.run started this process as another one than the first."""
    return os.environ.get("RANK", "0") != "0"


def follow(run: RunDir) -> int:
    """Train along with the first process, which alone writes; exit code 0 unless something broke here."""
    if not _called(run, os.getppid()):
        return 0
    for number in (signal.SIGTERM, signal.SIGINT):  # the first process hears them, too, and stops for all
        signal.signal(number, signal.SIG_IGN)
    end_with(lambda: run.is_held())
    from core.training.loop import train

    try:
        train(run, order_of_rank(run.order()))
    except StudioError as error:  # the first process meets it, too, and tells it
        log.error("%s", error)
    except Exception:
        log.exception("This process broke off.")
        os._exit(1)  # at once: Python's own end takes seconds, in which the launcher waits and Resume, too
    return 0


def _called(run: RunDir, launcher: int) -> bool:
    """Wait, without torch, until the first process has had its turn; False when it went without one."""
    was_held = False
    while os.getppid() == launcher:
        state, is_held = run.status().state, run.is_held()
        if is_held and state == "running":
            return True
        if state in FINAL or (was_held and not is_held):
            return False
        was_held = is_held
        time.sleep(LOOK)
    return False


def end_with(is_led: Callable[[], bool] = lambda: True) -> None:
    """From now on end at once when the launcher is gone, or nobody leads: an orphan would wait for ever."""
    launcher = os.getppid()

    def watch() -> None:
        while os.getppid() == launcher and is_led():
            time.sleep(LOOK)
        log.error("The processes that this one worked with are gone: it ends.")
        os._exit(1)  # the main thread may be waiting for them inside a library

    threading.Thread(target=watch, name="end-with", daemon=True).start()
