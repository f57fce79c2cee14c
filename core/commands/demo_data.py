"""The command that makes something to try the app with."""
from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core.commands.exporting import ticker
from core.commands.told import Tell, Told


def demo_data(tell: Tell, folder: Annotated[Path, typer.Argument(help="A new folder.")]) -> Told:
    """Make takes of two voices (espeak-ng) with their texts as ChatML, for models that learn to speak."""
    from core.steps import demo_data as step

    made = step.make(folder, ticker(tell, "takes"))
    consent = " ".join(f"--agreed {name}" for name in made.speakers)
    told = (f"{made.n_takes} takes of {' and '.join(made.speakers)} in {folder}. Go on with:",
            f"  app.py check {folder}",
            "  app.py new voices",
            f"  app.py import voices {folder} --accept",
            f"  app.py speakers voices --consent {folder / step.CONSENT} {consent}")
    return Told({**asdict(made), "folder": str(made.folder)}, "\n".join(told))
