"""Whether base and tuned cut callers off, for a verdict: both probed on the clips that it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.errors import StudioError
from core.evaluation import turns
from core.evaluation.turns import Heard, Turns
from core.families import family_of, named
from core.families.base import Clip, Probes
from core.run_dir import RunDir
from core.runs.jobs import Stopped
from core.runs.jobs.predicting import Material, Model
from core.runs.probing import heard_of, probed
from core.runs.queue import data_root
from core.runs.recognisers import open_recogniser


def turned(run: RunDir, models: Sequence[Model], clips: Material, figures: dict[str, Any] | None = None
           ) -> Turns | None:
    """The turns of base and tuned; None for models of a kind without pause heads, and, with a warning in the
    run, where they could not be probed: a verdict is worth more than its turns."""
    if not all(isinstance(named(model.order["family"]), Probes) for model in models):
        return None
    try:
        if why := _why_not(models[0]):
            run.event("warning", 0, sentence=f"Turns were not measured. {why}")
            return None
        before, after = (_heard(run, model, clips, figures) for model in models)
        return turns.compare(after, before)
    except (MemoryError, RuntimeError, StudioError) as error:
        run.event("warning", 0, sentence=f"Whether callers are cut off could not be measured: {error}")
        return None


def _why_not(model: Model) -> str:
    """Why the base cannot be probed; "" where it can, or where only loading it tells."""
    path = Path(model.order["model"])
    family = named(model.order["family"])
    if not isinstance(family, Probes) or not (path / "config.json").is_file():
        return ""
    return family.why_not_probed(path) if family_of(path) is family else ""


def _heard(run: RunDir, model: Model, clips: Material, figures: dict[str, Any] | None) -> list[Heard]:
    opened = open_recogniser(model.order, data_root(run).models)
    found = []
    for number, (_, folder, row) in enumerate(clips.clips):
        if run.stop_requested():
            raise Stopped(f"while turns were measured, after {number} of {len(clips.clips)} clips")
        run.report(f"{model.label}: turns of clip {number + 1} of {len(clips.clips)}.", 1.0, figures=figures)
        clip = Clip(row.id, folder / row.audio, row.start, row.end)
        is_number = turns.is_number(row.text, row.language, clips.digits)
        found.append(heard_of(row.id, probed(opened, clip), is_number, row.words))
    return found
