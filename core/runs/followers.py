"""Events also elsewhere: a thread of the worker follows events.jsonl and writes what is new to TensorBoard or
Weights & Biases, by the packages' own writers. The events of the run folder stay the truth."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from threading import Event, Thread
from typing import Any, Protocol, cast

from core.errors import BadInput, Unavailable
from core.files import read_json, write_json
from core.run_dir import RunDir
from core.training.reporting import leads

log = logging.getLogger(__name__)
EVERY = 2.0
"""Seconds between two looks at the events."""
PACKAGES = {"tensorboard": "tensorboard", "wandb": "wandb"}
"""What can be written to: the name in an order, and the package that has to be installed."""
TITLES = {"tensorboard": "TensorBoard", "wandb": "Weights & Biases"}
UNWRITTEN = ("t", "kind", "step", "n")
"""Numbers of a row that are no figures."""
GROUPS = {"step": "train", "eval": "validation"}


PATIENCE = 60.0
"""Seconds that a writer may take for its last rows."""


class Writer(Protocol):
    """Where figures and texts go."""

    def figures(self, values: Mapping[str, float], step: int, at: float) -> None:
        """Figures of one step, by their names; `at`: seconds since 1970."""

    def text(self, name: str, said: str, step: int, at: float) -> None:
        """A text of one step."""

    def back_to(self, step: int) -> None:
        """What was written of later steps is void: an attempt repeats them."""

    def close(self) -> None:
        """Everything is on the disk afterwards."""


Maker = Callable[[RunDir, str, Mapping[str, Any]], Writer]


def check(also: str) -> None:
    """BadInput for a place that is not known, Unavailable where its package is not installed."""
    if also and also not in PACKAGES:
        raise BadInput(f"Events cannot be written to “{also}”; choose one of: {', '.join(PACKAGES)}.")
    if also and find_spec(PACKAGES[also]) is None:
        raise Unavailable(f"{TITLES[also]} is not installed here: run “pip install {PACKAGES[also]}” in this "
                          "app's environment, or leave it out.")


@contextmanager
def following(run: RunDir, order: Mapping[str, Any], make: Maker | None = None) -> Iterator[None]:
    """Meanwhile events also go where the order's `also` says. What fails there is a warning of the run and
    never its end."""
    also = str(order.get("also") or "")
    if not also or not leads():  # of several processes only the one that writes the events
        yield
        return
    follower = _Follower(run, also, make or writer_of)
    follower.start(order)
    try:
        yield
    finally:
        follower.end()


class _Follower:
    """One thread that takes what is new. Warnings are written by the worker's own thread: events have one
    writer."""

    def __init__(self, run: RunDir, also: str, make: Maker) -> None:
        self._run, self._also, self._make = run, also, make
        self._stop, self._error = Event(), ""
        self._thread: Thread | None = None

    def start(self, order: Mapping[str, Any]) -> None:
        try:
            check(self._also)
            writer = self._make(self._run, self._also, order)
        except Exception as error:  # whatever somebody else's writer does, the run goes on
            self._warn(error)
            return
        self._thread = Thread(target=self._follow, args=(writer,), name=f"also-{self._also}", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """The last rows, and the warning of what went wrong meanwhile."""
        self._stop.set()
        if self._thread:
            self._thread.join(timeout=PATIENCE)
        if self._error:
            self._warn(self._error)

    def _follow(self, writer: Writer) -> None:
        try:
            is_last = False
            while not is_last:
                is_last = self._stop.wait(EVERY)
                take(self._run, self._also, writer)
            writer.close()
        except Exception as error:
            log.exception("events are no longer written to %s", self._also)
            self._error = str(error)

    def _warn(self, error: object) -> None:
        title = TITLES.get(self._also, self._also)
        self._run.event("warning", sentence=f"Events are not written to {title}: {error}")


def take(run: RunDir, also: str, writer: Writer) -> None:
    """Write what is new since the last time, also since the last worker; each row once."""
    place = run.path / f"{also}.json"
    rows, end = run.events(read_json(place)["offset"] if place.exists() else 0)
    for row in rows:
        _write(row, writer)
    if rows:
        write_json(place, {"offset": end})


def _write(row: Mapping[str, Any], writer: Writer) -> None:
    step, at = int(row["step"]), float(row["t"])
    if row["kind"] == "attempt":
        writer.back_to(int(row["from_step"]))
    elif row["kind"] in GROUPS:
        named = {f"{GROUPS[row['kind']]}/{name}": float(value) for name, value in row.items()
                 if name not in UNWRITTEN and isinstance(value, int | float)}
        writer.figures(named, step, at)
    elif row["kind"] == "warning":
        writer.text("warning", str(row["sentence"]), step, at)
    elif row["kind"] == "sample":
        writer.text(f"sample/{row['id']}", f"{row['prediction']}  ({row['reference']})", step, at)


def writer_of(run: RunDir, also: str, order: Mapping[str, Any]) -> Writer:
    """The writer of a place, made with the package's own."""
    from core.runs.writers import WRITERS

    return cast(Writer, WRITERS[also](run, order))
