"""The command for the speakers of a project."""
from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core.commands.given import Data, bytes_of, library
from core.commands.told import Told
from core.config import DEFAULT_DATA


def speakers(project: str,
             describe: Annotated[str, typer.Option(metavar="NAME", help="Keep --accent and --notes.")] = "",
             accent: str = "", notes: str = "",
             link: Annotated[str, typer.Option(metavar="NAME", help="Make a recording link.")] = "",
             close: Annotated[str, typer.Option(metavar="NAME", help="Close the recording link.")] = "",
             consent: Annotated[Path | None, typer.Option(help="A text file: ask speakers to agree.")] = None,
             agreed: Annotated[list[str] | None,
                               typer.Option(metavar="NAME", help="Note that NAME agreed to the text, on "
                                                                 "paper for example.")] = None,
             data: Data = DEFAULT_DATA) -> Told:
    """List the speakers of a project and what they agreed to; recording links for them."""
    from core.steps import speakers as step

    lib = library(data)
    chosen = lib.projects.get(project)
    if consent:
        step.ask_consent(lib, chosen, bytes_of(consent).decode("utf-8", "replace"), "command")
    for name in agreed or ():
        step.agreed_elsewhere(lib, chosen, name, "command")
    if describe:
        step.describe(lib, chosen, describe, accent, notes)
    if link:
        step.open_booth(lib, chosen, link)
    if close:
        step.close_booth(lib, chosen, close)
    rows = step.described(lib, chosen)
    links = [f", link /b/{row.token}/" if row.token else "" for row in rows]
    lines = [f"{row.speaker.name}: {row.n_takes} takes, {row.consented}{link}"
             for row, link in zip(rows, links, strict=True)]
    return Told([asdict(row) for row in rows], "\n".join(lines) or "Nobody has recorded yet.")
