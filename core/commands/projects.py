"""The commands for projects: list them, make one."""
from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core.commands.given import Data, bytes_of, library
from core.commands.told import Told
from core.config import DEFAULT_DATA


def projects(data: Data = DEFAULT_DATA) -> Told:
    """List the projects and where they stand."""
    from core.steps.projects import overview

    lib = library(data)
    rows = [{"project": p.slug, **asdict(overview(lib, p))} for p in lib.projects.all()]
    return Told(rows, "\n".join(f"{r['project']}: {r['n_clips']} takes, {r['n_accepted']} accepted. "
                                f"{r['next_step']}" for r in rows) or "No projects yet.")


def new(name: str, template: Annotated[str, typer.Option(help="numbers, blank or file.")] = "blank",
        language: str = "en",
        prompts: Annotated[Path | None, typer.Option(help="A file with one prompt a line.")] = None,
        data: Data = DEFAULT_DATA) -> str:
    """Make a project."""
    from core.steps.projects import create

    script = bytes_of(prompts) if prompts else None
    made = create(library(data), name, template, language, script, prompts.name if prompts else "")
    return " ".join([f"Project {made.project.slug} with {made.n_prompts} prompts.", *made.notes])
