"""What the Spot-check tab shows of one seat: the values of its components."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.library import Library, Project
from core.steps import spot_check
from ui import check_table
from ui import view as show
from ui.check_seat import NEW, Picture, Seat, picture
from ui.player import clip_value
from ui.texts import say
from ui.texts.retold import retold


@dataclass(frozen=True)
class Parts:
    """The components of the tab."""

    seat: gr.State
    empty: gr.HTML
    panel: gr.Column
    views: gr.HTML
    n: gr.Number
    draw: gr.Button
    proof: gr.HTML
    one: gr.Column
    player: gr.HTML
    detail: gr.HTML
    edit: gr.Textbox
    table: gr.HTML
    buttons: dict[str, gr.Button]

    @property
    def drawn(self) -> list[Any]:
        """What `paint` gives values for."""
        return [self.seat, self.empty, self.panel, self.views, self.proof, self.one, self.player, self.detail,
                self.edit, self.table]


def paint(lib: Library, project: Project | None, seat: Seat, step: int = 0) -> list[Any]:
    """The values of `Parts.drawn` for a seat, `step` places on."""
    if project is None:
        return [{**NEW}, show.project_missing(), gr.update(visible="hidden"), *[""] * 2,
                gr.update(visible="hidden"), {}, *[""] * 3]
    seen = picture(lib, project, seat, step)
    if not seen.n_all:
        return [seen.seat, show.note(say("spot.no_takes")), gr.update(visible="hidden"), *[""] * 2,
                gr.update(visible="hidden"), {}, *[""] * 3]
    head = [seen.seat, "", gr.update(visible=True), check_table.views(seen), proof(lib, project, seen)]
    if seen.view is None:
        return [*head, gr.update(visible="hidden"), {}, "", "", show.note(say("check.nothing_left"))]
    return [*head, gr.update(visible=True), clip_value(seen.view, seen.following, seen.times),
            check_table.detail(seen), seen.view.text or "", check_table.listing(seen)]


def proof(lib: Library, project: Project, seen: Picture) -> str:
    """What the marks of the drawn sample prove; without one, that marks alone prove nothing."""
    if seen.drawn and seen.standing:
        return check_table.proof_of(seen.drawn, seen.standing, seen.seat["view"] == "sample")
    return show.note(f"{retold(spot_check.proof(lib, project))} {say('check.draw_first')}")
