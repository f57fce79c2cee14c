"""The command that freezes a dataset."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.commands.given import Data, library
from core.commands.told import Told
from core.config import DEFAULT_DATA


def dataset(project: str, name: str = "",
            hold_out: Annotated[list[str] | None,
                                typer.Option(help="Takes for the test part, * is any.")] = None,
            split_by: Annotated[str, typer.Option(help="auto, prompt, speaker or recording.")] = "auto",
            seed: int = 1,
            corpus: Annotated[Path | None, typer.Option(help=(
                "A folder of sounds, with their texts or without, as the dataset: where it lies, for models"
                " that learn from sound alone."))] = None,
            export: Annotated[int | None,
                              typer.Option(help="Also write WAV files: 16000 or 24000 Hz.")] = None,
            data: Data = DEFAULT_DATA) -> Told:
    """Freeze the accepted takes, or a corpus, split in three."""
    from core.steps import corpus_dataset
    from core.steps import dataset as step

    lib = library(data)
    chosen = lib.projects.get(project)
    if corpus:
        made = corpus_dataset.make(lib, chosen, corpus, name, seed)
    else:
        made = step.make(lib, chosen, step.options(name=name, hold_out=tuple(hold_out or ()),
                                                   split_by=split_by, seed=seed))
    folder = step.export(lib, chosen, made.dataset.name, export) if export else None
    parts = ", ".join(f"{made.counts[part]['clips']} {part}" for part in ("train", "val", "test"))
    lines = [f"Dataset {made.dataset.name}: {parts}.", *made.notes,
             *([f"Exported to {folder}."] if folder else [])]
    return Told({"name": made.dataset.name, "fingerprint": made.dataset.fingerprint, "counts": made.counts,
                 "notes": made.notes, "export": folder}, "\n".join(lines))
