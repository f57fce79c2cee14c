"""Advice on a run, from its curves as they stand now."""
from __future__ import annotations

from core.evaluation.advice import Advice, advise
from core.evaluation.course import make
from core.run_dir import FINAL, RunDir
from core.runs import curves


def of_run(run: RunDir) -> tuple[Advice, ...]:
    """What the curves of a training run suggest for the next one."""
    rows, _ = curves.notes(run)
    steps, looks = curves.tables(run)
    is_over = run.state() in FINAL
    return advise(make(steps, looks, rows, run.order().get("options") or {}, is_over))
