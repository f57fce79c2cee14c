"""Spot-check: takes one by one with their figures, marked by key, and what the checked sample proves."""
from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.errors import Stale
from core.library import Library, Project
from core.steps import review, spot_check
from core.steps.spot_check import CheckRow
from ui import second
from ui import view as show
from ui.check_table import RANDOM, detail, listing
from ui.errors import shown
from ui.look import keys_of
from ui.page import Page, is_opened
from ui.player import clip_value, player
from ui.plot import histogram, plot
from ui.state import opened, stamp
from ui.texts import say
from ui.texts.retold import retold

TITLE = "Spot-check"
Seat = dict[str, Any]
NEW: Seat = {"project": "", "sort": RANDOM, "down": False, "clip": "", "place": 0, "mark": ""}
QUIET: dict[str, Any] = {"show_progress": "hidden", "concurrency_id": "spot-check", "concurrency_limit": 1}
CLICKS = """element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button || button.disabled) return;
  if (button.dataset.sort) trigger('sort', {sort: button.dataset.sort});
  else if (button.dataset.place) trigger('pick', {place: Number(button.dataset.place)});
});"""
Act = Callable[[Project, Seat, str], None]


def ordered(lib: Library, project: Project, sort: str, down: bool) -> list[CheckRow]:
    """All clips in order. "random" is a fixed shuffle: only a sample drawn like that proves something."""
    if sort != RANDOM:
        return spot_check.rows(lib, project, sort, down)
    rows = spot_check.rows(lib, project)
    return sorted(rows, key=lambda row: hashlib.sha256(row.view.clip.id.encode()).digest())


@dataclass(frozen=True)
class Parts:
    """The components of the tab."""

    seat: gr.State
    empty: gr.HTML
    panel: gr.Column
    proof: gr.HTML
    player: gr.HTML
    detail: gr.HTML
    table: gr.HTML
    metric: gr.Dropdown
    plot: gr.HTML
    buttons: dict[str, gr.Button]

    @property
    def drawn(self) -> list[Any]:
        """What `paint` gives values for."""
        return [self.seat, self.empty, self.panel, self.proof, self.player, self.detail, self.table]


def paint(lib: Library, project: Project | None, seat: Seat, step: int = 0) -> list[Any]:
    """The values of `Parts.drawn` for a seat, `step` places on."""
    if project is None:
        return [{**NEW}, show.project_missing(), gr.update(visible="hidden"), "", {}, "", ""]
    if seat.get("project") != project.slug:
        seat = {**NEW, "project": project.slug}
    rows = ordered(lib, project, seat["sort"], seat["down"])
    if not rows:
        return [seat, show.note(say("spot.no_takes")), gr.update(visible="hidden"), "", {}, "", ""]
    ids = [row.view.clip.id for row in rows]
    place = ids.index(seat["clip"]) if seat["clip"] in ids else seat["place"]
    place = min(max(place + step, 0), len(rows) - 1)
    row, following = rows[place], rows[place + 1].view.clip if place + 1 < len(rows) else None
    seat = {**seat, "clip": row.view.clip.id, "place": place, "mark": row.view.clip.mark}
    proven = proof(lib, project, seat["sort"])
    times = lib.word_times.of(row.view.clip.transcript_id)
    return [seat, "", gr.update(visible=True), proven, clip_value(row.view, following, times),
            detail(row, len(rows), place), listing(rows, seat)]


def proof(lib: Library, project: Project, sort: str) -> str:
    """What the marks prove, and a reminder where the order is not random."""
    proven = retold(spot_check.proof(lib, project))
    return show.note(proven if sort == RANDOM else f"{proven} {say('spot.sorted')}")


def drawing(lib: Library, project: Project | None, metric: str) -> dict[str, Any]:
    """The histogram of one figure over all takes; nothing where nothing was measured."""
    values = spot_check.values(lib, project, metric) if project else []
    return {"figure": histogram(values, say(f"metric.{metric}"))} if values else {}


# --- the page

def build(page: Page, library: Library) -> None:
    """The tab."""
    with gr.Column(elem_classes="vw-tab"):
        parts = _layout(library)
    base = [page.project, page.who, parts.seat]

    def undo(project: Project, seat: Seat, who: str) -> None:
        gr.Info(retold(review.undo(library, project, who)), duration=4)

    marks = ("right", "wrong", "skip")
    acts: dict[str, tuple[Act, int]] = {mark: (_marking(library, mark), 1) for mark in marks}
    acts |= {"undo": (undo, 0), "next": (_nothing, 1), "prev": (_nothing, -1)}
    for name, (do, step) in acts.items():
        parts.buttons[name].click(_act(library, parts, do, step), base, parts.drawn, **QUIET)
    _wire_table(library, parts, base)
    _wire_refresh(page, library, parts, base)
    second.build(page, library)


def _nothing(project: Project, seat: Seat, who: str) -> None:
    """Only moving on."""


def _marking(library: Library, mark: str) -> Act:
    def do(project: Project, seat: Seat, who: str) -> None:
        spot_check.mark(library, project, seat["clip"], mark, seat["mark"], who)

    return do


def _act(library: Library, parts: Parts, do: Act, step: int) -> Callable[..., list[Any]]:
    """The handler of a button; where somebody else was faster, their sentence, and the clip as it is now."""

    @shown
    def run(slug: str, who: str, seat: Seat) -> list[Any]:
        project, places = opened(library, slug), step
        if project is None or not seat["clip"]:
            return [gr.skip()] * len(parts.drawn)
        try:
            do(project, seat, who)
        except Stale as error:
            gr.Warning(retold(str(error)))
            places = 0
        return paint(library, project, seat, places)

    return run


def _wire_table(library: Library, parts: Parts, base: list[Any]) -> None:
    """A head sorts (twice: the other way round), a name chooses."""

    @shown
    def sort(slug: str, who: str, seat: Seat, event: gr.EventData) -> list[Any]:
        name = str(event.sort)
        down = name == seat["sort"] and not seat["down"]
        seat = {**seat, "sort": name, "down": down, "clip": "", "place": 0}
        return paint(library, opened(library, slug), seat)

    @shown
    def pick(slug: str, who: str, seat: Seat, event: gr.EventData) -> list[Any]:
        return paint(library, opened(library, slug), {**seat, "clip": "", "place": int(event.place)})

    parts.table.sort(sort, base, parts.drawn, **QUIET)
    parts.table.pick(pick, base, parts.drawn, **QUIET)


def _wire_refresh(page: Page, library: Library, parts: Parts, base: list[Any]) -> None:
    """Tab chosen, figure chosen, and what other pages change; nothing is read while another tab is open."""

    @shown
    def refresh(slug: str, who: str, seat: Seat) -> list[Any]:
        return paint(library, opened(library, slug), seat)

    @shown
    def enter(slug: str, who: str, seat: Seat, event: gr.SelectData) -> list[Any]:
        return refresh(slug, who, seat) if is_opened(TITLE, event) else [gr.skip()] * len(parts.drawn)

    @shown
    def draw(slug: str, metric: str) -> dict[str, Any]:
        return drawing(library, opened(library, slug), metric)

    def chosen(event: gr.SelectData) -> bool:
        return is_opened(TITLE, event)

    @shown
    def look(is_open: bool, slug: str, seat: Seat, before: str, metric: str) -> list[Any]:
        project = opened(library, slug) if is_open else None
        if project is None or (now := stamp(library, slug)) == before:
            return [gr.skip()] * 3
        return [proof(library, project, seat["sort"]), drawing(library, project, metric), now]

    last, is_open = gr.State(""), gr.State(False)
    page.tabs.select(chosen, None, is_open, **QUIET)
    page.tabs.select(enter, base, parts.drawn, **QUIET)
    parts.metric.change(draw, [page.project, parts.metric], parts.plot, **QUIET)
    page.tick.tick(look, [is_open, page.project, parts.seat, last, parts.metric],
                   [parts.proof, parts.plot, last], queue=False, **QUIET)


def _layout(library: Library) -> Parts:
    made: dict[str, Any] = {"seat": gr.State({**NEW}), "empty": gr.HTML(elem_id="spot-check-empty",
                                                                        apply_default_css=False)}
    with gr.Column(visible="hidden", elem_id="spot-check-panel") as made["panel"]:
        made["proof"] = gr.HTML(elem_id="spot-check-proof", apply_default_css=False)
        with gr.Column(elem_classes="vw-card"):
            made["player"] = player(TITLE, "spot-check-player")
            made["detail"] = gr.HTML(elem_id="spot-check-detail", apply_default_css=False)
        made["buttons"] = _buttons()
        gr.HTML(keys_of(TITLE), apply_default_css=False)
        made["table"] = gr.HTML(js_on_load=CLICKS, elem_id="spot-check-table", apply_default_css=False)
        gr.HTML(show.heading(say("spot.whole")), apply_default_css=False)
        choices = [(say(f"metric.{name}"), name) for name in spot_check.METRICS]
        made["metric"] = gr.Dropdown(choices, value="snr_db", label=say("spot.figure"),
                                     elem_id="spot-check-metric")
        made["plot"] = plot("spot-check-plot", say("spot.histogram"), library, 280)
    return Parts(**made)


def _buttons() -> dict[str, gr.Button]:
    with gr.Row(elem_classes="vw-decide"):
        return {"prev": gr.Button(say("review.previous"), elem_id="spot-check-prev", min_width=110),
                "wrong": gr.Button(say("spot.wrong"), elem_id="spot-check-wrong", min_width=100),
                "skip": gr.Button(say("spot.skip"), elem_id="spot-check-skip", min_width=90),
                "undo": gr.Button(say("review.undo"), elem_id="spot-check-undo", min_width=90),
                "right": gr.Button(say("spot.right"), variant="primary", elem_id="spot-check-right",
                                   min_width=150, scale=2),
                "next": gr.Button(say("review.next"), elem_id="spot-check-next", min_width=110)}
