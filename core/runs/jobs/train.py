"""Train, then read the test split once and say what the training was worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import StudioError
from core.families import named
from core.families.base.speaking import LearnsToSpeak, TellsCosts
from core.run_dir import RunDir
from core.runs.followers import following
from core.runs.jobs import Stopped, costing, speaking
from core.runs.jobs.evaluate import base_of, judged
from core.runs.jobs.predicting import Model, material

if TYPE_CHECKING:
    from core.training.loop import TrainResult


def run_job(run: RunDir, order: dict[str, Any]) -> None:
    """The loop, and after it the verdict; without one it is still a run that trained. An order that names an
    adapter from elsewhere takes that in, in place of the loop."""
    from core.training.bringing import bring
    from core.training.loop import train

    with following(run, order):
        result = bring(run, order) if order.get("adapter") else train(run, order)
    if result.ended == "stopped":
        raise Stopped(f"at step {result.step}" if result.step else "before the first step")
    figures = {**result.figures, "step": result.step, "best": result.best}
    try:
        figures, said = _verdict(run, order, result, figures)
    except StudioError as error:
        said = f"No verdict: {error}"
        run.event("warning", result.step, sentence=said)
    done = "Taken in." if order.get("adapter") else f"Trained {result.step} steps."
    run.report(f"{done} {said}", 1.0, figures=figures)


def _verdict(
    run: RunDir, order: dict[str, Any], result: TrainResult, figures: dict[str, Any]
) -> tuple[dict[str, Any], str]:
    run.event("phase", result.step, name="verdict")
    family = named(str(order.get("family", "ctc")))
    if isinstance(family, LearnsToSpeak | TellsCosts):
        job = speaking if isinstance(family, LearnsToSpeak) else costing
        measured, said = job.judged(run, order, figures)
        return {**figures, **measured}, said
    regression = Path(order["regression"]) if order.get("regression") else None
    clips = material(Path(order["dataset"]), regression)
    wanted = {name: order.get(name) for name in ("family", "device", "precision", "language")}
    base = Model("base", {**wanted, "model": base_of(run)})
    # the checkpoint is part of the name, so that predictions of an earlier attempt are not taken for its own
    tuned = Model(f"tuned ({result.best})", {**wanted, "model": str(run.path)})
    measured, said = judged(run, [base, tuned], clips, figures)
    return {**figures, **measured}, said
