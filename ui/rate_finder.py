"""Find a learning rate on the Train tab: a short sweep in the background, its curve, and a button that takes
what it suggests into the form."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.library import Library, Project
from core.runs.listing import RunCard
from core.steps import find_rate, train
from core.steps.find_rate import Point
from ui import view as show
from ui.errors import shown
from ui.page import Page
from ui.plot import plot
from ui.state import needed, opened
from ui.texts import figure, language, say
from ui.train_form import TrainForm

KIND = "find-rate"
WORKING = ("running", "queued")
QUIET: dict[str, Any] = {"show_progress": "hidden"}


@dataclass(frozen=True)
class Finder:
    """The buttons, the sweep in words, and its curve."""

    start: gr.Button
    stop: gr.Button
    take: gr.Button
    state: gr.HTML
    curve: gr.HTML

    @property
    def drawn(self) -> list[Any]:
        """What `picture` gives values for."""
        return [self.state, self.curve, self.stop, self.take]


def build() -> Finder:
    """The fold, in the surrounding Blocks."""
    with gr.Accordion(say("rate.title"), open=False, elem_id="train-rate"):
        gr.HTML(f"<p>{show.words('rate.info')}</p>", apply_default_css=False)
        with gr.Row():
            start = gr.Button(say("rate.start"), elem_id="rate-start", scale=0, min_width=230)
            stop = gr.Button(say("run.do.stop"), visible=False, elem_id="rate-stop", scale=0, min_width=110)
            take = gr.Button(say("rate.take"), visible=False, variant="primary", elem_id="rate-take", scale=0,
                             min_width=230)
        state = gr.HTML(elem_id="rate-state", apply_default_css=False)
        curve = plot("rate-plot", say("rate.plot"), height=260)
    return Finder(start, stop, take, state, curve)


def newest(library: Library, project: Project | None) -> RunCard | None:
    """The newest sweep of a project."""
    return next(iter(train.cards(library, project, KIND)), None) if project else None


def picture(card: RunCard | None) -> list[Any]:
    """The values of `Finder.drawn`."""
    if card is None:
        return ["", gr.update(value={}, visible=False), gr.update(visible=False), gr.update(visible=False)]
    points, rate = find_rate.found(card.run)
    told = show.failure(card, []) if card.state in ("failed", "lost") else show.progress(card)
    curve = {"figure": drawing(points, rate)} if points else {}
    return [told, gr.update(value=curve, visible=bool(points)),
            gr.update(visible=card.state in WORKING),
            gr.update(visible=rate is not None,
                      value=say("rate.take_this", rate=figure(f"{rate:.1e}", language())) if rate else "")]


def drawing(points: Sequence[Point], rate: float | None) -> dict[str, Any]:
    """The losses over the rates, on a logarithmic axis, with what is suggested as an upright line."""
    x = [point.rate for point in points]
    raw = {"type": "scatter", "mode": "markers", "name": say("room.curve.loss"), "x": x,
           "y": [point.loss for point in points], "marker": {"size": 4}, "opacity": 0.5}
    smooth = {"type": "scatter", "mode": "lines", "name": say("room.curve.smoothed"), "x": x,
              "y": [point.smoothed for point in points]}
    mark = {"type": "line", "x0": rate, "x1": rate, "yref": "paper", "y0": 0, "y1": 1,
            "line": {"dash": "dot", "width": 2, "color": "#c2410c"}}
    layout = {"xaxis": {"title": {"text": say("rate.across")}, "type": "log"},
              "yaxis": {"title": {"text": say("room.curve.loss")}}, "showlegend": True,
              "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
              "shapes": [mark] if rate else []}
    return {"data": [raw, smooth], "layout": layout}


def wire(page: Page, library: Library, form: TrainForm, finder: Finder) -> None:
    """Start, stop, take over; the timer draws a sweep that goes on."""

    @shown
    def begin(slug: str, *values: Any) -> list[Any]:
        project, wish = needed(library, slug), form.wish(values)
        find_rate.start(library, project, wish.family, wish.base, wish.preset, wish.overrides, wish.dataset,
                        wish.device, wish.precision)
        return picture(newest(library, project))

    @shown
    def stop(slug: str) -> list[Any]:
        card = newest(library, needed(library, slug))
        if card and card.state in WORKING:
            train.stop(library, card.id)
        return picture(card)

    @shown
    def take(slug: str, family: str, options: dict[str, Any]) -> Any:
        card = newest(library, needed(library, slug))
        rate = find_rate.found(card.run)[1] if card else None
        return form.given(family, options, "lr", rate) if rate else gr.skip()

    @shown
    def look(slug: str, before: str) -> list[Any]:
        card = newest(library, opened(library, slug))
        now = f"{slug} {card.id} {card.state} {card.at}" if card else slug
        return [*([gr.skip()] * len(finder.drawn)), before] if now == before else [*picture(card), now]

    last, everything = gr.State(""), [page.project, *form.all]
    finder.start.click(begin, everything, finder.drawn, show_progress_on=finder.start, concurrency_limit=1)
    finder.stop.click(stop, page.project, finder.drawn, **QUIET)
    finder.take.click(take, [page.project, form.family, form.options], form.options, **QUIET)
    page.tick.tick(look, [page.project, last], [*finder.drawn, last], queue=False, **QUIET)
