"""What a run tells while it works: events at once, the status at most once a second."""

from __future__ import annotations

import math
import os
import time
from typing import Any

from core.run_dir import RunDir
from core.training.room import Room

BETWEEN = 1.0  # seconds between two status files: each is synced to the disk


class Reporter:
    """Writes events and status of `run`; of several processes only the one that leads writes."""

    def __init__(self, run: RunDir) -> None:
        self._run, self._lead = run, leads()
        self.room = Room(run)
        self._last = 0.0
        self.figures: dict[str, Any] = {}
        self.missing: set[str] = set()
        """Files of a corpus that were named as left out."""

    def event(self, kind: str, step: int = 0, **values: Any) -> None:
        """One row; numbers that are not finite become null, which JSON knows."""
        if self._lead:
            known = {name: _finite(value) for name, value in values.items()}
            self.room.keep_trying(lambda: self._run.event(kind, step, **known))

    def warn(self, sentence: str, step: int = 0) -> None:
        """A `warning` row."""
        self.event("warning", step, sentence=sentence)

    def finite_figures(self) -> dict[str, Any]:
        """The figures as JSON knows them."""
        return {name: _finite(value) for name, value in self.figures.items()}

    def status(
        self, message: str, progress: float, seconds_left: float | None = None, now: bool = False
    ) -> None:
        """A running status; skipped when the last one is fresh, unless `now`."""
        if not self._lead or (not now and time.monotonic() - self._last < BETWEEN):
            return
        self._last = time.monotonic()
        self._run.write_status(
            "running", message, progress, seconds_left, self.finite_figures()
        )


class Clock:
    """Seconds left, from how long the steps of this attempt took."""

    def __init__(self, first_step: int, steps: int) -> None:
        self._first, self._steps, self._began = first_step, steps, time.monotonic()

    def left(self, step: int) -> float | None:
        """Estimated seconds from after `step` to the end; None before the first step is over."""
        done = step - self._first
        if done <= 0:
            return None
        return (time.monotonic() - self._began) / done * (self._steps - step)


def leads() -> bool:
    """Whether this process is the only one or the first of those that torch.distributed.run started."""
    return os.environ.get("RANK", "0") == "0"


def alone() -> bool:
    """Whether this process is the only one of its run."""
    return os.environ.get("WORLD_SIZE", "1") == "1"


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
