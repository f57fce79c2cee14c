"""What hangs on the run that is shown: the run that a reload brings back, notes, advice that fills the form,
and where else events go."""
from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.events import Dependency

from core.errors import BadInput
from core.library import Library
from core.runs import followers, notes
from core.steps import train, train_request
from core.steps.train_request import Request
from ui import run_notes, runs_compare, train_file
from ui.errors import shown
from ui.page import Page
from ui.run_panel import Parts, paint
from ui.state import needed, opened
from ui.texts import say
from ui.train_form import SETTLING, TrainForm

TO_FORM = """() => setTimeout(() => {
  document.querySelector('#train-advanced button.label-wrap:not(.open)')?.click();
  document.querySelector('#train-panel')?.scrollIntoView({block: 'start'});
}, 200)"""
QUIET: dict[str, Any] = {"show_progress": "hidden"}


def also() -> gr.Dropdown:
    """Where events go beside the run folder."""
    with gr.Accordion(say("room.also"), open=False, elem_id="train-also-fold"):
        places = [(say("room.also_nowhere"), ""),
                  *((followers.TITLES[name], name) for name in followers.PACKAGES)]
        return gr.Dropdown(places, value="", label=say("room.also"), info=say("room.also_info"),
                           elem_id="train-also")


def wire(page: Page, library: Library, form: TrainForm, parts: Parts) -> Dependency:
    """All of it; returned is the event by which a piece of advice fills the form."""
    _wire_notes(page, library, parts)
    runs_compare.wire(page, library, parts.compare)
    return _wire_again(page, library, form, parts)


def _wire_again(page: Page, library: Library, form: TrainForm, parts: Parts) -> Dependency:
    @shown
    def again(slug: str, event: gr.EventData) -> list[Any]:
        project, change = needed(library, slug), dict(event.change)
        cards = {card.id: card for card in train.cards(library, project, "train")}
        if change.get("run") not in cards:
            raise BadInput(say("train.other_project"))
        options = dict(change["options"])
        said = ", ".join(f"{name} = {value:g}" for name, value in options.items())
        gr.Info(say("room.filled", options=said))
        asked = Request({}, options).over(train_request.of_run(cards[change["run"]].run))
        return train_file.filled(library, project, form, asked)

    settling = parts.advice.again(again, page.project, train_file.inputs(form), js=SETTLING, **QUIET)
    settling.then(None, None, None, js=TO_FORM)
    return settling


def _wire_notes(page: Page, library: Library, parts: Parts) -> None:
    fields = parts.notes

    @shown
    def look(slug: str, run_id: str) -> list[Any]:
        return run_notes.of_run(library, opened(library, slug), run_id)

    @shown
    def enter(slug: str, run_id: str, note: str, tags: str) -> list[Any]:
        # a field that is not on the page yet may miss what it is given; what was typed stays
        if note or tags:
            return [gr.skip()] * len(fields.shown)
        return look(slug, run_id)

    @shown
    def again(slug: str, event: gr.EventData) -> list[Any]:
        if event.what != "show":
            return [gr.skip()] * len(fields.shown)
        return look(slug, str(event.run))

    @shown
    def save(slug: str, who: str, run_id: str, note: str, tags: str, version: int) -> list[Any]:
        project = needed(library, slug)
        card = next((card for card in train.cards(library, project, "train") if card.id == run_id), None)
        if card is None:
            raise BadInput(say("train.other_project"))
        notes.write(card.run, note, tags, version, who)
        gr.Info(say("room.note_saved"))
        return [*look(slug, run_id), *paint(library, project, run_id)]

    parts.run.change(look, [page.project, parts.run], fields.shown, **QUIET)
    seen = [page.project, parts.run, fields.note, fields.tags]
    page.entered.change(enter, seen, fields.shown, **QUIET)
    parts.history.choose(again, page.project, fields.shown, **QUIET)
    given = [page.project, page.who, parts.run, *fields.shown]
    fields.save.click(save, given, [*fields.shown, *parts.drawn], **QUIET)
