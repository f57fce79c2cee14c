"""The numbers story from end to end on the sample project: the same steps that the page takes, one after the
other."""
from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from core.errors import StudioError
from core.evaluation.verdict import Figures
from core.library import Library, Project
from core.run_dir import RunDir
from core.runs.start import wait
from core.steps import convert, dataset, merge, projects, train, transcribe, verdict
from core.steps.ingest import ingest

Tell = Callable[[str], None]


def demo(lib: Library, tell: Tell) -> dict[str, Any]:
    """Transcribe, convert, accept what matches, dataset, train, verdict, merge; returns the figures that were
    measured.

    Raises StudioError with the run's own sentence when one of the steps fails.
    """
    began = time.monotonic()
    project = projects.open_sample(lib)
    there = projects.overview(lib, project)
    tell(f"Sample project: {there.n_clips} takes.")
    if there.n_transcribed == 0:
        finished(transcribe.start(lib, project), tell)
        ingest(lib, project)
    _accept(lib, project, tell)
    made = dataset.current(lib, project) or dataset.make(lib, project).dataset
    tell(f"Dataset {made.name}: {made.counts['train']['clips']} to learn from, {made.counts['val']['clips']} "
         "to watch, "
         f"{made.counts['test']['clips']} held out.")
    run = finished(train.start(lib, project, dataset=made.name), tell)
    shown = verdict.of_run(run)
    if shown is None:
        raise StudioError(f"Run {run.id} ended without a verdict; its log says why: {run.log}.")
    tell(shown.verdict.sentence)
    merged = finished(merge.start(lib, run.id, dtype="bf16"), tell)
    return {"seconds": round(time.monotonic() - began, 1), **_figures(shown.verdict),
            "merged_equal": merged.status().figures["merged_equal"],
            "bf16": merged.status().figures.get("bf16"), "n_items": shown.verdict.n_items,
            "sentence": shown.verdict.sentence, "run": run.id,
            "intervals": {name: [i.low, i.high] for name, i in shown.verdict.intervals.items()}}


def _accept(lib: Library, project: Project, tell: Tell) -> None:
    converted = convert.convert_all(lib, project, "demo")
    examples = [v for v in lib.clips.views(project.id, role="target") if v.source == "numbers"]
    if examples:
        tell(f"For example “{examples[0].heard}” became “{examples[0].text}”.")
    n = convert.accept_matching(lib, project, "demo")
    tell(f"{len(examples) or len(converted)} transcripts turned into words; {n} takes say their prompt and "
         "were accepted.")


def finished(run: RunDir, tell: Tell) -> RunDir:
    """The run once it is done; StudioError with its sentence when it ended in any other way."""
    tell(f"Run {run.id} ...")
    state = wait(run, math.inf)  # training may take hours; a run whose process died is "lost"
    message = run.status().message
    if state != "done":
        raise StudioError(f"Run {run.id} is {state}: {message or 'no message'}")
    tell(f"  {message}")
    return run


def _figures(measured: Any) -> dict[str, Any]:
    def one(figures: Figures, regression: Figures | None) -> dict[str, Any]:
        return {"no_digit_share": figures.no_digit_share, "digit_error_rate": figures.digit_error_rate,
                "wer": figures.wer,
                "regression_wer": regression.wer if regression else None}

    return {"base": one(measured.base, measured.regression_base),
            "tuned": one(measured.tuned, measured.regression_tuned)}
