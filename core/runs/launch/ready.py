"""On machine 0, before the processes of a run start: `python -m core.runs.launch.ready RUN_DIR` queues it."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from core.errors import StudioError
from core.run_dir import RunDir
from core.runs.start import requeue

log = logging.getLogger("ready")


def ready(run: RunDir) -> None:
    """A run that was made, stopped or lost is queued for the worker that comes now. Refused, in words, for
    one that is done or at work."""
    if run.status().state != "queued" or run.is_held():
        requeue(run)


def main(arguments: list[str]) -> int:
    """Exit code 0 when the run may begin, 1 when not, 2 for usage."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    if len(arguments) != 1:
        log.error("usage: python -m core.runs.launch.ready RUN_DIR")
        return 2
    try:
        ready(RunDir(Path(arguments[0])))
    except StudioError as error:
        log.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
