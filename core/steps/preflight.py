"""Preflight: the checks of a run before it starts, on what would be learned, each with its outcome
and reason.

`look` reads files alone and is quick enough for a page; `examine` loads the model, in a process of its own.
"""
from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import manifest
from core.errors import BadInput, NotFound, StudioError
from core.families.base import Trains
from core.families.base.options import LoopOptions
from core.library import Library, Project
from core.runs.helper import apart
from core.runs.looks import checks_of
from core.steps import dataset as datasets
from core.steps import train
from core.steps.transcribe import model_named
from core.training import preflight
from core.training.checks import Check, refused
from core.training.checks.texts import Decoded
from core.training.speaking import sound_in
from core.types import Row

PATIENCE = 900.0
"""Seconds that a large model may take to load from a slow disk."""

TAUGHT = "taught"
"""The folder of the cache with what a model that speaks would learn, read back from its labels."""


@dataclass(frozen=True)
class Wish:
    """What a run would be made of; `dataset` None is what is accepted now."""

    family: str = "ctc"
    base: str = "starter"
    preset: str = "Quick"
    overrides: Mapping[str, Any] | None = None
    dataset: str | None = None


@dataclass(frozen=True)
class Seen:
    """The checks, and the labels of some clips read back."""

    checks: tuple[Check, ...]
    decoded: tuple[Decoded, ...] = ()


@dataclass(frozen=True)
class Given:
    """What would be learned: the clips of `folder`, on `base`, with these options."""

    family: Trains
    base: Path
    options: LoopOptions
    rows: list[Row]
    folder: Path


def look(lib: Library, project: Project, wish: Wish, most: int | None = preflight.LISTENED) -> Seen:
    """Every check that loads no model; `most` clips are listened to, None is all. Makes nothing.

    Raises StudioError for a family, a base or an option that there is not.
    """
    given = given_of(lib, project, wish)
    if isinstance(given, Check):
        return Seen((given,))
    checks = preflight.checks(given.family, given.rows, given.folder, given.base, given.options, most)
    if any(check.outcome == "refused" for check in checks if check.name in ("base", "options")):
        return Seen(tuple(checks))
    shown = preflight.shown(given.family, given.rows, given.base, given.options)
    return Seen(tuple(checks), tuple(shown))


def examine(lib: Library, project: Project, wish: Wish, device: str = "auto", precision: str = "auto"
            ) -> list[Check]:
    """The checks that need the model loaded, in a process of its own; [] where there is nothing to learn from
    (that is said by `look`)."""
    given = given_of(lib, project, wish)
    if isinstance(given, Check):
        return []
    lib.root.cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="preflight-", dir=lib.root.cache))
    try:
        manifest.write(folder, given.rows)
        request = {"do": "examine", "family": given.family.name, "rows": str(folder),
                   "audio": str(given.folder), "base": str(given.base),
                   "options": given.options.model_dump(), "device": device, "precision": precision,
                   "sounds": str(lib.root.cache / TAUGHT)}
        reply = apart(request, lib.root.models, lib.root.cache / "preflight.log", PATIENCE)
    except StudioError as error:
        return [refused("keys", str(error))]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return checks_of(reply["checks"])


def taught_sound(lib: Library, clip_id: str) -> Path:
    """The labels of a clip as a sound, as the last `examine` left it. NotFound where there is none."""
    path = sound_in(lib.root.cache / TAUGHT, clip_id)
    if not path.is_file():
        raise NotFound("What would be learned from this clip is not there any more: check data and model"
                       " again.")
    return path


def given_of(lib: Library, project: Project, wish: Wish) -> Given | Check:
    """What is to be checked; a check that refuses where there are too few clips for a dataset."""
    family = train.trainable_family(wish.family)
    model = model_named(lib, wish.base)
    if model.where == "run":
        raise BadInput("A training run is no base: merge it first, then train the merged model, or resume "
                       "the run.")
    options = train.taught(project, train.options_of(wish.family, wish.preset, wish.overrides))
    if wish.dataset:
        folder = lib.root.path / lib.datasets.get(project.id, wish.dataset).folder
        return Given(family, Path(model.path), options, manifest.read(folder), folder)
    try:
        rows = datasets.draft(lib, project, lib.root.path).rows
    except StudioError as error:
        return refused("parts", str(error))
    return Given(family, Path(model.path), options, rows, lib.root.path)
