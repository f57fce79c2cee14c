"""The commands for what was said: transcribe it, turn its numbers into words, accept what fits."""
from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer

from core.commands.given import Data, Device, library
from core.commands.told import Tell, Told
from core.config import DEFAULT_DATA

Heard = Annotated[str, typer.Option(help="starter, a Whisper size, a run or a folder; for one language of an "
                                         "MMS model MODEL:LANGUAGE, such as facebook/mms-1b-all:smo.")]


def transcribe(tell: Tell, project: str, model: Heard = "starter", device: Device = "auto",
               precision: str = "auto",
               again: Annotated[bool, typer.Option(help="Also takes that were transcribed before.")] = False,
               data: Data = DEFAULT_DATA) -> Told:
    """Transcribe takes; numbers become words by themselves, as a new version."""
    from core.steps import story
    from core.steps import transcribe as step
    from core.steps.ingest import ingest

    lib = library(data)
    chosen = lib.projects.get(project)
    run = step.start(lib, chosen, model, device, precision, again)
    story.finished(run, tell)
    n = ingest(lib, chosen)
    return Told({"run": run.id, "transcribed": n}, f"{n} takes transcribed.")


def words(tell: Tell, project: str,
          model: Annotated[str, typer.Option(help="A CTC model's folder, or FOLDER:LANGUAGE (default: the "
                                                   "project's own).")] = "",
          device: Device = "auto",
          again: Annotated[bool, typer.Option(help="Also where the words have their times.")] = False,
          data: Data = DEFAULT_DATA) -> Told:
    """Find when each word of the takes is spoken, and by the sound how their numbers were."""
    from core.steps import align as step
    from core.steps import story
    from core.steps.ingest import ingest

    lib = library(data)
    chosen = lib.projects.get(project)
    run = step.start(lib, chosen, model, device, again)
    story.finished(run, tell)
    ingest(lib, chosen)
    engines = Counter(found.engine for found in lib.word_times.of_project(chosen.id).values())
    lines = [f"{engine}: {n} takes" for engine, n in engines.most_common()]
    return Told({"run": run.id, "engines": dict(engines)}, "\n".join(["Word times by", *lines]))


def convert(project: str, dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show.")] = False,
            again: Annotated[bool, typer.Option("--again", help="Anew from what was written, by the rules of "
                                                                "today.")] = False,
            data: Data = DEFAULT_DATA) -> Told:
    """Turn the numbers of all transcripts into words, and check that none is left."""
    from core.steps import convert as step

    lib = library(data)
    chosen = lib.projects.get(project)
    made = step.convert_all(lib, chosen, "command", dry_run, again)
    left = [] if dry_run else step.unclean(lib, chosen)
    lines = [f"{c.name}: {c.before} -> {c.after}" for c in made]
    lines += [f"{name}: still holds {', '.join(what)}" for name, what in left]
    lines.append(f"{len(made)} transcripts {'would be ' if dry_run else ''}converted.")
    return Told({"converted": [asdict(c) for c in made], "unclean": left}, "\n".join(lines),
                code=1 if left else 0)


def accept(project: str, data: Data = DEFAULT_DATA) -> str:
    """Accept all takes whose text says their prompt."""
    from core.steps.convert import accept_matching

    lib = library(data)
    return f"{accept_matching(lib, lib.projects.get(project), 'command')} takes accepted."
