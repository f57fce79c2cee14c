"""The figures of a run as a table: a row for each step and each look at the validation clips."""
from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from itertools import chain

import numpy as np

from core.run_dir import RunDir
from core.runs import curves

NAMES = tuple(dict.fromkeys(chain(curves.STEP, *curves.SOME, curves.EVAL)))


def as_csv(run: RunDir) -> str:
    """CSV in the order of the steps: kind (step or eval), step, time (UTC), then every figure that this run
    has. What a later attempt repeated is left out."""
    kinds = dict(zip(("step", "eval"), curves.tables(run), strict=True))
    figures = [name for name in NAMES if any(_has(table.get(name)) for table in kinds.values())]
    rows = [(table["step"][n], order, n) for order, table in enumerate(kinds.values())
            for n in range(len(table["step"]))]
    made, tables = io.StringIO(), list(kinds.items())
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(["kind", "step", "time", *figures])
    for step, order, n in sorted(rows):
        kind, table = tables[order]
        at = datetime.fromtimestamp(table["t"][n], UTC).isoformat(timespec="milliseconds")
        writer.writerow([kind, int(step), at, *(_cell(table.get(name), n) for name in figures)])
    return made.getvalue()


def _has(column: curves.Numbers | None) -> bool:
    return column is not None and bool(np.isfinite(column).any())


def _cell(column: curves.Numbers | None, n: int) -> str:
    return "" if column is None or not np.isfinite(column[n]) else f"{column[n]:.12g}"
