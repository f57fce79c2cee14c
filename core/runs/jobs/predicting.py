"""What models make of held-out clips and of ordinary speech; kept row by row, so that it can go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core import manifest
from core.errors import Refused
from core.families.base import Clip
from core.files import append_jsonl, read_jsonl
from core.run_dir import RunDir
from core.runs.jobs import Countdown, Stopped
from core.runs.queue import data_root
from core.runs.recognisers import open_recogniser
from core.types import Row

HELD_OUT, ORDINARY = "held-out", "ordinary"
KEPT = "predictions.jsonl"
Texts = dict[tuple[str, str, str], str]


@dataclass(frozen=True)
class Model:
    """A model under judgement: `order` is for `open_recogniser`, `label` names it in predictions.jsonl."""

    label: str
    order: dict[str, Any]


@dataclass(frozen=True)
class Material:
    """Clips to be judged on: (set, folder, row). Ordinary speech is there when a regression set was given.

    `kinds` are those of prompts by their id; `digits` are ten words where the language has no number names.
    """

    clips: tuple[tuple[str, Path, Row], ...]
    kinds: dict[str, str] = field(default_factory=dict)
    digits: tuple[str, ...] | None = None

    def rows(self, which: str) -> list[Row]:
        """The rows of one set."""
        return [row for name, _, row in self.clips if name == which]


def material(dataset: Path, regression: Path | None, split: str = "test") -> Material:
    """The `split` of a dataset ("all": every row) and the whole regression set; Refused when it is empty."""
    held = [row for row in manifest.read(dataset) if split in ("all", row.split)]
    if not held:
        raise Refused(
            f"The dataset {dataset.name} has no clips in its {split} part, so there is nothing to judge by; "
            "accept more takes and make a new dataset."
        )
    ordinary = manifest.read(regression) if regression else []
    clips = [(HELD_OUT, dataset, row) for row in held]
    clips += [(ORDINARY, regression, row) for row in ordinary if regression]
    known = manifest.about(dataset)
    return Material(tuple(clips), known.get("kinds") or {}, tuple(known.get("digits") or ()) or None)


def predict(
    run: RunDir, models: Sequence[Model], clips: Material, figures: dict[str, Any] | None = None
) -> Texts:
    """(label, set, id) -> text for every model and clip. Stops between two clips."""
    known = {(row["model"], row["set"], row["id"]): row["text"] for row in read_jsonl(run.path / KEPT)[0]}
    total = len(models) * len(clips.clips)
    clock = Countdown(total, len(known))
    for model in models:
        todo = [clip for clip in clips.clips if (model.label, clip[0], clip[2].id) not in known]
        if not todo:
            continue
        run.report(f"Loading {model.label}.", len(known) / total, figures=figures)
        recogniser = open_recogniser(model.order, data_root(run).models)
        for name, folder, row in todo:
            done = len(known)
            if run.stop_requested():
                raise Stopped(f"while models were compared, after {done} of {total} clips")
            run.report(f"{model.label}: clip {done + 1} of {total}.", done / total, clock.left(done), figures)
            text = recogniser.transcribe(Clip(row.id, folder / row.audio, row.start, row.end)).text
            append_jsonl(run.path / KEPT, [{"model": model.label, "set": name, "id": row.id, "text": text}])
            known[model.label, name, row.id] = text
    return known
