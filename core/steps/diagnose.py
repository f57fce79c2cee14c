"""Diagnose: the first layer of a model or a run that gives no numbers, and how near the others are to it."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.config import SAMPLE
from core.errors import BadInput, NotFound
from core.library import Library
from core.runs import listing
from core.runs.helper import apart
from core.steps import evaluate_file
from core.steps.doctor import CLIP, PATIENCE
from core.steps.transcribe import ModelChoice, model_named
from core.training.checks import some
from core.training.diagnosing import Block, Diagnosis, Fault

MOST_CLIPS = 8
MOST_SECONDS = 30.0
"""Of each clip: an hour of sound in one pass would need the memory of a cluster."""
FP16_MOST = 65504.0
"""The largest number that fp16 holds."""


@dataclass(frozen=True)
class Diagnosed:
    """What was found in `model`; `looked_at` says in sentences in which state of it, and where it was
    computed."""

    model: str
    looked_at: tuple[str, ...]
    found: Diagnosis

    @property
    def sentences(self) -> list[str]:
        """What is wrong, or that nothing was found, and what was looked at."""
        found = self.found
        wrong = [_weights(found.odd)] if found.odd else []
        wrong += [_fault(found.fault)] if found.fault else []
        weights = f"{found.n_weights} tensors of weights were read."
        ways = "forward and back" if found.went_back else "forward"
        clips = f"Clips that went through it {ways}: {some(found.clips)}."
        return [*(wrong or ["Nothing wrong was found."]), *_foreseen(found.blocks), *self.looked_at, weights,
                clips]


def diagnose(
    lib: Library, name: str, audio: Path | None = None, project: str = "", manifest: Path | None = None,
    checkpoint: str = "last", device: str = "auto", precision: str = "auto",
) -> Diagnosed:
    """Send a sound, takes of a project or clips of a list through a model, in a process of its own. Without
    any: the clips that a run left out, else the known clip of the sample.

    Raises StudioError for a model that cannot be opened, and BadInput where several kinds of clips are given.
    """
    if sum(map(bool, (audio, project, manifest))) > 1:
        raise BadInput("Name one of --audio, --project and --manifest; each says which clips are heard.")
    model = _model(lib, name)
    request = {"do": "diagnose", "family": model.family, "model": model.path, "checkpoint": checkpoint,
               "device": device, "precision": precision, "clips": _clips(lib, audio, project, manifest),
               "known": {"id": CLIP[0], "audio": str(SAMPLE / CLIP[0]), "text": CLIP[1]}}
    lib.root.cache.mkdir(parents=True, exist_ok=True)
    reply = apart(request, lib.root.models, lib.root.cache / "diagnose.log", PATIENCE)
    return Diagnosed(model.name, tuple(reply["looked_at"]), read(reply["diagnosis"]))


def read(raw: dict[str, Any]) -> Diagnosis:
    """A diagnosis from its JSON."""
    fault = Fault(**raw["fault"]) if raw["fault"] else None
    return Diagnosis(tuple(raw["odd"]), raw["n_weights"], fault, tuple(Block(**b) for b in raw["blocks"]),
                     tuple(raw["clips"]), raw["went_back"])


def _model(lib: Library, name: str) -> ModelChoice:
    """A model by its name, or a training run, also one that was stopped before its first checkpoint."""
    try:
        run = listing.find(lib.root, name)
    except NotFound:
        return model_named(lib, name)
    order = run.order()
    if order["kind"] != "train":
        raise BadInput(f"Run {run.id} trains no model; name a training run, or a model.")
    return ModelChoice(run.id, run.id, str(order.get("family", "ctc")), str(run.path), "run")


def _clips(lib: Library, audio: Path | None, project: str, manifest: Path | None) -> list[dict[str, Any]]:
    if audio:
        return [_clip(audio.name, audio, "", 0.0, None)]
    if manifest:
        listed = [each for each, _ in zip(evaluate_file.read(manifest), range(MOST_CLIPS), strict=False)]
        return [_clip(each.id, each.audio, each.text, each.start, each.end) for each in listed]
    if not project:
        return []
    views = [view for view in lib.clips.views(lib.projects.get(project).id)
             if view.clip.decision != "rejected"]
    if not views:
        raise NotFound(f"“{project}” has no takes yet; record or import some, or name a sound with --audio.")
    return [_clip(view.clip.id, lib.root.path / view.clip.audio, view.text or view.prompt or "",
                  view.clip.start, view.clip.end) for view in views[:MOST_CLIPS]]


def _clip(name: str, audio: Path, text: str, start: float, end: float | None) -> dict[str, Any]:
    """As the other process takes it: the first seconds of a long one, without the text of all of it."""
    most = start + MOST_SECONDS
    is_long = end is not None and end > most
    return {"id": name, "audio": str(audio.resolve()), "text": "" if is_long else text, "start": start,
            "end": most if end is None else min(end, most)}


def _weights(odd: tuple[str, ...]) -> str:
    if len(odd) == 1:
        return f"One tensor of weights holds NaN or infinity: {odd[0]}."
    return f"{len(odd)} tensors of weights hold NaN or infinity: {some(odd)}."


def _fault(fault: Fault) -> str:
    what = f"{fault.module} ({fault.kind})" if fault.kind else fault.module
    if fault.what == "gradient":
        return f"On the way back the first gradient that is no number comes from {what}."
    if fault.what == "input":
        return "The clip itself holds numbers that are none: its features are NaN or infinite."
    if fault.is_given_odd:
        return (f"The first output that is no number is that of {what}; what it was given was none already,"
                " so it arose between the modules before it.")
    if fault.low is None or fault.high is None:
        return f"The first output that is no number is that of {what}."
    return (f"The first output that is no number is that of {what}; it was given {fault.dtype} from"
            f" {fault.low:.3g} to {fault.high:.3g}.")


def _foreseen(blocks: tuple[Block, ...]) -> list[str]:
    """Where fp16 would overflow, though the type that was used here did not."""
    over = [block.name for block in blocks if block.largest > FP16_MOST]
    return [f"In fp16, which ends at {FP16_MOST:,.0f}, {len(over)} of {len(blocks)} parts would overflow:"
            f" {some(over)}."] if over else []
