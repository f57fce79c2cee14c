"""Speak: a text in a speaker's voice, by one model or two side by side, heard, measured, judged blindly."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.errors import BadInput
from core.library import Library, Project
from core.runs.listing import RunCard
from core.runs.start import resume, stop
from core.steps import speak, speech
from ui import said_card, speak_form
from ui import view as show
from ui.errors import shown
from ui.form import AS_SENT
from ui.look import static
from ui.page import Page
from ui.speak_form import SpeakForm
from ui.state import needed, opened, stamp, standing
from ui.texts import say

TITLE = "Speak"
QUIET: dict[str, Any] = {"show_progress": "hidden"}
HIDDEN: dict[str, Any] = gr.update(visible=False)
KEEP = "(text) => { voicewright.remember('speak', text || ''); }"
DRAFT = "(text) => text || voicewright.remembered('speak') || ''"
"""A text that was typed outlives a reload of the page."""


@dataclass(frozen=True)
class Parts:
    """What shows runs; `run` is the id of the one that is shown ("": the newest)."""

    empty: gr.HTML
    panel: gr.Column
    run: gr.State
    state: gr.HTML
    cancel: gr.Button
    resume: gr.Button
    said: gr.HTML
    history: gr.HTML

    @property
    def drawn(self) -> list[Any]:
        """What `picture` gives values for."""
        return [self.empty, self.panel, self.run, self.state, self.cancel, self.resume, self.said,
                self.history]


def build(page: Page, library: Library) -> None:
    """The tab."""
    with gr.Column(elem_classes="vw-tab"):
        empty = gr.HTML(elem_id="speak-empty", apply_default_css=False)
        with gr.Column(visible=False, elem_id="speak-panel") as panel:
            with gr.Column(elem_classes="vw-card"):
                gr.HTML(show.heading(say("speak.title")), apply_default_css=False)
                form = speak_form.layout()
            parts = _layout(empty, panel)
    last = gr.State("")
    _wire_form(page, library, form)
    _wire_start(page, library, form, parts)
    _wire_runs(page, library, parts)
    _wire_refresh(page, library, form, parts, last)


def _layout(empty: gr.HTML, panel: gr.Column) -> Parts:
    made: dict[str, Any] = {"empty": empty, "panel": panel, "run": gr.State("")}
    with gr.Row(elem_classes="vw-toolbar"):
        made["state"] = gr.HTML(elem_id="speak-state", apply_default_css=False)
        made["cancel"] = gr.Button(say("speak.cancel"), visible=False, elem_id="speak-cancel", scale=0,
                                   min_width=110)
        made["resume"] = gr.Button(say("speak.resume"), variant="primary", visible=False,
                                   elem_id="speak-resume", scale=0, min_width=110)
    made["said"] = gr.HTML(value={}, html_template='<div class="vw-said"></div>', elem_id="speak-said-card",
                           js_on_load=static("said.js"), apply_default_css=False)
    made["history"] = gr.HTML(js_on_load=static("history.js"), elem_id="speak-runs", apply_default_css=False)
    return Parts(**made)


def picture(library: Library, project: Project | None, run_id: str) -> list[Any]:
    """The values of `Parts.drawn` for the run that was chosen, else for the newest."""
    if project is None:
        return [show.project_missing(), HIDDEN, run_id, "", HIDDEN, HIDDEN, {}, ""]
    found = speak.cards(library, project)
    why = "" if speak.models(library) else nothing_speaks(library)
    if why and not found:
        return [why, HIDDEN, "", "", HIDDEN, HIDDEN, {}, ""]
    card = next((one for one in found if one.id == run_id), found[0] if found else None)
    is_working = card is not None and card.state in ("running", "queued")
    can_resume = card is not None and card.state in ("stopped", "failed", "lost")
    return [why, gr.update(visible=True), card.id if card else "", said_card.state(card),
            gr.update(visible=is_working), gr.update(visible=can_resume), said_card.value(library, card),
            said_card.history(found, card.id if card else "")]


def nothing_speaks(library: Library) -> str:
    """What to put where, while no model here speaks."""
    place = library.root.models / "bosonai" / "higgs-audio-v2-generation-3B-base"
    lines = [show.words("speak.empty.what"), show.words("speak.empty.put", place=place),
             show.words("speak.empty.codec", place=place / "codec"), show.words("speak.family.higgs"),
             show.words("speak.licence.higgs")]
    return f'<div class="vw-empty-state vw-left">{"".join(f"<p>{line}</p>" for line in lines)}</div>'


def _wire_form(page: Page, library: Library, form: SpeakForm) -> None:
    """Another model offers its base; another speaker their takes; another take its reasons."""

    @shown
    def choose_model(model: str | None, beside: str | None) -> list[Any]:
        return speak_form.of_model(library, speak.models(library), model, beside)

    @shown
    def choose_who(slug: str, who: str | None, take: str | None) -> list[Any]:
        return speak_form.of_voice(library, needed(library, slug), who or speak_form.FREE, take)

    form.model.input(choose_model, [form.model, form.beside], form.of_model, **AS_SENT)
    form.beside.input(lambda beside: gr.update(visible=bool(beside)), form.beside, form.blind, queue=False,
                      **QUIET)
    given = [page.project, form.who, form.take]
    form.who.input(choose_who, given, form.of_voice, **AS_SENT)
    form.take.input(choose_who, given, form.of_voice, **AS_SENT)
    form.text.change(None, form.text, None, js=KEEP)


def _wire_start(page: Page, library: Library, form: SpeakForm, parts: Parts) -> None:
    @shown
    def begin(slug: str, *values: Any) -> list[Any]:
        project = needed(library, slug)
        run = speak.start(library, project, speak_form.wish(values))
        return picture(library, project, run.id)

    form.start.click(begin, [page.project, *form.inputs], parts.drawn, show_progress_on=form.start,
                     concurrency_limit=1)


def _wire_runs(page: Page, library: Library, parts: Parts) -> None:
    """Cancel, Resume, another run, and answers of a blind comparison."""

    def chosen(slug: str, run_id: str) -> tuple[Project, RunCard]:
        project = needed(library, slug)
        return project, speak.card_of(speak.cards(library, project), run_id)

    @shown
    def cancel(slug: str, run_id: str) -> list[Any]:
        project, card = chosen(slug, run_id)
        stop(card.run)
        gr.Info(say("job.stopping"))
        return picture(library, project, run_id)

    @shown
    def go_on(slug: str, run_id: str) -> list[Any]:
        project, card = chosen(slug, run_id)
        resume(card.run)
        return picture(library, project, run_id)

    @shown
    def choose(slug: str, event: gr.EventData) -> list[Any]:
        project, card = chosen(slug, str(event.run))
        return picture(library, project, card.id)

    @shown
    def answer(slug: str, who: str, run_id: str, event: gr.EventData) -> list[Any]:
        project, card = chosen(slug, run_id)
        if event.run != run_id:  # it was pressed while another run came
            raise BadInput(say("speak.other_run"))
        if event.what == "reveal":
            speech.reveal(library, card.run, who)
        else:
            speech.vote(card.run, int(event.sentence), str(event.answer), who)
        return picture(library, project, run_id)

    seen = [page.project, parts.run]
    parts.cancel.click(cancel, seen, parts.drawn, **QUIET)
    parts.resume.click(go_on, seen, parts.drawn, **QUIET)
    parts.history.choose(choose, page.project, parts.drawn, **QUIET)
    parts.said.answer(answer, [page.project, page.who, parts.run], parts.drawn, **QUIET)


def _wire_refresh(page: Page, library: Library, form: SpeakForm, parts: Parts, last: gr.State) -> None:
    """Tab chosen, project opened, something new on the disk; the timer leaves alone what can be chosen."""
    outputs = [*parts.drawn, form.model, *form.of_model, form.who, *form.of_voice]
    given = [page.project, parts.run, form.model, form.beside, form.who, form.take]

    @shown
    def offer(slug: str, run_id: str, *chosen: str | None) -> list[Any]:
        project = opened(library, slug)
        drawn = picture(library, project, run_id)
        if project is None:
            return [*drawn, *[gr.skip()] * (len(outputs) - len(drawn))]
        model, beside, who, take = chosen
        return [*drawn, *speak_form.of_models(library, project, model, beside),
                *speak_form.of_speakers(library, project, who, take)]

    @shown
    def look(slug: str, run_id: str, before: str) -> list[Any]:
        project = opened(library, slug)
        now = stamp(library, slug) + (standing(speak.cards(library, project)) if project else "")
        if now == before:
            return [gr.skip()] * (len(parts.drawn) + 1)
        return [*picture(library, project, run_id), now]

    page.entered.change(offer, given, outputs, **QUIET).then(None, form.text, form.text, js=DRAFT)
    page.tick.tick(look, [page.project, parts.run, last], [*parts.drawn, last], queue=False, **QUIET)
