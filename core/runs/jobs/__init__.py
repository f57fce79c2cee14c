"""One function a kind of run: `run_job(run, order)`. Named as strings: the table imports nothing heavy.

A job tells its progress with `run.report`; its last report is what "done" will say. It looks at
`run.stop_requested()` between its steps and then raises `Stopped`. What a person can mend is a StudioError.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from core.errors import BadInput
from core.run_dir import RunDir

Job = Callable[[RunDir, dict[str, Any]], None]

JOBS: dict[str, str] = {
    "transcribe": "core.runs.jobs.transcribe:run_job",
    "align": "core.runs.jobs.align:run_job",
    "segment": "core.runs.jobs.segment:run_job",
    "train": "core.runs.jobs.train:run_job",
    "find-rate": "core.runs.jobs.find_rate:run_job",
    "evaluate": "core.runs.jobs.evaluate:run_job",
    "merge": "core.runs.jobs.merge:run_job",
    "import": "core.runs.jobs.importing:run_job",
    "index": "core.runs.jobs.index:run_job",
    "speak": "core.runs.jobs.speak:run_job",
}
EXCLUSIVE = frozenset({"train", "find-rate"})
"""Kinds of which only one runs on a device at a time."""


class Stopped(Exception):
    """The job saw the wish to stop and saved what it had; `where` completes "Stopped by you ..."."""

    def __init__(self, where: str = "") -> None:
        super().__init__(where)
        self.where = where


def job_of(kind: str) -> Job:
    """The function of a kind, imported now; BadInput for a kind this version does not know."""
    if kind not in JOBS:
        raise BadInput(f"This version knows no run of the kind “{kind}”; it knows {', '.join(sorted(JOBS))}.")
    module, function = JOBS[kind].split(":")
    job: Job = getattr(import_module(module), function)
    return job


class Countdown:
    """Seconds left, by the pace of this attempt; `done` counts what earlier attempts did, too."""

    def __init__(self, total: float, done: float = 0) -> None:
        self._total, self._first, self._began = total, done, time.monotonic()

    def left(self, done: float) -> float | None:
        """Seconds from now on, when `done` of `total` are done; None before this attempt has done one."""
        fresh = done - self._first
        return (time.monotonic() - self._began) / fresh * (self._total - done) if fresh else None
