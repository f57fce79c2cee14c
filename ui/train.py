"""Train: choose a model and a preset, start, watch the loss, stop and resume, read the verdict, merge."""
from __future__ import annotations

from typing import Any

import gradio as gr

from core.errors import BadInput, Refused
from core.library import Library
from core.steps import merge, train
from ui import run_panel, run_room, train_form
from ui import view as show
from ui.errors import shown
from ui.page import Page, is_opened
from ui.run_panel import Parts, paint
from ui.state import needed, opened, stamp, standing
from ui.texts import say
from ui.texts.retold import retold
from ui.train_form import TrainForm

TITLE = "Train"
QUIET: dict[str, Any] = {"show_progress": "hidden"}


def build(page: Page, library: Library) -> None:
    """The tab."""
    with gr.Column(elem_classes="vw-tab"):
        empty = gr.HTML(elem_id="train-empty", apply_default_css=False)
        with gr.Column(visible=False, elem_id="train-panel") as panel:
            with gr.Column(elem_classes="vw-card"):
                form = train_form.build()
                estimate = gr.HTML(elem_id="train-estimate", apply_default_css=False)
                findings = gr.HTML(elem_id="train-preflight", apply_default_css=False)
                also = run_room.also()
                start = gr.Button(say("train.start"), variant="primary", elem_id="train-start")
            parts = run_panel.layout(library, panel, empty)
    _wire_form(page, library, form, [estimate, findings])
    _wire_start(page, library, form, parts, start, also)
    _wire_runs(page, library, parts)
    _wire_merge(page, library, parts)
    _wire_refresh(page, library, form, parts)
    run_room.wire(page, library, form, parts)


def _wire_form(page: Page, library: Library, form: TrainForm, outputs: list[gr.HTML]) -> None:
    """The estimate follows the form; a preset fills the options; a family shows its own."""

    @shown
    def look(slug: str, *values: Any) -> list[str]:
        try:
            return list(train_form.forecast(library, opened(library, slug), form.wish(values)))
        except BadInput as error:
            return [show.note(retold(str(error)), "warn"), ""]

    @shown
    def enter(event: gr.SelectData, slug: str, *values: Any) -> list[Any]:
        return look(slug, *values) if is_opened(TITLE, event) else [gr.skip()] * 2

    @shown
    def fill(family: str, preset: str) -> list[Any]:
        return form.preset_values(family, preset)

    @shown
    def choose_family(name: str) -> list[Any]:
        presets = train_form.preset_choices(next(f for f in form.families if f.name == name))
        groups = [gr.update(visible=family.name == name) for family in form.families]
        first = presets[0][1]
        return [gr.update(choices=presets, value=first), *groups, *form.preset_values(name, first)]

    everything = [page.project, *form.all]
    watched = [form.family, form.base, form.preset, form.dataset, *form.options]
    form.family.input(choose_family, form.family, [form.preset, *form.groups, *form.options], **QUIET)
    form.preset.input(fill, [form.family, form.preset], form.options, **QUIET)
    gr.on([part.change for part in watched], look, everything, outputs, trigger_mode="always_last", **QUIET)
    page.own[TITLE].select(enter, everything, outputs, **QUIET)


def _wire_start(page: Page, library: Library, form: TrainForm, parts: Parts, start: gr.Button,
                also: gr.Dropdown) -> None:
    @shown
    def begin(slug: str, *values: Any) -> list[Any]:
        project = needed(library, slug)
        if any(card.state in ("running", "queued") for card in train.cards(library, project, "train")):
            raise Refused(say("train.busy"))
        wish = form.wish(values)
        run = train.start(library, project, wish.family, wish.base, wish.preset, wish.overrides, wish.dataset,
                          wish.device, wish.precision, *values[len(form.all):])
        gr.Info(say("train.started"))
        return paint(library, project, run.id)

    given = [page.project, *form.all, also]
    start.click(begin, given, parts.drawn, show_progress_on=start, concurrency_limit=1)


def _wire_runs(page: Page, library: Library, parts: Parts) -> None:
    """Stop, Resume, and the buttons of the history."""

    def do(slug: str, what: str, run_id: str) -> list[Any]:
        project = needed(library, slug)
        if run_id not in {card.id for card in train.cards(library, project, "train")}:
            raise BadInput(say("train.other_project"))
        if what == "stop":
            train.stop(library, run_id)
            gr.Info(say("train.stopping"))
        elif what == "resume":
            train.resume(library, run_id)
            gr.Info(say("train.going_on"))
        return paint(library, project, run_id)

    @shown
    def stop(slug: str, run_id: str) -> list[Any]:
        return do(slug, "stop", run_id)

    @shown
    def resume(slug: str, run_id: str) -> list[Any]:
        return do(slug, "resume", run_id)

    @shown
    def choose(slug: str, event: gr.EventData) -> list[Any]:
        return do(slug, str(event.what), str(event.run))

    parts.stop.click(stop, [page.project, parts.run], parts.drawn, **QUIET)
    parts.resume.click(resume, [page.project, parts.run], parts.drawn, **QUIET)
    parts.history.choose(choose, page.project, parts.drawn, **QUIET)


def _wire_merge(page: Page, library: Library, parts: Parts) -> None:
    @shown
    def begin(slug: str, run_id: str, name: str, dtype: str) -> list[Any]:
        project = needed(library, slug)
        merge.start(library, run_id, name.strip(), dtype)
        return paint(library, project, run_id)

    wanted = [page.project, parts.run, parts.name, parts.dtype]
    parts.merge_button.click(begin, wanted, parts.drawn, show_progress_on=parts.merge_button)


def _wire_refresh(page: Page, library: Library, form: TrainForm, parts: Parts) -> None:
    """Project opened, tab chosen, something new on the disk."""

    @shown
    def refresh(slug: str, run_id: str) -> list[Any]:
        return paint(library, opened(library, slug), run_id)

    @shown
    def enter(slug: str, run_id: str, base: str, dataset: str, event: gr.SelectData) -> list[Any]:
        if not is_opened(TITLE, event):
            return [gr.skip()] * (len(parts.drawn) + 2)
        offered = train_form.choices(library, opened(library, slug), base, dataset)
        return [*refresh(slug, run_id), *offered]

    @shown
    def look(slug: str, run_id: str, before: str) -> list[Any]:
        project = opened(library, slug)
        now = stamp(library, slug) + (standing(train.cards(library, project)) if project else "")
        unchanged = [gr.skip()] * (len(parts.drawn) + 1)
        return unchanged if now == before else [*paint(library, project, run_id), now]

    last, run = gr.State(""), parts.run
    chosen = [form.base, form.dataset]
    page.own[TITLE].select(enter, [page.project, run, *chosen], [*parts.drawn, *chosen], **QUIET)
    page.tick.tick(look, [page.project, run, last], [*parts.drawn, last], queue=False, **QUIET)
