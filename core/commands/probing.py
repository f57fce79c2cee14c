"""The command that probes a model's pause heads."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.commands.given import Data, library
from core.commands.told import Tell, Told
from core.config import DEFAULT_DATA
from core.errors import BadInput

if TYPE_CHECKING:
    from core.evaluation.turns import Group, Turns

Audio = Annotated[Path | None, typer.Option(help="A folder of recordings; NAME.txt beside NAME.wav is its "
                                                 "text.")]
Head = Annotated[int, typer.Option(min=0, max=3, help="The head of a pause of 0.5, 1, 2 or 3 s (0 to 3).")]
Threshold = Annotated[float, typer.Option(min=0, max=1, help="Above it a head tells a pause.")]
Hold = Annotated[int, typer.Option(min=1, help="Frames of 80 ms for which it has to stay above.")]


def probe(tell: Tell, model: str, audio: Audio = None,
          project: Annotated[str, typer.Option(help="The test part of its newest dataset.")] = "",
          head: Head = 2, threshold: Threshold = 0.6, hold: Hold = 3, data: Data = DEFAULT_DATA) -> Told:
    """Whether a model's pause heads cut callers off; of a training run, base against tuned."""
    from core.evaluation.turns import Rule
    from core.steps import probe as step

    if (audio is None) == (not project):
        raise BadInput("Name either recordings (--audio FOLDER) or a project (--project NAME).")
    lib, rule = library(data), Rule(head=head, threshold=threshold, hold=hold)
    sounds = step.in_folder(audio) if audio else step.of_project(lib, project)
    found = step.probe(lib, model, sounds, tell)
    judged = found.table(rule)
    utterances = [{"model": name, **asdict(each)}
                  for name, rows in zip(found.names, found.utterances(rule), strict=True) for each in rows]
    return Told({**asdict(judged), "models": found.names, "utterances": utterances},
                "\n".join([*_lines(judged, utterances), judged.sentence]))


def _lines(judged: Turns, utterances: list[dict[str, Any]]) -> Iterator[str]:
    """The table: a line a group and model, and one for each utterance that is cut off."""
    yield f"{'':24}{'utterances':>12}{'cut off':>10}{'early ends':>12}{'ended':>8}"
    for title, group in (("numbers", judged.numbers), ("ordinary speech", judged.ordinary)):
        yield from _group(title, group)
    for each in utterances:
        if each["early"]:
            times = ", ".join(f"{time:.2f}" for time in each["early"])
            yield f"{each['model']}: {each['id']} is cut off at {times} s"


def _group(title: str, group: Group | None) -> Iterator[str]:
    if group is None:
        return
    for name, told in (("base", group.base), ("tuned" if group.base else "", group.tuned)):
        if told:
            said = f"{title}, {name}" if name else title
            yield f"{said:24}{told.n:>12}{told.cut:>10}{told.ends:>12}{told.ended:>8}"
