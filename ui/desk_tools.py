"""What the player of the Review tab asks for: a word's edges, flags, a note, trim, split and join."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gradio as gr

from core.errors import BadInput, Stale
from core.library import Library, Project
from core.steps import cut, flags, trim
from core.steps.word_edges import move_word
from ui.errors import shown
from ui.review_page import Parts, paint
from ui.review_steps import EACH, QUIET, is_typed, save_typed
from ui.seat import Seat, picture
from ui.state import opened
from ui.texts.retold import retold

Asked = dict[str, Any]
Act = Callable[[Library, Project, Asked, str], str | None]
"""(library, project, what the browser asked, who) -> the clip to go to, None to stay."""


def word(lib: Library, project: Project, asked: Asked, who: str) -> None:
    """An edge of a word was moved."""
    move_word(lib, project, asked["clip"], int(asked["index"]), float(asked["start"]), float(asked["end"]),
              asked["version"], who)


def flag(lib: Library, project: Project, asked: Asked, who: str) -> None:
    """A flag was set or taken away."""
    flags.put(lib, project, asked["clip"], str(asked["flag"]), bool(asked["on"]), who)


def note(lib: Library, project: Project, asked: Asked, who: str) -> None:
    """A note was written."""
    flags.note(lib, project, asked["clip"], str(asked["note"]), str(asked["was"]), who)


def cut_off(lib: Library, project: Project, asked: Asked, who: str) -> None:
    """The clip begins or ends elsewhere; says so where that cost the word times."""
    seen = replace(lib.clips.get(asked["clip"]), start=float(asked["from"]), end=float(asked["to"]),
                   transcript_id=asked["version"])
    said = trim.trim(lib, project, seen.id, float(asked["start"]), float(asked["end"]), seen, who)
    if said:
        gr.Info(retold(said))


def split(lib: Library, project: Project, asked: Asked, who: str) -> str:
    """Two clips of one; the page goes to the first."""
    return cut.split(lib, project, asked["clip"], float(asked["at"]), asked["version"], who, asked["cursor"])


def join(lib: Library, project: Project, asked: Asked, who: str) -> str:
    """One clip of this one and the next."""
    return cut.join(lib, project, asked["clip"], asked["version"], who)


ACTS: dict[str, Act] = {"word": word, "flag": flag, "note": note, "trim": cut_off, "split": split,
                        "join": join}
DIVIDES = ("split", "join")
"""What is typed becomes the text first, since it is the text that is divided."""


def wire(library: Library, parts: Parts, base: list[Any]) -> None:
    """Answer the player: do it, tell who came second, and leave alone what is being typed."""

    @shown
    def run(slug: str, who: str, seat: Seat, text: str, event: gr.EventData) -> list[Any]:
        project = opened(library, slug)
        if project is None:
            return [gr.skip()] * len(parts.drawn)
        what, asked = str(event.what), {**event.asked}
        try:
            if what in DIVIDES and asked["clip"] == seat["clip"]:
                save_typed(library, project, seat, who, text)
                asked["version"] = seat["version"]
            seat = {**seat, "clip": ACTS[what](library, project, asked, who) or seat["clip"]}
        except (Stale, BadInput) as error:
            gr.Warning(retold(str(error)))
        return _kept(library, parts, seat, text, paint_at(library, project, seat))

    def paint_at(lib: Library, project: Project, seat: Seat) -> list[Any]:
        return paint(picture(lib, project, seat, stay=True))

    parts.player.desk(run, [*base, parts.edit], parts.drawn, **QUIET, **EACH)


def _kept(lib: Library, parts: Parts, seat: Seat, text: str, values: list[Any]) -> list[Any]:
    """The values without the text field, where something is being typed for the clip that is still shown."""
    if values[0]["clip"] == seat["clip"] and is_typed(lib, seat, text):
        values[parts.drawn.index(parts.edit)] = gr.skip()
        values[parts.drawn.index(parts.player)] |= {"keeps": True}
    return values
