"""What the command for prompts does to single ones, named by their ids as its list shows them.

It brings the steps with it, so the command imports it when it runs.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

from core.errors import BadInput, NotFound
from core.library import Library, Project, Prompt
from core.steps import prompts as step

WHO = "command"
Given = Sequence[str] | None
Ids = Sequence[int] | None
Towards = Callable[[int], int]
"""From the place where a prompt stands to the one that it is to have."""
TOWARDS: dict[str, Towards] = {"up": lambda at: at - 1, "down": lambda at: at + 1, "top": lambda at: 1}


@dataclass(frozen=True)
class Deed:
    """What is done to several prompts at once, and how that is said of one and of several."""

    do: Callable[[Library, Project, Sequence[int]], None]
    one: str
    several: str


# By the option; the last is the one after which the others would find nothing.
DEEDS: dict[str, Deed] = {
    "must": Deed(partial(step.mark_must, must=True, who=WHO), "is a must now", "are musts now"),
    "no_must": Deed(partial(step.mark_must, must=False, who=WHO), "is no must any more",
                    "are no musts any more"),
    "unskip": Deed(partial(step.unskip, who=WHO), "is asked for again", "are asked for again"),
    "delete": Deed(partial(step.delete, who=WHO), "is deleted", "are deleted"),
}


@dataclass(frozen=True)
class Edits:
    """What single prompts get, each option as often as it was given: ID=TEXT, ID=PLACE, ID=REASON, or ids."""

    edit: Given = None
    must: Ids = None
    no_must: Ids = None
    skip: Given = None
    unskip: Ids = None
    move: Given = None
    delete: Ids = None
    although_recorded: bool = False


def edited(lib: Library, project: Project, edits: Edits) -> Iterator[str]:
    """Do all of `edits`, each option a thing that can be undone, and say of each what it did.

    Raises, before the first is done, BadInput for what names no prompt or no place, and NotFound for an id
    that is not there; then what the steps raise, when some may be done.
    """
    texts, reasons = _pairs("edit", "TEXT", edits.edit), _pairs("skip", "REASON", edits.skip)
    moves = [(prompt_id, _towards(place)) for prompt_id, place in _pairs("move", "PLACE", edits.move)]
    listed = [(ids, deed) for name, deed in DEEDS.items() if (ids := getattr(edits, name))]
    _check(lib, project, [*(each for each, _ in (*texts, *reasons, *moves)), *chain(*(i for i, _ in listed))])
    for prompt_id, text in texts:
        yield _rewrite(lib, project, prompt_id, text, edits.although_recorded)
    for prompt_id, reason in reasons:
        step.skip(lib, project, [prompt_id], reason, WHO)
        yield f"Prompt {prompt_id} is skipped ({' '.join(reason.split())})."
    for prompt_id, towards in moves:
        yield _move(lib, project, prompt_id, towards)
    for ids, deed in listed:
        deed.do(lib, project, ids)
        yield _said(ids, deed.one, deed.several)


def _pairs(option: str, what: str, given: Given) -> list[tuple[int, str]]:
    """What `--option ID=WHAT` says, each time it is given."""
    found = [(re.fullmatch(r"\s*(\d{1,18})=(.*)", each, re.DOTALL), each) for each in given or ()]
    for pair, each in found:
        if pair is None:
            raise BadInput(f"“{each}” does not say which prompt gets what; write --{option} ID={what}.")
    return [(int(pair[1]), pair[2]) for pair, _ in found if pair]


def _towards(place: str) -> Towards:
    name = place.strip().lower()
    if re.fullmatch(r"\d{1,9}", name):
        return lambda at: int(name)
    if name not in TOWARDS:
        raise BadInput(f"“{place}” is no place in the list; give --move ID=PLACE a number from 1, or "
                       f"{', '.join(TOWARDS)}.")
    return TOWARDS[name]


def _check(lib: Library, project: Project, ids: Sequence[int]) -> None:
    there = {prompt.id for prompt in step.listing(lib, project)} if ids else set()
    if missing := [prompt_id for prompt_id in ids if prompt_id not in there]:
        raise NotFound(f"There is no prompt {missing[0]} in the project “{project.name}”: `app.py "
                       f"prompts {project.slug}` lists their ids.")


def _rewrite(lib: Library, project: Project, prompt_id: int, text: str, although_recorded: bool) -> str:
    before = _places(lib, project)[prompt_id][1].text
    step.edit(lib, project, prompt_id, text, before, WHO, although_recorded)
    return f"Prompt {prompt_id} reads “{_places(lib, project)[prompt_id][1].text}” now."


def _move(lib: Library, project: Project, prompt_id: int, towards: Towards) -> str:
    to = towards(_places(lib, project)[prompt_id][0])
    step.move(lib, project, prompt_id, to, WHO)
    return f"Prompt {prompt_id} stands at place {to} now."


def _places(lib: Library, project: Project) -> dict[int, tuple[int, Prompt]]:
    """Each prompt with its place in the list, counted from 1, by its id."""
    return {prompt.id: (place, prompt) for place, prompt in enumerate(step.listing(lib, project), 1)}


def _said(ids: Sequence[int], one: str, several: str) -> str:
    named = list(dict.fromkeys(map(str, ids)))
    if len(named) == 1:
        return f"Prompt {named[0]} {one}."
    return f"Prompts {', '.join(named[:-1])} and {named[-1]} {several}."
