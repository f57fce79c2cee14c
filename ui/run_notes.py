"""A note and tags on a run: the fields that write them, and how they look in the lists of runs."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.library import Library, Project
from core.run_dir import RunDir
from core.runs import listing, notes
from core.runs.listing import RunCard
from ui import view as show
from ui.texts import say

LONGEST_LINE = 200


@dataclass(frozen=True)
class NoteParts:
    """The fields, and the version that they show."""

    note: gr.Textbox
    tags: gr.Textbox
    save: gr.Button
    version: gr.State

    @property
    def shown(self) -> list[Any]:
        """What `of_run` gives values for."""
        return [self.note, self.tags, self.version]


def layout() -> NoteParts:
    """The fields, in the surrounding Blocks."""
    with gr.Row(equal_height=False):
        note = gr.Textbox(label=say("room.note"), lines=1, max_lines=6, elem_id="run-note", scale=3,
                          placeholder=say("room.note_hint"))
        tags = gr.Textbox(label=say("room.tags"), max_lines=1, elem_id="run-tags", scale=2,
                          placeholder=say("room.tags_hint"))
        save = gr.Button(say("room.note_save"), elem_id="run-note-save", scale=0, min_width=110)
    return NoteParts(note, tags, save, gr.State(0))


def of_run(library: Library, project: Project | None, run_id: str) -> list[Any]:
    """Values of `NoteParts.shown`; empty ones for a run that is not of the project."""
    run = _find(library, project, run_id)
    found = notes.of_run(run) if run else notes.Notes()
    return [found.note, ", ".join(found.tags), found.version]


def _find(library: Library, project: Project | None, run_id: str) -> RunDir | None:
    cards = listing.runs(library.root, project.slug) if project and run_id else []
    return next((card.run for card in cards if card.id == run_id), None)


def tags_of(run: RunDir) -> str:
    """The tags of a run as small labels."""
    return "".join(f'<span class="vw-tag" data-tag="{show.text_of(tag)}">{show.text_of(tag)}</span>'
                   for tag in notes.of_run(run).tags)


def line(run: RunDir) -> str:
    """Tags and the beginning of the note, for a row of a list; nothing for none."""
    said = notes.of_run(run).note
    short = said if len(said) <= LONGEST_LINE else said[:LONGEST_LINE] + "…"
    note = f'<div class="vw-note-line">{show.text_of(short)}</div>' if short else ""
    tags = tags_of(run)
    return (f"<div>{tags}</div>" if tags else "") + note


def tag_filter(cards: Sequence[RunCard]) -> str:
    """A button for each tag that a run has; pressed, it hides the runs without it (static/history.js)."""
    tags = sorted({tag for card in cards for tag in notes.of_run(card.run).tags}, key=str.casefold)
    if not tags:
        return ""
    first = f'<button type="button" data-only="" aria-pressed="true">{show.words("room.all_tags")}</button>'
    made = "".join(f'<button type="button" data-only="{show.text_of(tag)}" aria-pressed="false">'
                   f"{show.text_of(tag)}</button>" for tag in tags)
    return f'<div class="vw-filters" role="group" aria-label="{show.words("room.tags")}">{first}{made}</div>'
