"""Train: choose a model and a preset, start, watch the loss, stop and resume, read the verdict, merge."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.events import Dependency

from core.errors import BadInput
from core.library import Library, Project
from core.steps import queue as queue_step
from core.steps import train
from ui import (
    adapter_card,
    frames_card,
    merge_card,
    preflight_card,
    queue,
    rate_finder,
    run_panel,
    run_room,
    train_file,
    train_form,
    train_from,
    word_times,
)
from ui import view as show
from ui.errors import shown
from ui.form import AS_SENT
from ui.page import Page
from ui.run_panel import Parts, paint
from ui.state import needed, opened, stamp, standing
from ui.texts import say
from ui.texts.retold import retold
from ui.train_form import TrainForm
from ui.train_from import From

TITLE = "Train"
REMEMBERED = "(slug, run, before, ...rest) => [slug, run, voicewright.remembered('run') || '', ...rest]"
"""As `js` of an event: the run that this browser looked at last, also before the page was loaded again."""
QUIET: dict[str, Any] = {"show_progress": "hidden"}


@dataclass(frozen=True)
class Shown:
    """What shows runs: the panel of one, the line of those that wait, and the link to the file of one."""

    parts: Parts
    line: gr.HTML
    file: gr.HTML

    @property
    def drawn(self) -> list[Any]:
        """What `picture` gives values for."""
        return [*self.parts.drawn, self.line, self.file]


def picture(library: Library, project: Project | None, run_id: str) -> list[Any]:
    """The values of `Shown.drawn` for the run that was chosen, else for the newest."""
    values = paint(library, project, run_id)
    chosen = str(values[2])
    return [*values, queue.picture(library) if project else "", train_file.link(library, chosen)]


def build(page: Page, library: Library) -> None:
    """The tab."""
    with gr.Column(elem_classes="vw-tab"):
        empty = gr.HTML(elem_id="train-empty", apply_default_css=False)
        with gr.Column(visible=False, elem_id="train-panel") as panel:
            with gr.Column(elem_classes="vw-card"):
                form = train_form.build()
                upload = train_file.build()
                estimate = gr.HTML(elem_id="train-estimate", apply_default_css=False)
                findings = gr.HTML(elem_id="train-preflight", apply_default_css=False)
                word_times.build(page, library, form)
                also = run_room.also()
                card = preflight_card.build()
                frames_card.build(page, library, form)
                start = gr.Button(say("train.start"), variant="primary", elem_id="train-start")
                finder = rate_finder.build()
            going = train_from.build()
            wire_adapter = adapter_card.build(page, library, form)
            line = queue.build()
            parts = run_panel.layout(library, panel, empty)
            seen = Shown(parts, line, gr.HTML(elem_id="train-own-file", apply_default_css=False))
    settling = [_wire_form(page, library, form, [estimate, findings]),
                train_file.wire(page, library, form, upload)]
    preflight_card.wire(page, library, form, card)
    _wire_start(page, library, form, seen, start, also)
    train_from.wire(page, library, form, going, seen.drawn,
                    lambda project, run_id: picture(library, project, run_id))
    wire_adapter(seen.drawn, lambda project, run_id: picture(library, project, run_id))
    _wire_runs(page, library, seen, going)
    _wire_queue(page, library, seen)
    merge_card.wire(page, library, parts.keep, parts.run, seen.drawn,
                    lambda project, run_id: picture(library, project, run_id))
    _wire_refresh(page, library, form, seen, going)
    settling.append(run_room.wire(page, library, form, parts))
    train_form.watch(page, form, card.drawn, settling)
    rate_finder.wire(page, library, form, finder)


def _wire_form(page: Page, library: Library, form: TrainForm, outputs: list[gr.HTML]) -> Dependency:
    """The estimate follows the form; a preset fills the options; a family shows its own, by the event that is
    returned."""

    @shown
    def look(slug: str, *values: Any) -> list[str]:
        try:
            return list(train_form.forecast(library, opened(library, slug), form.wish(values)))
        except BadInput as error:
            return [show.note(retold(str(error)), "warn"), ""]

    @shown
    def enter(slug: str, *values: Any) -> list[Any]:
        is_filled = bool(values[1])  # a page that was just loaded has no base yet; its coming is a change
        return look(slug, *values) if is_filled else [gr.skip()] * 2

    @shown
    def fill(family: str, preset: str) -> dict[str, Any]:
        return form.preset_values(family, preset)

    @shown
    def choose_family(name: str, base: str | None) -> list[Any]:
        presets = train_form.preset_choices(next(f for f in form.families if f.name == name))
        first = presets[0][1]
        return [train_form.bases_of(library, name, base), gr.update(choices=presets, value=first),
                form.preset_values(name, first)]

    everything = [page.project, *form.all]
    settled = form.family.input(choose_family, [form.family, form.base],
                                [form.base, form.preset, form.options],
                                js=train_form.SETTLING, **AS_SENT)
    form.preset.input(fill, [form.family, form.preset], form.options, **AS_SENT)
    form.edited.change(look, everything, outputs, trigger_mode="always_last", **AS_SENT)
    page.entered.change(enter, everything, outputs, **AS_SENT)
    return settled


def _wire_start(page: Page, library: Library, form: TrainForm, seen: Shown, start: gr.Button,
                also: gr.Dropdown) -> None:
    @shown
    def begin(slug: str, *values: Any) -> list[Any]:
        project = needed(library, slug)
        wish = form.wish(values)
        run = train.start(library, project, wish.family, wish.base, wish.preset, wish.overrides, wish.dataset,
                          wish.device, wish.precision, wish.devices, also=values[len(form.all)])
        behind = next((one.behind for one in queue_step.line(library) if one.card.id == run.id), "")
        gr.Info(say("train.waits" if behind else "train.started"))
        return picture(library, project, run.id)

    given = [page.project, *form.all, also]
    start.click(begin, given, seen.drawn, show_progress_on=start, concurrency_limit=1)


def _wire_runs(page: Page, library: Library, seen: Shown, going: From) -> None:
    """Stop, Resume, and the buttons of the history."""
    parts = seen.parts

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
        return picture(library, project, run_id)

    @shown
    def stop(slug: str, run_id: str) -> list[Any]:
        return do(slug, "stop", run_id)

    @shown
    def resume(slug: str, run_id: str) -> list[Any]:
        return do(slug, "resume", run_id)

    @shown
    def choose(slug: str, event: gr.EventData) -> list[Any]:
        run_id = str(event.run)
        drawn = do(slug, str(event.what), run_id)
        if event.what != "go_on":
            return [*drawn, *[gr.skip()] * (len(going.offered) + 1)]
        offered = train_from.offers(library, needed(library, slug), run_id, None, None)
        return [*drawn, *offered, gr.update(open=True)]

    parts.stop.click(stop, [page.project, parts.run], seen.drawn, **QUIET)
    parts.resume.click(resume, [page.project, parts.run], seen.drawn, **QUIET)
    parts.history.choose(choose, page.project, [*seen.drawn, *going.offered, going.box], **QUIET)


def _wire_queue(page: Page, library: Library, seen: Shown) -> None:
    @shown
    def choose(slug: str, run_id: str, event: gr.EventData) -> list[Any]:
        queue.change(library, str(event.what), str(event.run))
        return picture(library, opened(library, slug), run_id)

    seen.line.choose(choose, [page.project, seen.parts.run], seen.drawn, **QUIET)


def _wire_refresh(page: Page, library: Library, form: TrainForm, seen: Shown, going: From) -> None:
    """Project opened, tab chosen, something new on the disk."""
    run, chosen = seen.parts.run, [form.base, form.dataset]

    @shown
    def refresh(slug: str, run_id: str) -> list[Any]:
        return picture(library, opened(library, slug), run_id)

    @shown
    def enter(slug: str, run_id: str, looked_at: str, family: str, base: str, dataset: str, *before: Any
              ) -> list[Any]:
        project = opened(library, slug)
        offered = train_form.choices(library, project, base, dataset, family)
        return [*refresh(slug, run_id or looked_at), *offered, *train_from.offers(library, project, *before)]

    @shown
    def look(slug: str, run_id: str, before: str) -> list[Any]:
        project = opened(library, slug)
        cards = train.cards(library) if project else []
        now = stamp(library, slug) + standing(cards) + queue.picture(library, cards)
        unchanged = [gr.skip()] * (len(seen.drawn) + 1)
        return unchanged if now == before else [*picture(library, project, run_id), now]

    last = gr.State("")
    looked_at = gr.Textbox(visible="hidden", elem_id="train-remembered")
    page.entered.change(enter, [page.project, run, looked_at, form.family, *chosen, *going.offered],
                        [*seen.drawn, *chosen, form.device, *going.offered], js=REMEMBERED, **QUIET)
    page.tick.tick(look, [page.project, run, last], [*seen.drawn, last], queue=False, **QUIET)
