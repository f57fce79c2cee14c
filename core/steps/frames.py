"""A training example frame by frame, as the model will learn it: time, token, word, and how strong the sound
is."""
from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core import manifest
from core.errors import BadInput, NotFound, Refused
from core.families import FAMILIES
from core.families.base import Trains
from core.families.base.sharing import Frame, ShowsFrames
from core.library import Library, Project
from core.steps.preflight import Given, Wish, given_of
from core.steps.recognise import ask
from core.training.checks import Check
from core.types import Row


@dataclass(frozen=True)
class Shown:
    """The frames of one clip, by its id and its name, with its text."""

    id: str
    name: str
    text: str
    frames: tuple[Frame, ...]


def can_show(family: str) -> bool:
    """Whether a family learns frame by frame, so that there is something to show."""
    return isinstance(FAMILIES.get(family), ShowsFrames)


def clips(lib: Library, project: Project, wish: Wish) -> list[tuple[str, str]]:
    """(name and text, id) of the clips that a run would learn from."""
    given = given_of(lib, project, wish)
    if isinstance(given, Check):
        return []
    names = _names(lib, project)
    return [(f"{names.get(row.id, row.id)}: {row.text}", row.id) for row in given.rows]


def of_clip(lib: Library, project: Project, wish: Wish, clip: str) -> Shown:
    """The frames of `clip` (an id, or the name of a take). Raises BadInput for a family that has none,
    NotFound for a clip that no run would learn from."""
    given = given_of(lib, project, wish)
    if isinstance(given, Check):
        raise Refused(given.sentence)
    if not isinstance(given.family, ShowsFrames):
        able = ", ".join(each.title for each in FAMILIES.values()
                         if isinstance(each, ShowsFrames) and isinstance(each, Trains))
        raise BadInput(f"{given.family.title} does not learn frame by frame of text; this does: {able}.")
    names = _names(lib, project)
    row = _row(given.rows, names, clip)
    return Shown(row.id, names.get(row.id, row.id), row.text, _asked(lib, given, row))


def _names(lib: Library, project: Project) -> dict[str, str]:
    return {brief.id: brief.name for brief in lib.clips.briefs(project.id)}


def _row(rows: Sequence[Row], names: dict[str, str], clip: str) -> Row:
    """By id, by name, or by name without its ending."""
    for row in rows:
        name = names.get(row.id, "")
        if clip in (row.id, name, Path(name).stem):
            return row
    raise NotFound(f"There is no clip “{clip}” among the {len(rows)} that a run would learn from; name one by"
                   " its id or its file name.")


def _asked(lib: Library, given: Given, row: Row) -> tuple[Frame, ...]:
    lib.root.cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="frames-", dir=lib.root.cache))
    try:
        manifest.write(folder, [row])
        reply = ask(lib, {"do": "frames", "family": given.family.name, "rows": str(folder),
                          "audio": str(given.folder), "base": str(given.base),
                          "options": given.options.model_dump()})
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return tuple(Frame(**each) for each in reply["frames"])
