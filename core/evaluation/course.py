"""The course of a training run in numbers, made from the rows that it wrote: what advice is read from."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Course:
    """`loss` of each step (`steps`, `epochs`), and `val_loss` and `wer` (shares) of each look at `looks`.

    `planned`: steps that were ordered, 0 where nobody knows; `first`: the step before the present phase;
    `speakers`: by look {name: (wrong words, words)} where the looks tell; `n_broken`: steps that were left
    out because the gradient was no number.
    """

    steps: Numbers
    loss: Numbers
    epochs: Numbers
    looks: Numbers
    val_loss: Numbers
    wer: Numbers
    options: Mapping[str, Any] = field(default_factory=dict)
    planned: int = 0
    first: int = 0
    is_over: bool = False
    n_broken: int = 0
    speakers: Sequence[Mapping[str, tuple[float, float]]] = ()


def course_of(rows: Sequence[Mapping[str, Any]], options: Mapping[str, Any], is_over: bool = False) -> Course:
    """The course that rows of `events.jsonl` tell, those that a later attempt repeats left out before."""
    steps, looks = ([row for row in rows if row["kind"] == kind] for kind in ("step", "eval"))
    return make(columns(steps, ("step", "loss", "epoch")), columns(looks, ("step", "loss", "wer")), rows,
                options, is_over)


def columns(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, Numbers]:
    """A column for each name, NaN where a row has no such figure."""
    return {name: np.array([np.nan if row.get(name) is None else row[name] for row in rows], np.float64)
            for name in names}


def make(steps: Mapping[str, Numbers], looks: Mapping[str, Numbers], rows: Sequence[Mapping[str, Any]],
         options: Mapping[str, Any], is_over: bool) -> Course:
    """The course from columns of steps and looks; of `rows` only those that are neither are read."""
    finite = np.isfinite(steps["loss"])
    seen = np.isfinite(looks["loss"])
    phases = [row for row in rows if row["kind"] == "phase" and row.get("number")]
    # by epochs the number of steps is told by the phases alone
    by_epochs = options.get("tune") == "language"
    told_steps = sum({row["number"]: row["steps"] for row in phases}.values())
    planned = told_steps if by_epochs else options.get("steps")
    told = [row["by_speaker"] for row in rows if row["kind"] == "eval" and row.get("by_speaker")]
    broken = [row for row in rows if row["kind"] == "skipped" and "gradient" in str(row.get("reason"))]
    return Course(
        steps["step"][finite], steps["loss"][finite], steps["epoch"][finite], looks["step"][seen],
        looks["loss"][seen], np.nan_to_num(looks["wer"][seen], nan=1.0), options, int(planned or 0),
        max([int(row["step"]) for row in phases], default=0), is_over, len(broken),
        [{name: (float(wrong), float(n)) for name, (wrong, n) in look.items()} for look in told])
