"""The run folder is the run: order, status, lock, events, results and checkpoints. State is read from it."""

from __future__ import annotations

import json
import logging
import os
import time
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from core import marks
from core.errors import NotFound, StudioError, Unavailable
from core.files import append_jsonl, read_json, read_jsonl, write_atomic, write_json
from core.locks import FileLock, is_held
from core.order_paths import resolved

log = logging.getLogger(__name__)

State = Literal["queued", "running", "done", "failed", "stopped", "lost"]
FINAL: tuple[State, ...] = ("done", "failed", "stopped")
STEPPED = ("step", "eval", "sample", "checkpoint", "skipped")
SPAWNED = "spawned"
"""The mark of a worker that is on its way."""
SPAWN_GRACE = 120.0
"""Seconds that a queued run may be without a worker: Python has to start before it can take the lock."""


@dataclass(frozen=True)
class Status:
    """What the worker last wrote: state, a sentence, progress 0..1, and seconds left where it knows them."""

    state: State = "queued"
    message: str = ""
    progress: float = 0.0
    seconds_left: float | None = None
    figures: dict[str, Any] = field(default_factory=dict)
    at: float = 0.0


class RunDir:
    """One run folder. Cheap to make; holds nothing but its path."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, parent: Path, kind: str, order: dict[str, Any]) -> RunDir:
        """A new folder `<utc>-<kind>-<short id>` below `parent` with its `run.json` and a queued status."""
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        run = cls(parent / f"{stamp}-{kind}-{uuid.uuid4().hex[:6]}")
        (run.path / "checkpoints").mkdir(parents=True)
        write_json(run.path / "run.json", {**order, "kind": kind, "order": time.time_ns()})
        run.write_status("queued", "Waiting to start.")
        return run

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.path / "checkpoints"

    @property
    def log(self) -> Path:
        """Standard output and error of the worker."""
        return self.path / "log.txt"

    def order(self) -> dict[str, Any]:
        """What was asked for: kind, family, options, dataset, versions; its paths as they are here."""
        if not (self.path / "run.json").exists():
            raise NotFound(f"There is no run in {self.path.name}: its run.json is missing.")
        return resolved(read_json(self.path / "run.json"), self.path)

    # --- status and lock

    def status(self) -> Status:
        """What the worker last wrote."""
        path = self.path / "status.json"
        return Status(**read_json(path)) if path.exists() else Status()

    def write_status(
        self,
        state: State,
        message: str = "",
        progress: float = 0.0,
        seconds_left: float | None = None,
        figures: dict[str, Any] | None = None,
    ) -> None:
        """Replace the status; temporary name and rename, so that a reader never sees half of it.

        While a job runs a full disk is survived, because this is only a picture of it; else Unavailable.
        """
        status = Status(state, message, progress, seconds_left, figures or {}, time.time())
        try:
            write_json(self.path / "status.json", asdict(status))
        except Unavailable as error:
            if state != "running":
                raise
            log.warning("%s", error)

    def report(
        self,
        message: str,
        progress: float = 0.0,
        seconds_left: float | None = None,
        figures: dict[str, Any] | None = None,
    ) -> None:
        """The running status, as a job tells it."""
        self.write_status("running", message, progress, seconds_left, figures)

    def say(self, message: str) -> None:
        """Another sentence in the running status, and nothing else; on a full disk too."""
        status = replace(self.status(), state="running", message=message, at=time.time())
        try:
            write_json(self.path / "status.json", asdict(status))
        except Unavailable as error:
            log.warning("%s", error)
            self._overwrite(status)

    def finish(self, state: State, message: str) -> None:
        """The final status, with the last progress and figures; on a full disk it overwrites the old one."""
        last = self.status()
        progress = 1.0 if state == "done" else last.progress
        final = Status(state, message, progress, None, last.figures, time.time())
        try:
            write_json(self.path / "status.json", asdict(final))
        except Unavailable as error:
            log.warning("%s", error)
            self._overwrite(final)

    def _overwrite(self, status: Status) -> None:
        """Into the block that the old status already has, padded with spaces: needs no free space."""
        with open(self.path / "status.json", "r+b", buffering=0) as file:
            old = file.seek(0, os.SEEK_END)
            file.seek(0)
            file.write(json.dumps(asdict(status)).encode("ascii").ljust(old))

    def acquire(self, patience: float = 2.0) -> FileLock:
        """Take the lock; StudioError when a worker, be it asleep, keeps it for `patience` seconds."""
        lock = FileLock.take_within(self.path / "lock", patience)
        if lock is None:
            raise StudioError(
                f"Run {self.id} is still held by its worker; stop it first, or wait until it has ended."
            )
        return lock

    def is_held(self) -> bool:
        """Whether a worker lives (this process counts too)."""
        return is_held(self.path / "lock")

    def state(self) -> State:
        """The truth from outside: a run without a final status whose lock nobody holds is lost.

        A queued run is given `SPAWN_GRACE` seconds, because its worker takes the lock only once Python is up,
        and on a busy machine as long as the process that was spawned for it lives.
        """
        before = self.status().state
        if before in FINAL or self.is_held():
            return before
        now = self.status()  # it may have gone on between the two looks
        is_coming = before == "queued" and (
            time.time() - now.at < SPAWN_GRACE or marks.is_held(self.path / SPAWNED)
        )
        if now.state != before or is_coming:
            return now.state
        return "lost"

    # --- stop

    def request_stop(self) -> None:
        """Ask the worker to stop at its next step and save."""
        write_atomic(self.path / "STOP", "")

    def stop_requested(self) -> bool:
        """Whether somebody asked to stop."""
        return (self.path / "STOP").exists()

    def clear_stop(self) -> None:
        """Take the wish to stop back (Resume does)."""
        (self.path / "STOP").unlink(missing_ok=True)

    # --- events and results

    def event(self, kind: str, step: int = 0, **values: Any) -> None:
        """Append one row to `events.jsonl`."""
        append_jsonl(self.path / "events.jsonl", [{"t": time.time(), "kind": kind, "step": step, **values}])

    def events(self, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
        """Whole rows from byte `offset` on, and the offset to read from next time."""
        return read_jsonl(self.path / "events.jsonl", offset)

    def history(self) -> list[dict[str, Any]]:
        """All events without those that a later attempt did again."""
        return without_superseded(self.events()[0])

    def add_results(self, rows: Iterable[dict[str, Any]]) -> None:
        """Append what a job made; `steps/ingest` takes it into the library once."""
        append_jsonl(self.path / "results.jsonl", rows)

    def results(self, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
        """Whole result rows from byte `offset` on, and the next offset."""
        return read_jsonl(self.path / "results.jsonl", offset)

    def log_tail(self, lines: int = 40) -> str:
        """The last lines of the log."""
        if not self.log.exists():
            return ""
        size = self.log.stat().st_size
        with open(self.log, "rb") as file:
            file.seek(max(0, size - 200 * lines))
            text = file.read().decode("utf-8", errors="replace")
        return os.linesep.join(text.splitlines()[-lines:])


def without_superseded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Drop rows that a later attempt repeats: `attempt` with from_step N voids earlier rows of steps > N."""
    kept: list[dict[str, Any]] = []
    for row in rows:
        if row["kind"] == "attempt":
            kept = [r for r in kept if r["kind"] not in STEPPED or r["step"] <= row["from_step"]]
        kept.append(row)
    return kept
