"""The commands that judge a tuned model anew: on fresh prompts, and blindly by ear."""
from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.commands.given import Data, library, settings
from core.commands.told import Tell, Told
from core.config import DEFAULT_DATA

if TYPE_CHECKING:
    from core.steps.blind import Hidden

WHO = "command"
Make = Annotated[int | None, typer.Option("--make", metavar="N", help="Make N prompts with new numbers.")]
Judge = Annotated[bool, typer.Option("--judge", help="Give the verdict on the recorded ones.")]
Answers = Annotated[list[str] | None, typer.Option("--answer", metavar="ID=left|right|same|wrong",
                                                   help="Which of two texts was better.")]


def fresh(tell: Tell, project: str, run: str, make: Make = None, judge: Judge = False,
          data: Data = DEFAULT_DATA) -> Told:
    """A fresh test of a training run: new prompts with new numbers, recorded and judged."""
    from core.steps import fresh as step
    from core.steps import story
    from core.steps.verdict import of_run

    lib = library(data)
    chosen = lib.projects.get(project)
    if make is not None:
        for prompt in step.make(lib, chosen, run, make, WHO):
            tell(prompt.text)
    if judge:
        judged = story.finished(step.judge(lib, chosen, run), tell)
        if shown := of_run(judged):
            said = shown.closer.plain if shown.closer else ""
            return Told({"run": judged.id, "sentence": shown.verdict.sentence, "plain": said},
                        f"{said}\n{shown.verdict.sentence}")
    now = step.standing(lib, chosen, run)
    lines = [f"{unsure.prompt}: {unsure.why}" for unsure in now.unsure]
    return Told({"run": now.run, "prompts": [prompt.text for prompt in now.prompts],
                 "recorded": now.n_recorded, "unsure": [asdict(unsure) for unsure in now.unsure]},
                "\n".join([now.sentence, *lines]))


def blind(one: str, other: str, audio: Annotated[list[Path] | None, typer.Argument()] = None,
          answer: Answers = None,
          keep: Annotated[bool, typer.Option(help="Keep a copy of the sounds.")] = False,
          undo: Annotated[bool, typer.Option("--undo", help="Take back your last answer.")] = False,
          reveal: Annotated[bool, typer.Option("--reveal", help="Show which was better, and the p.")] = False,
          data: Data = DEFAULT_DATA) -> Told:
    """Compare two models blindly: their texts in a hidden order, and which of the two is better."""
    from core.steps import blind as step

    lib = library(data)
    for trial, chosen in settings(answer or []).items():
        step.answer(lib, trial, chosen, WHO)
    if undo:
        step.undo(lib, WHO)
    for path in audio or []:
        step.ask(lib, one, other, path, WHO, keep)
    if reveal:
        tally = step.reveal(lib, one, other, WHO)
        return Told({**asdict(tally), "sentence": tally.sentence}, tally.sentence)
    waiting = step.waiting(lib, one, other, WHO)
    return Told([asdict(each) for each in waiting],
                "\n".join(map(_texts, waiting)) or "No comparison waits for an answer.")


def _texts(hidden: Hidden) -> str:
    return f"{hidden.id}  {hidden.name}\n  left:  {hidden.left}\n  right: {hidden.right}"
