"""What several commands are given: the data folder, a device, files, and settings as name=value."""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.config import DataRoot
from core.errors import BadInput

if TYPE_CHECKING:
    from core.library import Library

Data = Annotated[Path, typer.Option("--data", help="Data folder: library, recordings, runs.")]
Device = Annotated[str, typer.Option(help="auto, cpu, mps or cuda:N.")]


def library(data: Path) -> Library:
    """The library of a data folder, with all results taken in."""
    from core.library import Library
    from core.steps.ingest import ingest

    lib = Library(DataRoot(data.resolve()))
    ingest(lib)
    return lib


def bytes_of(path: Path) -> bytes:
    """What a file holds. Raises BadInput for one that is not there."""
    if not path.is_file():
        raise BadInput(f"{path} does not exist; check the path.")
    return path.read_bytes()


def settings(pairs: Sequence[str]) -> dict[str, str]:
    """What `--set name=value` says, each time it is given. Raises BadInput for one without a value."""
    parts = [pair.partition("=") for pair in pairs]
    if bad := [name for name, sign, _ in parts if not sign]:
        raise BadInput(f"“{bad[0]}” is no setting; write --set name=value.")
    return {name: value for name, _, value in parts}
