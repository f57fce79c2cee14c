"""Spot-check: clips one by one, heard with their words and judged by key, and what a random sample proves."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from core.errors import BadInput, Stale
from core.library import Library
from ui import check_steps, check_table, figures, going, measuring, samples, second, thresholds
from ui.check_page import Parts, paint, proof
from ui.check_seat import NEW, Seat, looking_at, next_unmarked, picture, seen_as
from ui.check_steps import ACTS, Act
from ui.errors import shown
from ui.look import keys_of
from ui.page import Page
from ui.player import player
from ui.state import opened, stamp
from ui.texts import say
from ui.texts.retold import retold

TITLE = "Spot-check"
QUIET: dict[str, Any] = {"show_progress": "hidden", "concurrency_id": "spot-check", "concurrency_limit": 1}
CLICKS = """element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button || button.disabled) return;
  if (button.dataset.sort) trigger('sort', {sort: button.dataset.sort});
  else if (button.dataset.view) trigger('look', {view: button.dataset.view});
  else if (button.dataset.place) trigger('pick', {place: Number(button.dataset.place)});
});"""


# --- the page

def build(page: Page, library: Library) -> None:
    """The tab."""
    with gr.Column(elem_classes="vw-tab"):
        parts = _layout()
        with gr.Column(visible="hidden", elem_id="spot-check-more") as more:
            chart = figures.build()
            limits = thresholds.build()
        samples.build(page, library)
    base = [page.project, page.who, parts.seat]
    for name, (do, step) in ACTS.items():
        parts.buttons[name].click(_act(library, parts, do, step), [*base, parts.edit], parts.drawn, **QUIET)
    save = _act(library, parts, *ACTS["save"])
    parts.edit.submit(save, [*base, parts.edit], parts.drawn, **QUIET)
    parts.player.desk(_desk(library, parts), base, parts.drawn, **QUIET, trigger_mode="multiple")
    _wire_review(page, library, parts, base)
    _wire_choices(library, parts, base)
    _wire_refresh(page, library, parts, base, more)
    _wire_only(page, library, parts, base)
    figures.wire(page, library, chart, parts, QUIET)
    thresholds.wire(page, library, limits, parts, QUIET)
    second.build(page, library)


def _act(library: Library, parts: Parts, do: Act, step: int) -> Callable[..., list[Any]]:
    """The handler of a button; where somebody else was faster, their sentence, and the clip as it is now."""

    @shown
    def run(slug: str, who: str, seat: Seat, text: str) -> list[Any]:
        project, places = opened(library, slug), step
        if project is None or not seat["clip"]:
            return [gr.skip()] * len(parts.drawn)
        try:
            clip = do(library, project, seat, who, text)
            seat, places = ({**seat, "clip": clip}, 0) if clip else (seat, step)
        except Stale as error:
            gr.Warning(retold(str(error)))
            places = 0
        return paint(library, project, seat, places)

    return run


def _desk(library: Library, parts: Parts) -> Callable[..., list[Any]]:
    """An edge of a word was moved: that is a fix, too."""

    @shown
    def run(slug: str, who: str, seat: Seat, event: gr.EventData) -> list[Any]:
        project = opened(library, slug)
        if project is None or event.what != "word":
            return [gr.skip()] * len(parts.drawn)
        try:
            check_steps.word(library, project, event.asked, who)
        except (Stale, BadInput) as error:
            gr.Warning(retold(str(error)))
        return paint(library, project, seat)

    return run


def _wire_review(page: Page, library: Library, parts: Parts, base: list[Any]) -> None:
    """The clip on the Review desk, with all its tools; there a button leads back."""

    @shown
    def leave(slug: str, who: str, seat: Seat, text: str) -> list[Any]:
        project = opened(library, slug)
        if project is None or not seat["clip"]:
            return [gr.skip()] * (len(parts.drawn) + 1)
        check_steps.to_mend(library, project, seat, who, text)
        return [*paint(library, project, seat), going.to("Review", clip=seat["clip"], back=TITLE)]

    parts.buttons["on-review"].click(leave, [*base, parts.edit], [*parts.drawn, page.goto], **QUIET)


def _wire_choices(library: Library, parts: Parts, base: list[Any]) -> None:
    """A button shows a set of clips, a head sorts (twice: the other way round), a name chooses; a sample is
    drawn."""

    @shown
    def look(slug: str, who: str, seat: Seat, event: gr.EventData) -> list[Any]:
        project = opened(library, slug)
        seat = seen_as(seat, str(event.view))
        step = next_unmarked(picture(library, project, seat)) if project else 0
        return paint(library, project, seat, step)

    @shown
    def sort(slug: str, who: str, seat: Seat, event: gr.EventData) -> list[Any]:
        name = str(event.sort)
        down = name == seat["sort"] and not seat["down"]
        seat = {**seat, "sort": name, "down": down, "clip": "", "place": 0}
        return paint(library, opened(library, slug), seat)

    @shown
    def pick(slug: str, who: str, seat: Seat, event: gr.EventData) -> list[Any]:
        return paint(library, opened(library, slug), {**seat, "clip": "", "place": int(event.place)})

    @shown
    def draw(slug: str, who: str, seat: Seat, n: float | None) -> list[Any]:
        project = opened(library, slug)
        if project:
            made = check_steps.draw(library, project, int(n or 0), who)
            gr.Info(say("check.drawn", n=len(made.clips), total=made.n_total), duration=5)
        return paint(library, project, seen_as(seat, "sample"))

    parts.views.look(look, base, parts.drawn, **QUIET)
    parts.table.sort(sort, base, parts.drawn, **QUIET)
    parts.table.pick(pick, base, parts.drawn, **QUIET)
    for event in (parts.draw.click, parts.n.submit):
        event(draw, [*base, parts.n], parts.drawn, **QUIET)


def _wire_refresh(page: Page, library: Library, parts: Parts, base: list[Any], more: gr.Column) -> None:
    """Tab chosen, and what other pages change; nothing is read while another tab is open."""

    @shown
    def enter(slug: str, who: str, seat: Seat) -> list[Any]:
        project = opened(library, slug)
        if project:
            measuring.later(library, project)
        step = 0
        if project and not seat["clip"]:
            step = next_unmarked(picture(library, project, seat))
        values = paint(library, project, seat, step)
        if values[0]["clip"] and all(values[0][name] == seat.get(name) for name in ("clip", "version")):
            values[parts.drawn.index(parts.edit)] = gr.skip()  # somebody may be typing there already
        return [*values, gr.update(visible=True if values[2]["visible"] is True else "hidden")]

    @shown
    def look(slug: str, seat: Seat, before: str) -> list[Any]:
        project = opened(library, slug)
        if project is None or (now := stamp(library, slug)) == before:
            return [gr.skip()] * 3
        seen = picture(library, project, seat)
        return [check_table.views(seen), proof(library, project, seen), now]

    last = gr.State("")
    page.entered.change(enter, base, [*parts.drawn, more], **QUIET)
    page.tick.tick(look, [page.project, parts.seat, last], [parts.views, parts.proof, last], queue=False,
                   **QUIET)


def _wire_only(page: Page, library: Library, parts: Parts, base: list[Any]) -> None:
    """Another tab asks for certain clips."""

    def answer(asked: going.Asked, slug: str, who: str, seat: Seat) -> list[Any]:
        if "only" in asked:
            seat = looking_at(seat, dict(asked["only"]), str(asked["label"]))
        return paint(library, opened(library, slug), seat)

    going.arrive(page, TITLE, answer, base, parts.drawn, **QUIET)


def _layout() -> Parts:
    made: dict[str, Any] = {"seat": gr.State({**NEW}), "empty": gr.HTML(elem_id="spot-check-empty",
                                                                        apply_default_css=False)}
    with gr.Column(visible="hidden", elem_id="spot-check-panel") as made["panel"]:
        with gr.Row(elem_classes="vw-toolbar"):
            made["views"] = gr.HTML(js_on_load=CLICKS, elem_id="spot-check-views", apply_default_css=False)
            with gr.Row(elem_classes="vw-draw", equal_height=True):
                made["n"] = gr.Number(30, precision=0, minimum=1, label=say("check.n"), scale=0,
                                      min_width=110, elem_id="spot-check-n")
                made["draw"] = gr.Button(say("check.draw"), scale=0, min_width=190,
                                         elem_id="spot-check-draw")
        made["proof"] = gr.HTML(elem_id="spot-check-proof", apply_default_css=False)
        with gr.Column(visible="hidden", elem_id="spot-check-one") as made["one"]:
            with gr.Column(elem_classes="vw-card"):
                made["player"] = player(TITLE, "spot-check-player", "spot-check-edit")
                made["detail"] = gr.HTML(elem_id="spot-check-detail", apply_default_css=False)
            made["edit"], made["buttons"] = _buttons()
            gr.HTML(keys_of(TITLE), apply_default_css=False)
        made["table"] = gr.HTML(js_on_load=CLICKS, elem_id="spot-check-table", apply_default_css=False)
    return Parts(**made)


def _buttons() -> tuple[gr.Textbox, dict[str, gr.Button]]:
    with gr.Row(elem_classes="vw-edit"):
        edit = gr.Textbox(label=say("spot.fix"), lines=1, max_lines=6, scale=6, autoscroll=False,
                          elem_id="spot-check-edit")
        fix = {"save": gr.Button(say("spot.save_fix"), elem_id="spot-check-save", scale=0, min_width=130),
               "on-review": gr.Button(say("spot.on_review"), elem_id="spot-check-on-review", scale=0,
                                      min_width=220)}
    with gr.Row(elem_classes="vw-decide"):
        return edit, {
            "prev": gr.Button(say("review.previous"), elem_id="spot-check-prev", min_width=110),
            "wrong": gr.Button(say("spot.wrong"), elem_id="spot-check-wrong", min_width=100),
            "skip": gr.Button(say("spot.skip"), elem_id="spot-check-skip", min_width=90), **fix,
            "undo": gr.Button(say("review.undo"), elem_id="spot-check-undo", min_width=90),
            "right": gr.Button(say("spot.right"), variant="primary", elem_id="spot-check-right",
                               min_width=150, scale=2),
            "next": gr.Button(say("review.next"), elem_id="spot-check-next", min_width=110)}
