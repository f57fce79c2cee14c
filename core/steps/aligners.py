"""Who aligns the takes of a project."""
from __future__ import annotations

from pathlib import Path
from typing import Any

from core.config import STARTER
from core.errors import BadInput
from core.families import family_of, that
from core.families.base import Aligns
from core.library import Library, Project
from core.steps import rules

Engine = dict[str, str]


def engines(lib: Library, project: Project, model: str = "") -> list[Engine]:
    """Who may align the project's takes, the best first: PocketSphinx for English, then a CTC model (`model`,
    a folder; else the project's newest merged one; else the starter for English)."""
    is_english = project.language.lower().startswith("en")
    found: list[Engine] = [{"family": "pocketsphinx", "model": ""}] if is_english else []
    folder = Path(model) if model else _own_model(lib, project) or (STARTER if is_english else None)
    if folder is not None:
        family = family_of(folder)
        if not isinstance(family, Aligns):
            able = ", ".join(f.title for f in that(Aligns).values())
            raise BadInput(f"{folder.name} cannot align; these can: {able}.")
        found.append({"family": family.name, "model": str(folder)})
    return found


def aligning(lib: Library, project: Project, model: str = "") -> dict[str, Any]:
    """What every order of an alignment says: who may align, in what language, by what rules."""
    return {"language": project.language, "aligners": engines(lib, project, model),
            **rules.in_order(lib, project)}


def _own_model(lib: Library, project: Project) -> Path | None:
    """The project's newest merged model that aligns."""
    merged = [config.parent for config in (lib.root.models / project.slug).glob("*/config.json")
              if not config.parent.name.startswith(".")]
    able = [folder for folder in merged if any(family.claims(folder) for family in that(Aligns).values())]
    return max(able, key=lambda folder: (folder / "config.json").stat().st_mtime, default=None)
