"""How fast base and tuned are, heard by turns on the same clips in the same run."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import StudioError
from core.families.base import Clip, Recogniser
from core.run_dir import RunDir
from core.runs.jobs.predicting import HELD_OUT, Material, Model
from core.runs.queue import data_root
from core.runs.recognisers import open_recogniser

if TYPE_CHECKING:
    from core.evaluation.pace import Pace

SECONDS = 2.0
"""So long a comparison may take, past the fewest pairs that say anything."""
MOST_PAIRS = 40
WARM_UP = 2


def timed(run: RunDir, models: Sequence[Model], clips: Material, figures: dict | None = None) -> Pace | None:
    """The pace of two models on the first held-out clips; None, with a warning in the run, where it cannot
    be measured: two models may not fit where one does, and a verdict is worth more than its speed."""
    from core.evaluation.pace import pace

    run.report("Measuring how fast both models are.", 1.0, figures=figures)
    sounds = [Clip(row.id, folder / row.audio, row.start, row.end) for name, folder, row in clips.clips
              if name == HELD_OUT][:MOST_PAIRS]
    try:
        opened = [open_recogniser(model.order, data_root(run).models) for model in models]
        times = by_turns(opened, sounds)
    except (MemoryError, RuntimeError, StudioError) as error:  # a full graphics card is a RuntimeError
        run.event("warning", 0, sentence=f"How fast the models are could not be measured: {error}.")
        return None
    lengths = [(clip.end or 0.0) - clip.start for clip in sounds[: len(times)]]
    found = pace([was for was, _ in times], [now for _, now in times], lengths)
    return replace(found, has_adapter=_is_run(models[1])) if found else None


def _is_run(model: Model) -> bool:
    """Whether a model is the folder of a training run: base and adapter, not merged."""
    return (Path(model.order.get("model") or "") / "checkpoints" / "manifest.json").exists()


def by_turns(models: Sequence[Recogniser], clips: Sequence[Clip], seconds: float = SECONDS
             ) -> list[tuple[float, float]]:
    """(base, tuned) seconds for each clip, who goes first by turns; the first passes of each warm it up and
    do not count. Ends after `seconds`, but not before six clips."""
    from core.evaluation.pace import FEWEST_PAIRS

    for clip in clips[:WARM_UP]:
        for model in models:
            model.transcribe(clip)
    found: list[tuple[float, float]] = []
    until = time.perf_counter() + seconds
    for at, clip in enumerate(clips):
        if time.perf_counter() > until and len(found) >= FEWEST_PAIRS:
            break
        took = {which: _seconds(models[which], clip) for which in ((0, 1) if at % 2 == 0 else (1, 0))}
        found.append((took[0], took[1]))
    return found


def _seconds(model: Recogniser, clip: Clip) -> float:
    began = time.perf_counter()
    model.transcribe(clip)
    return time.perf_counter() - began
