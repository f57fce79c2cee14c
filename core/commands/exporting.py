"""The commands that hand clips on: exports, and labels that are edited elsewhere and come back."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core.commands.given import Data, library
from core.commands.told import Tell, Told
from core.config import DEFAULT_DATA
from core.errors import BadInput

EVERY = 100
Form = Annotated[str, typer.Option("--format", help="audiofolder, nemo, moshi, ljspeech, textgrid, audacity, "
                                                    "srt, vtt, kaldi, lhotse, common_voice or chatml.")]
Labels = Annotated[str, typer.Option("--format", help="textgrid, audacity, srt or vtt (export).")]
Out = Annotated[Path | None, typer.Option(help="Default: a folder below exports/ of the project.")]


def export(tell: Tell, project: str, form: Form,
           what: Annotated[str, typer.Option(help="accepted, all (but the rejected), dataset.")] = "accepted",
           name: Annotated[str | None, typer.Option(help="Which dataset; default: the newest.")] = None,
           out: Out = None, rate: Annotated[int, typer.Option(help="16000 or 24000 Hz.")] = 16000,
           data: Data = DEFAULT_DATA) -> Told:
    """Write clips in a format of the field; cut off, the same command goes on from there."""
    from core.steps import export as step

    lib = library(data)
    chosen = lib.projects.get(project)
    done = step.export(lib, chosen, form, what, name, out, rate, ticker(tell, "clips"))
    for sentence in done.left_out:
        tell(sentence)
    return Told(asdict(done), f"{done.n_clips} clips exported to {done.folder}.")


def ticker(tell: Tell, things: str) -> Callable[[int, int], None]:
    """Tells now and then how many of how many are done."""

    def tick(done: int, of: int) -> None:
        if done and done % EVERY == 0:
            tell(f"{done:,} of {of:,} {things} ...")

    return tick


def labels(tell: Tell, action: Annotated[str, typer.Argument(help="export, preview or apply.")], project: str,
           files: Annotated[list[Path] | None, typer.Argument(help="Edited files, or their folder.")] = None,
           form: Labels = "textgrid", out: Out = None,
           leave_changed: Annotated[bool, typer.Option(help="Clips that changed here meanwhile stay as they "
                                                            "are here.")] = False,
           data: Data = DEFAULT_DATA) -> Told:
    """Labels for Praat, Audacity or a subtitle editor; their edits are shown, then taken in."""
    from core.steps import annotation_edits as edits
    from core.steps import annotations as step

    lib = library(data)
    chosen = lib.projects.get(project)
    if action == "export":
        sent = step.export(lib, chosen, form, out, ticker(tell, "sounds"))
        return Told(asdict(sent), f"{sent.n_clips} labels in {sent.n_files} files, with their sounds: "
                                  f"{sent.folder}. Edit them, then: app.py annotations preview {project} "
                                  f"{sent.folder}")
    if action not in ("preview", "apply"):
        raise BadInput(f"“{action}” is nothing that can be done with labels; write export, preview or apply.")
    found = edits.preview(lib, chosen, files or [])
    if action == "apply":
        edits.apply(lib, chosen, files or [], found.mark, "command", leave_changed)
    lines = [f"{line.name}: {line.field} “{line.before}” -> “{line.after}”" for line in found.lines]
    late = [f"{name}: changed here as well since the export" for name in found.stale]
    end = f"{len(found.lines)} changes {'done' if action == 'apply' else 'would be done'}."
    value = {"changes": [asdict(line) for line in found.lines], "changed_here": found.stale,
             "files": found.n_files, "mark": found.mark}
    return Told(value, "\n".join([*lines, *late, end]), code=int(bool(late) and action == "preview"))
