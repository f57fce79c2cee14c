"""A model in another layout, without a run: written, opened again and compared, in a process of its own."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.errors import BadInput, Refused
from core.families import FAMILIES, named
from core.families.base import Check
from core.families.base.sharing import Converts
from core.files import safe_name
from core.library import Library
from core.runs.helper import apart
from core.runs.jobs.merge import files_in
from core.steps import checklist
from core.steps.checklist import Checklist
from core.steps.transcribe import model_named

PATIENCE = 3600.0
"""Seconds that a large model may take on a slow disk."""


@dataclass(frozen=True)
class Converted:
    """The new folder, and what was checked in it."""

    out: Path
    shown: Checklist


def convert(lib: Library, model: str, form: str, dtype: str = "", out: Path | None = None) -> Converted:
    """The folder `model` as `form` in `out` (default: beside the models of the data root). `dtype` "" is the
    first that the form has. Raises StudioError, and leaves nothing behind, where that cannot be."""
    choice = model_named(lib, model)
    family = named(choice.family)
    if choice.where == "run":
        raise BadInput(f"{choice.name} is a training run; `app.py merge {choice.name} --for {form}` writes"
                       " it.")
    if not isinstance(family, Converts):
        able = ", ".join(each.title for each in FAMILIES.values() if isinstance(each, Converts))
        raise BadInput(f"{family.title} has one layout only; these have several: {able}.")
    chosen = dtype or next(iter(family.layouts.get(form, ("bf16",))))
    name = safe_name(f"{Path(choice.path).name}-{form}", "model name")
    folder = out or lib.root.models / "converted" / name
    if folder.exists():
        raise Refused(f"{folder.name} exists already and is not overwritten; choose another name.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    lib.root.cache.mkdir(parents=True, exist_ok=True)
    request = {"do": "convert", "family": family.name, "model": choice.path, "form": form, "dtype": chosen,
               "out": str(folder.resolve())}
    reply = apart(request, lib.root.models, lib.root.cache / "convert.log", PATIENCE)
    checks = [Check(**{**row, "clips": tuple(row["clips"])}) for row in reply["checks"]]
    return Converted(folder, checklist.made(checks, files_in(folder)))
