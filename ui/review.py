"""Review: one clip at a time, heard and read beside its prompt, decided with one key; all can be undone."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from core.errors import Stale
from core.library import Library
from core.steps import convert, ingest
from ui import aligning, bulk, desk_tools, finding, going
from ui.errors import shown
from ui.look import keys_of, static
from ui.page import Page
from ui.player import player
from ui.review_page import CLEAR, Parts, glance, paint
from ui.review_steps import EACH, QUIET, STEPS, Step, save, save_typed, undo
from ui.seat import NEW, Seat, picture
from ui.state import opened, stamp
from ui.texts import say
from ui.texts.retold import retold
from ui.transcription import transcription

TITLE = "Review"
NEWS = f'<div class="vw-news" role="status" data-tab="{TITLE}"></div>'
CHOOSE = """element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-filter]');
  if (button) trigger('choose', {which: button.dataset.filter});
});"""
READING = """element.addEventListener('change', (event) => {
  const select = event.target.closest('select[data-index]');
  if (select) trigger('reading', {index: Number(select.dataset.index), name: select.value});
});"""


# --- the page

def build(page: Page, library: Library) -> None:
    """The tab."""
    with gr.Column(elem_classes="vw-tab"):
        parts = _layout(page, library)
    base = [page.project, page.who, parts.seat]
    for name, step in STEPS.items():
        parts.buttons[name].click(_act(library, parts, step), [*base, parts.edit], parts.drawn, **QUIET)
    parts.edit.submit(_act(library, parts, save), [*base, parts.edit], parts.drawn, **QUIET)
    desk_tools.wire(library, parts, base)
    bulk.wire(library, parts, base)
    _wire_choices(library, parts, base)
    _wire_batch(library, parts, base)
    _wire_refresh(page, library, parts, base)
    _wire_arrival(page, library, parts, base)


def _act(library: Library, parts: Parts, step: Step) -> Callable[..., list[Any]]:
    """The handler of a button; where somebody else was faster, their sentence, and the clip as it is now."""

    @shown
    def run(slug: str, who: str, seat: Seat, text: str) -> list[Any]:
        project = opened(library, slug)
        if project is None or not seat["clip"]:
            return [gr.skip()] * len(parts.drawn)
        try:
            places = step(library, project, seat, who, text)
        except Stale as error:
            gr.Warning(retold(str(error)))
            places = 0
        return paint(picture(library, project, seat, places, stay=places == 0))

    return run


def _wire_choices(library: Library, parts: Parts, base: list[Any]) -> None:
    """Filters, search and readings."""

    def elsewhere(slug: str, who: str, seat: Seat, text: str, given: dict[str, Any]) -> list[Any]:
        project = opened(library, slug)
        if project and seat["clip"]:
            save_typed(library, project, seat, who, text)
        return paint(picture(library, project, finding.asked(seat, given)))

    @shown
    def filter_by(slug: str, who: str, seat: Seat, text: str, event: gr.EventData) -> list[Any]:
        which = str(event.which)
        given = {"query": "", "flag": "", "speaker": ""} if which == CLEAR else {"which": which}
        return elsewhere(slug, who, seat, text, given)

    @shown
    def find(slug: str, who: str, seat: Seat, text: str, event: gr.EventData) -> list[Any]:
        return elsewhere(slug, who, seat, text, event.asked)

    @shown
    def read_as(slug: str, who: str, seat: Seat, event: gr.EventData) -> list[Any]:
        project = opened(library, slug)
        try:
            if project:
                convert.choose_reading(library, project, seat["clip"], int(event.index), str(event.name),
                                       seat["version"], who)
                aligning.later(library, project, seat["clip"])
        except Stale as error:
            gr.Warning(retold(str(error)))
        return paint(picture(library, project, seat, stay=True))

    for part in (parts.filters, parts.empty):
        part.choose(filter_by, [*base, parts.edit], parts.drawn, **QUIET)
    parts.find.find(find, [*base, parts.edit], parts.drawn, **QUIET)
    parts.text.reading(read_as, base, parts.drawn, **QUIET)


def _wire_batch(library: Library, parts: Parts, base: list[Any]) -> None:
    """Accept all that match, and undo."""

    @shown
    def take_back(slug: str, who: str, seat: Seat) -> list[Any]:
        project = opened(library, slug)
        seat = undo(library, project, seat, who) if project else seat
        return paint(picture(library, project, seat, stay=True))

    @shown
    def accept_matching(slug: str, who: str, seat: Seat, text: str) -> list[Any]:
        project = opened(library, slug)
        if project:
            if seat["clip"]:
                save_typed(library, project, seat, who, text)
            n = convert.accept_matching(library, project, who)
            gr.Info(say("review.accepted", n=n))
        return paint(picture(library, project, seat))

    parts.buttons["undo"].click(take_back, base, parts.drawn, **QUIET, **EACH)
    parts.matching.click(accept_matching, [*base, parts.edit], parts.drawn, **QUIET)


def _wire_refresh(page: Page, library: Library, parts: Parts, base: list[Any]) -> None:
    """Project opened, tab chosen, something new on the disk."""

    @shown
    def refresh(slug: str, who: str, seat: Seat) -> list[Any]:
        project = opened(library, slug)
        if project:
            ingest.ingest(library, project)
        return paint(picture(library, project, seat))

    @shown
    def renew(slug: str, who: str, seat: Seat) -> list[Any]:
        values = refresh(slug, who, seat)
        if all(values[0][name] == seat.get(name) for name in ("project", "clip", "version")):
            values[parts.drawn.index(parts.edit)] = gr.skip()  # somebody may be typing there already
        return values

    @shown
    def look(slug: str, seat: Seat, before: str) -> list[Any]:
        project = opened(library, slug)
        if project is None or (now := stamp(library, slug)) == before:
            return [gr.skip()] * (len(parts.watched) + 1)
        ingest.ingest(library, project)
        return [*glance(picture(library, project, seat, stay=True)), now]

    last = gr.State("")
    page.entered.change(renew, base, parts.drawn, queue=False, **QUIET)  # before what other tabs draw
    parts.news.reload(renew, base, parts.drawn, **QUIET)
    page.tick.tick(look, [page.project, parts.seat, last], [*parts.watched, last], queue=False, **QUIET)


def _wire_arrival(page: Page, library: Library, parts: Parts, base: list[Any]) -> None:
    """Another tab sends a clip to be mended; a button leads back there."""

    def answer(asked: going.Asked, slug: str, who: str, seat: Seat) -> list[Any]:
        seat = {**NEW, "project": slug, "which": "all", "clip": str(asked["clip"])}
        shown_back = gr.update(visible=bool(asked.get("back")))
        return [*paint(picture(library, opened(library, slug), seat, stay=True)), asked.get("back", ""),
                shown_back]

    def leave(tab: str) -> list[Any]:
        return [going.to(tab), gr.update(visible=False)]

    came_from = gr.State("")
    going.arrive(page, TITLE, answer, base, [*parts.drawn, came_from, parts.back], **QUIET)
    parts.back.click(leave, came_from, [page.goto, parts.back], **QUIET)


def _layout(page: Page, library: Library) -> Parts:
    made: dict[str, Any] = {"seat": gr.BrowserState({**NEW}, storage_key="voicewright-review",
                                                    secret="voicewright")}
    made["back"] = gr.Button(say("review.back"), visible=False, elem_id="review-back-to", size="md")
    with gr.Row(elem_classes="vw-toolbar"):
        made["filters"] = gr.HTML(js_on_load=CHOOSE, elem_id="review-filter", apply_default_css=False)
        made["matching"] = gr.Button(say("review.accept_matching"), visible=False, scale=0, min_width=330,
                                     elem_id="review-accept-matching")
        undo_button = gr.Button(say("review.undo"), elem_id="review-undo", scale=0, min_width=110)
    with gr.Row(elem_classes="vw-toolbar"):
        made["find"] = finding.finder()
        made["bulk"] = bulk.dialog()
    transcription(page, library)
    made["empty"] = gr.HTML(js_on_load=CHOOSE, elem_id="review-empty", apply_default_css=False)
    made["news"] = gr.HTML(value={}, html_template=NEWS, js_on_load=static("news.js"), elem_id="review-news",
                           apply_default_css=False)
    with gr.Column(visible="hidden", elem_id="review-panel") as made["panel"]:
        made["head"] = gr.HTML(elem_id="review-head", apply_default_css=False)
        made["player"] = player(TITLE, "review-player", "review-edit", has_tools=True)
        with gr.Row(equal_height=True, elem_classes="vw-panes"):
            made["prompt"] = gr.HTML(elem_id="review-prompt", apply_default_css=False)
            made["text"] = gr.HTML(js_on_load=READING, elem_id="review-text", apply_default_css=False)
        made["heard"] = gr.HTML(elem_id="review-heard", apply_default_css=False)
        with gr.Row(elem_classes="vw-edit"):
            made["edit"] = gr.Textbox(
                label=say("review.edit"),
                lines=1, max_lines=6, scale=6, autoscroll=False, elem_id="review-edit")
            save_button = gr.Button(say("review.save"), elem_id="review-save", scale=0, min_width=90)
        made["buttons"] = {"save": save_button, "undo": undo_button, **_buttons()}
        gr.HTML(keys_of(TITLE), apply_default_css=False)
    return Parts(**made)


def _buttons() -> dict[str, gr.Button]:
    with gr.Row(elem_classes="vw-decide"):
        return {"prev": gr.Button(say("review.previous"), elem_id="review-prev", min_width=110),
                "reject": gr.Button(say("review.reject"), elem_id="review-reject", min_width=110),
                "use-prompt": gr.Button(say("review.use_prompt"), elem_id="review-use-prompt", min_width=140),
                "accept": gr.Button(say("review.accept"), variant="primary", elem_id="review-accept",
                                    min_width=190, scale=2),
                "next": gr.Button(say("review.next"), elem_id="review-next", min_width=110)}
