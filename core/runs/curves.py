"""What a run measured: an index of its events that follows the file by bytes, and is never the truth."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from math import nan
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from core.run_dir import FINAL, STEPPED, RunDir
from core.runs.thinning import Numbers, smooth, stretches, thinned

STEP = ("loss", "lr", "grad_norm", "clips_per_second", "seconds", "memory_gb", "epoch")
"""Figures of a `step` row, in the order in which a table shows them."""
EVAL = ("loss", "wer", "cer", "digit_error_rate", "no_digit_share", "n")
"""Figures of an `eval` row."""
CURVES = {"loss": "loss", "lr": "lr", "grad_norm": "grad_norm", "clips_per_second": "clips_per_second",
          "seconds": "seconds", "memory_gb": "memory_gb"}
"""Curves of steps, by the names of their figures."""
TERMS = (*(f"codebook_{number}" for number in range(1, 9)), "text")
"""Parts of the loss in a `step` row of a model that speaks: its codebooks, and the text beside them."""
TTT = ("ttt_inner_loss", "ttt_gate")
"""Figures in a `step` row of a model with TTT layers, each the mean of its layers."""
MEANINGS = {
    "ttt_inner_loss": "Inner loss: how far the fast weights are from what they are to learn; falling within a"
                      " run is good.",
    "ttt_gate": "Gate: the mean tanh(alpha) of the layers, 0.1 at the start unless another was chosen; at 0 a"
                " layer does nothing.",
}
"""A word of meaning for each of TTT."""
SOME = (TERMS, TTT)
"""What the `step` rows of some runs have besides; those that have the first of a group may have the rest."""
LOOKS = {"val_loss": "loss", "wer": "wer"}
"""Curves of looks at the validation clips, by the names of their figures."""
KEPT = 24
"""Runs whose index stays in memory: what two pages look at and compare, with room."""


class Series:
    """The rows of one kind: their steps, when they were written, and a column for each figure (NaN where a
    row has none). Steps never fall. Columns of SOME come with the first row that has them: most runs have
    none, and an index stays small."""

    def __init__(self, names: Sequence[str]) -> None:
        self.steps, self.times = array("d"), array("d")
        self.columns = {name: array("d") for name in names}

    def add(self, rows: Sequence[dict[str, Any]]) -> None:
        """Append rows; a column at a time, because there may be very many."""
        for group in SOME:
            if group[0] not in self.columns and any(group[0] in row for row in rows):
                self.columns |= {name: array("d", [nan] * len(self.steps)) for name in group}
        self.steps.extend([row["step"] for row in rows])
        self.times.extend([row["t"] for row in rows])
        for name, column in self.columns.items():
            column.extend([nan if (value := row.get(name)) is None else value for row in rows])

    def cut(self, step: int) -> None:
        """Drop the rows of steps after `step`, which a later attempt repeats."""
        n = bisect_right(self.steps, step)
        for column in (self.steps, self.times, *self.columns.values()):
            del column[n:]

    def numbers(self) -> dict[str, Numbers]:
        """A copy of everything: `step`, `t` and the figures, each (rows,) float64."""
        named = {"step": self.steps, "t": self.times, **self.columns}
        return {name: np.array(column, np.float64) for name, column in named.items()}


class Index:
    """The events of one run as far as they were read: numbers in columns, the other rows as they are."""

    def __init__(self, run: RunDir) -> None:
        self.run, self.lock = run, Lock()
        self._forget()

    def _forget(self) -> None:
        self._file, self.offset, self.generation = 0, 0, 0
        self.steps, self.looks = Series(STEP), Series(EVAL)
        self.notes: list[dict[str, Any]] = []
        self._smoothed: dict[int, array[float]] = {}

    def follow(self) -> None:
        """Read what was written since. A file that was replaced is read anew; the caller holds the lock."""
        try:
            found = (self.run.path / "events.jsonl").stat()
        except FileNotFoundError:
            return self._forget()
        if found.st_size < self.offset or found.st_ino != self._file:
            generation = self.generation + 1
            self._forget()
            self._file, self.generation = found.st_ino, generation
        if found.st_size > self.offset:
            rows, self.offset = self.run.events(self.offset)
            self._take(rows)

    def _take(self, rows: Iterable[dict[str, Any]]) -> None:
        before: list[dict[str, Any]] = []
        for row in rows:
            if row["kind"] == "attempt":
                self._add(before)
                before = []
                self._void(row["from_step"])
            before.append(row)
        self._add(before)

    def _add(self, rows: Sequence[dict[str, Any]]) -> None:
        self.steps.add([row for row in rows if row["kind"] == "step"])
        others = [row for row in rows if row["kind"] != "step"]
        self.looks.add([row for row in others if row["kind"] == "eval"])
        self.notes += others

    def _void(self, step: int) -> None:
        """What `core.run_dir.without_superseded` does to a list of rows."""
        last = max([0.0, *self.steps.steps[-1:], *self.looks.steps[-1:]])
        self.notes = [r for r in self.notes if r["kind"] not in STEPPED or r["step"] <= step]
        if last <= step:
            return
        self.steps.cut(step)
        self.looks.cut(step)
        self._smoothed.clear()
        self.generation += 1

    def smoothed(self, window: int) -> array[float]:
        """The loss, smoothed over about `window` steps; continued where it ended the last time."""
        known = self._smoothed.setdefault(window, array("d"))
        smooth(self.steps.columns["loss"], known, window)
        return known


_known: OrderedDict[Path, Index] = OrderedDict()
_guard = Lock()


def index_of(run: RunDir) -> Index:
    """The index of a run; `with index.lock: index.follow()` brings it up to date."""
    with _guard:
        found = _known.setdefault(run.path, Index(run))
        _known.move_to_end(run.path)
        while len(_known) > KEPT:
            _known.popitem(last=False)
    return found


def notes(run: RunDir) -> tuple[list[dict[str, Any]], int]:
    """The rows of a run but its steps, without those that an attempt repeats, and the byte after them."""
    index = index_of(run)
    with index.lock:
        index.follow()
        return list(index.notes), index.offset


def tables(run: RunDir) -> tuple[dict[str, Numbers], dict[str, Numbers]]:
    """All steps and all looks of a run in columns, without those that a later attempt repeats."""
    index = index_of(run)
    with index.lock:
        index.follow()
        return index.steps.numbers(), index.looks.numbers()


def window_of(options: dict[str, Any]) -> int:
    """Over how many steps the loss of a run is smoothed: a fiftieth of what was ordered, ten at least."""
    return max(10, int(options.get("steps") or 0) // 50)


def curves(run: RunDir, had: dict[str, Any] | None = None, window: int = 0) -> dict[str, Any]:
    """The curves of a run for a page that `had` (an earlier answer's `had`) some of them.

    `curves` holds [steps, values] by name: at most 2,000 points each, the lowest and the highest value of as
    many equal stretches of steps as are needed. A stretch is sent once, when it is over, so that curves are
    only ever extended; `reset` says that everything is sent, because the stretches became longer, an attempt
    began again at an earlier step, or the run ended (its last stretch is sent then, too).
    """
    index, is_over = index_of(run), run.state() in (*FINAL, "lost")
    window = window or window_of(run.order().get("options") or {})
    with index.lock:
        index.follow()
        span, looks = index.steps, index.looks
        part = stretches([*span.steps[:1], *looks.steps[:1], *span.steps[-1:], *looks.steps[-1:]], is_over)
        shape = f"{index.generation}.{window}.{part.width}.{is_over:d}"
        if not (reset := not had or had.get("shape") != shape):
            part = replace(part, start=int((had or {})["end"]))
        drawn = {name: thinned(part, span.steps, span.columns[column]) for name, column in CURVES.items()}
        drawn |= {name: thinned(part, span.steps, span.columns[name]) for name in chain(*SOME)
                  if name in span.columns}
        drawn["smoothed"] = thinned(part, span.steps, index.smoothed(window))
        drawn |= {name: thinned(part, looks.steps, looks.columns[column]) for name, column in LOOKS.items()}
    return {"run": run.id, "reset": reset, "curves": {name: drawn[name] for name in drawn if drawn[name][0]},
            "had": {"shape": shape, "end": part.end}}
