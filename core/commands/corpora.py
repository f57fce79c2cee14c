"""The commands for large corpora: bring one here by name."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.commands.told import Tell, Told


def download(tell: Tell, name: Annotated[str, typer.Argument(help="Without one: the names.")] = "",
             to: Annotated[Path, typer.Option(help="The folder that it comes into.")] = Path("corpora"),
             mirror: Annotated[str, typer.Option(help="Another address of the same files.")] = "",
             revision: Annotated[str, typer.Option(help="A state of a repository.")] = "main",
             keep: Annotated[bool, typer.Option(help="Keep the archive, too.")] = False) -> Told:
    """Download a corpus by name; broken off, the same command goes on. Nothing else here uses the network."""
    from core.datasets.fetching.sources import SOURCES
    from core.steps.download import download as step

    if not name:
        return Told(list(SOURCES), "\n".join(SOURCES))
    try:
        said = step(name, to.resolve(), mirror, revision, keep, tell)
    except KeyboardInterrupt:
        tell("Stopped by you; the same command goes on from there.")
        raise typer.Exit(130) from None
    return Told({"name": name, "folder": to.resolve()}, said)
