"""Runs of a project beside each other: curves laid over each other, options that differ, verdicts, notes."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from core.library import Library, Project
from core.runs import comparing
from core.runs.listing import RunCard
from core.steps import train
from ui import live_plot, run_notes
from ui import view as show
from ui.errors import shown
from ui.page import Page
from ui.state import opened, stamp, standing
from ui.texts import named, say
from ui.texts.retold import retold
from ui.train_form import preset_name

RATES = ("wer", "cer", "digit_error_rate", "no_digit_share", "regression_wer")
PICKS = """element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-pick]');
  if (button) trigger('pick', {run: button.dataset.pick});
});"""


@dataclass(frozen=True)
class CompareParts:
    """The components; `chosen` holds the ids of the runs that are compared, in the order of choosing."""

    chosen: gr.State
    picks: gr.HTML
    plot: gr.HTML
    tables: gr.HTML

    @property
    def drawn(self) -> list[Any]:
        """What `paint` gives values for."""
        return [self.chosen, self.picks, self.plot, self.tables]


def layout(library: Library) -> CompareParts:
    """The components, in the surrounding Blocks."""
    gr.HTML(show.heading(say("room.compare")), apply_default_css=False)
    picks = gr.HTML(js_on_load=PICKS, elem_id="compare-picks", apply_default_css=False)
    plot = live_plot.build("compare-plot", say("room.compare_plot"), library, live_plot.SEVERAL)
    return CompareParts(gr.State([]), picks, plot,
                        gr.HTML(elem_id="compare-tables", apply_default_css=False))


def paint(lib: Library, project: Project | None, chosen: Sequence[str]) -> list[Any]:
    """The values of `CompareParts.drawn`."""
    cards = train.cards(lib, project, "train") if project else []
    known = {card.id: card for card in cards}
    wanted = [known[run] for run in chosen if run in known]
    hidden = gr.update(value={}, visible=False)
    ids = [card.id for card in wanted]
    if len(cards) < comparing.FEWEST:
        return [ids, show.note(say("room.compare_few")) if project else "", hidden, ""]
    picks = _picks(cards, ids)
    if len(wanted) < comparing.FEWEST:
        return [ids, picks, hidden, ""]
    sizes = [size(card) for card in wanted]
    value = {"runs": [[card.id, name(card)] for card in wanted], "size": sizes}
    return [ids, picks, gr.update(value=value, visible=True), tables(wanted)]


def size(card: RunCard) -> str:
    """Changes when a run has more to show."""
    events = card.path / "events.jsonl"
    return f"{events.stat().st_size if events.exists() else 0} {card.state}"


def name(card: RunCard) -> str:
    """How a run is called where it stands beside others."""
    preset = preset_name(card.order.get("preset") or card.kind)
    return f"{show.when(card.started)} {preset} ({card.id[-4:]})"


def _picks(cards: Sequence[RunCard], ids: Sequence[str]) -> str:
    made = "".join(_pick(card, ids) for card in cards)
    named = show.words("room.compare")
    hint = show.note(say("room.compare_hint", n=comparing.MOST))
    return f'{hint}<div class="vw-filters" role="group" aria-label="{named}">{made}</div>'


def _pick(card: RunCard, ids: Sequence[str]) -> str:
    swatch = _swatch(ids.index(card.id)) if card.id in ids else ""
    pressed = str(card.id in ids).lower()
    return (f'<button type="button" data-pick="{show.text_of(card.id)}" aria-pressed="{pressed}">{swatch}'
            f"{show.text_of(name(card))} {run_notes.tags_of(card.run)}</button>")


def _swatch(n: int) -> str:
    return f'<i class="vw-swatch" style="background:var(--vw-run-{n})"></i>'


def tables(cards: Sequence[RunCard]) -> str:
    """What differs in the orders, and the figures of the verdicts, a column a run."""
    heads = ["", *(name(card) for card in cards)]
    rows = [[show.text_of(_option(option)), *(_value(option, value) for value in values)]
            for option, values in comparing.differing([card.order for card in cards])]
    differ = show.note(say("room.same"))
    if rows:
        differ = show.table(heads, rows, say("room.differ"), "vw-compared")
    figures = show.table(heads, _figures(cards), say("room.verdicts"), "vw-compared")
    said = [f"<h3>{show.words(key)}</h3>{table}" for key, table in
            (("room.verdicts", figures), ("room.differ", differ))]
    return "".join(said)


def _option(option: str) -> str:
    """The name of an option as the form has it, or of a part of the order."""
    return named(f"room.order.{option}", option)


def _value(option: str, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, float):
        return show.text_of(f"{value:g}")
    return show.text_of(preset_name(str(value)) if option == "preset" else Path(str(value)).name)


def _figures(cards: Sequence[RunCard]) -> list[list[str]]:
    states = [show.chip(say(f"state.{card.state}"), card.state) for card in cards]
    rows = [[show.words("room.state"), *states],
            [show.words("plot.step"), *(str(card.figures.get("step", "–")) for card in cards)]]
    rows += [[show.words("run.rate.ordinary" if rate == "regression_wer" else f"run.rate.{rate}"),
              *(_pair(card, rate) for card in cards)] for rate in RATES]
    rows.append([show.words("run.verdict"), *(show.text_of(retold(_sentence(card))) for card in cards)])
    rows.append([show.words("room.note"), *(run_notes.line(card.run) for card in cards)])
    return rows


def _pair(card: RunCard, rate: str) -> str:
    base, tuned = card.figures.get("base"), card.figures.get("tuned")
    if not isinstance(base, dict) or not isinstance(tuned, dict) or tuned.get(rate) is None:
        return "–"
    return f"{show.percent(base.get(rate))} → <b>{show.percent(tuned[rate])}</b>"


def _sentence(card: RunCard) -> str:
    return str(card.figures.get("sentence") or card.message)


def wire(page: Page, library: Library, parts: CompareParts) -> None:
    """Draw when the tab opens, when a run is chosen or left out, and when there is more of them."""

    @shown
    def pick(slug: str, chosen: list[str], event: gr.EventData) -> list[Any]:
        run = str(event.run)
        now = [each for each in chosen if each != run] if run in chosen else [*chosen, run]
        if len(now) > comparing.MOST:
            comparing.check(len(now))
        return paint(library, opened(library, slug), now)

    @shown
    def enter(slug: str, chosen: list[str]) -> list[Any]:
        return paint(library, opened(library, slug), chosen)

    @shown
    def follow(slug: str, chosen: list[str], before: str) -> list[Any]:
        project = opened(library, slug)
        if project is None:
            return [gr.skip()] * len(parts.drawn)
        now = stamp(library, slug) + standing(train.cards(library, project, "train"))
        if now == before:
            return [gr.skip()] * len(parts.drawn)
        return [*paint(library, project, chosen)[1:], now]

    quiet: dict[str, Any] = {"show_progress": "hidden"}
    last, given = gr.State(""), [page.project, parts.chosen]
    parts.picks.pick(pick, given, parts.drawn, **quiet)
    page.entered.change(enter, given, parts.drawn, **quiet)
    page.tick.tick(follow, [*given, last], [*parts.drawn[1:], last], queue=False, **quiet)
