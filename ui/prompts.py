"""Prompts, on the Project tab: the script page by page, with search, edit, order, add, and undo."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.errors import Stale
from core.library import Library, Project
from core.steps import prompts
from ui import covering, generating, script_tools
from ui import script_table as table
from ui import view as show
from ui.errors import shown
from ui.look import static
from ui.page import Follow, Page
from ui.script_table import NEW, Seat
from ui.state import needed, opened, stamp
from ui.texts import say
from ui.texts.retold import retold

QUIET: dict[str, Any] = {"show_progress": "hidden"}
END = 1_000_000_000
"""A first row beyond every script: the last page."""
FORMATS = ("txt", "csv", "tsv", "json")


@dataclass(frozen=True)
class Parts:
    """The components that show the script."""

    panel: gr.Column
    seat: gr.State
    summary: gr.HTML
    table: gr.HTML
    files: gr.HTML
    seen: gr.State

    @property
    def drawn(self) -> list[Any]:
        """What `paint` gives values for."""
        return [self.panel, self.seat, *self.watched]

    @property
    def watched(self) -> list[Any]:
        """What the timer may redraw: not the seat, which a person may be changing at that moment."""
        return [self.summary, self.table, self.files, self.seen]


def paint(lib: Library, project: Project | None, seat: Seat) -> list[Any]:
    """The values of `Parts.drawn`."""
    if project is None:
        return [gr.update(visible=False), {**NEW}, "", "", "", ""]
    if seat.get("project") != project.slug:
        seat = {**NEW, "project": project.slug}
    mark = stamp(lib, project.slug)  # before the read: what comes in between is drawn at the next tick
    found = prompts.listing(lib, project)
    seat = table.settled(seat, len(table.fitting(found, seat)))
    links = downloads(project) if found else ""
    listed = table.listing(found, seat)
    return [gr.update(visible=True), seat, table.summary(found), listed, links, seen_of(mark, seat)]


def seen_of(mark: str, seat: Seat) -> str:
    """What a list was drawn from: the library and the seat."""
    return f"{mark} {seat}"


def downloads(project: Project) -> str:
    """Links to the script as a file."""
    titles = {ending: show.words(f"prompts.as.{ending}") for ending in FORMATS}
    made = [f'<a href="script/{project.slug}.{ending}" download>{title}</a>'
            for ending, title in titles.items()]
    said = show.words("prompts.save")
    return f'<p class="vw-links">{said} {" · ".join(made)}</p>'


# --- what a press on the list does

def _edit(lib: Library, project: Project, who: str, seat: Seat, given: Any) -> Seat:
    prompts.edit(lib, project, given.prompt, given.value, given.was, who, although_recorded=True)
    return {**seat, "editing": 0}


def _move(lib: Library, project: Project, who: str, seat: Seat, given: Any) -> Seat:
    """Past the neighbour that is shown: with a filter that can be several places away."""
    places = table.fitting(prompts.listing(lib, project), seat)
    at = next((i for i, (_, prompt) in enumerate(places) if prompt.id == given.prompt), None)
    to = {"up": (at or 0) - 1, "down": (at or 0) + 1, "top": 0}[given.what]
    if at is not None and 0 <= to < len(places):
        prompts.move(lib, project, given.prompt, 1 if given.what == "top" else places[to][0], who)
    return {**seat, "first": to // table.PAGE_ROWS * table.PAGE_ROWS}


def _must(lib: Library, project: Project, who: str, seat: Seat, given: Any) -> Seat:
    is_must = any(prompt.id == given.prompt and prompt.must for prompt in prompts.listing(lib, project))
    prompts.mark_must(lib, project, [given.prompt], not is_must, who)
    return seat


def _delete(lib: Library, project: Project, who: str, seat: Seat, given: Any) -> Seat:
    prompts.delete(lib, project, [given.prompt], who)
    gr.Info(say("prompts.deleted"), duration=4)
    return seat


def _skip(lib: Library, project: Project, who: str, seat: Seat, given: Any) -> Seat:
    prompts.skip(lib, project, [given.prompt], given.value, who)
    return {**seat, "editing": 0}


def _unskip(lib: Library, project: Project, who: str, seat: Seat, given: Any) -> Seat:
    prompts.unskip(lib, project, [given.prompt], who)
    return {**seat, "editing": 0}


Act = Callable[[Library, Project, str, Seat, Any], Seat]
ACTS: dict[str, Act] = {"save": _edit, "up": _move, "down": _move, "top": _move, "must": _must,
                        "delete": _delete, "skip": _skip, "unskip": _unskip}


def turned(seat: Seat, given: Any) -> Seat:
    """The seat after a press that changes nothing but what is shown."""
    if given.what == "edit":
        return {**seat, "editing": int(given.prompt)}
    if given.what == "page":
        return {**seat, "first": int(given.value), "editing": 0}
    if given.what == "filter":
        more = {"which": given.value} if given.value else {"which": "all", "search": ""}
        return {**seat, **more, "first": 0, "editing": 0}
    return {**seat, "editing": 0}


# --- the page

def build(page: Page, library: Library) -> None:
    """The section below the projects."""
    with gr.Column(visible=False, elem_classes="vw-tab", elem_id="prompts") as panel:
        gr.HTML(show.heading(say("project.prompts")), apply_default_css=False)
        summary = gr.HTML(elem_id="prompts-summary", apply_default_css=False)
        with gr.Row(equal_height=True, elem_classes="vw-toolbar"):
            search = gr.Textbox("", label=say("prompts.search"), show_label=False, max_lines=1,
                                placeholder=say("prompts.search_hint"), elem_id="prompts-search",
                                container=False)
            undo = gr.Button(say("prompts.undo"), elem_id="project-undo", scale=0, min_width=190)
        listed = gr.HTML(js_on_load=static("prompts.js"), elem_id="prompts-list", apply_default_css=False)
        parts = Parts(panel, gr.State({**NEW}), summary, listed, gr.HTML(render=False), gr.State(""))
        follow = _follower(page, library, parts, search)
        script_tools.adding(page, library, follow)
        script_tools.from_file(page, library, follow)
        generating.build(page, library, follow)
        covering.build(page, library, follow)
        script_tools.tidying(page, library, follow)
        parts.files.render()
    follow(undo.click(_undo(library), [page.project, page.who], **QUIET), False)
    _wire_list(page, library, parts, search)
    _wire_refresh(page, library, parts, search)


def _undo(library: Library) -> Callable[[str, str], None]:
    @shown
    def undo(slug: str, who: str) -> None:
        gr.Info(retold(prompts.undo(library, needed(library, slug), who)), duration=4)

    return undo


def _follower(page: Page, library: Library, parts: Parts, search: gr.Textbox) -> Follow:
    """What draws the list again after something was done to the script, at its end where that grew."""

    def follow(event: Any, to_end: bool) -> None:
        @shown
        def again(slug: str, seat: Seat) -> list[Any]:
            at_end = {"which": "all", "search": "", "first": END} if to_end else {}
            values = paint(library, opened(library, slug), {**seat, **at_end, "editing": 0})
            return ["" if to_end else gr.skip(), *values]

        event.success(again, [page.project, parts.seat], [search, *parts.drawn], **QUIET)

    return follow


def _wire_list(page: Page, library: Library, parts: Parts, search: gr.Textbox) -> None:
    """What is pressed in the list, and what is searched for."""

    @shown
    def choose(slug: str, who: str, seat: Seat, event: gr.EventData) -> list[Any]:
        project, act = needed(library, slug), ACTS.get(event.what)
        try:
            seat = act(library, project, who, seat, event) if act else turned(seat, event)
        except Stale as error:  # somebody else was faster: their state is drawn
            gr.Warning(retold(str(error)))
        return ["" if (event.what, event.value) == ("filter", "") else gr.skip(),
                *paint(library, project, seat)]

    @shown
    def find(slug: str, seat: Seat, words: str) -> list[Any]:
        if words == seat["search"]:  # the field was emptied by the page, which has drawn the list already
            return [gr.skip()] * len(parts.drawn)
        return paint(library, opened(library, slug), {**seat, "search": words, "first": 0, "editing": 0})

    given, one = [page.project, page.who, parts.seat], {"concurrency_id": "prompts", "concurrency_limit": 1}
    parts.table.choose(choose, given, [search, *parts.drawn], trigger_mode="multiple", **one, **QUIET)
    search.change(find, [page.project, parts.seat, search], parts.drawn, trigger_mode="always_last", **QUIET)


def _wire_refresh(page: Page, library: Library, parts: Parts, search: gr.Textbox) -> None:
    """Project opened, tab chosen, and what other pages change."""

    @shown
    def enter(slug: str, seat: Seat) -> list[Any]:
        is_other = seat["project"] != slug
        return ["" if is_other else gr.skip(), *paint(library, opened(library, slug), seat)]

    @shown
    def look(slug: str, seat: Seat, before: str) -> list[Any]:
        """Nothing is drawn over what is being typed."""
        now = seen_of(stamp(library, slug), seat)
        if seat["editing"] or seat["project"] != slug or now == before:
            return [gr.skip()] * len(parts.watched)
        return [*paint(library, opened(library, slug), seat)[2:-1], now]

    page.showing.change(enter, [page.project, parts.seat], [search, *parts.drawn], **QUIET)
    page.tick.tick(look, [page.project, parts.seat, parts.seen], parts.watched, queue=False, **QUIET)
