"""The histogram of one figure over all clips; a bar that is pressed, in the plot or in its list, shows its
clips."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.library import Library, Project
from core.quality.figures import METRICS
from core.steps.spot_check import bars, checks, values
from ui import view as show
from ui.check_page import Parts, paint
from ui.check_seat import Seat, looking_at
from ui.errors import shown
from ui.page import Page
from ui.plot import histogram, plot
from ui.state import opened, stamp
from ui.texts import say

BARS = """element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-low]');
  if (button) trigger('bar', {low: Number(button.dataset.low), high: Number(button.dataset.high)});
});"""


@dataclass(frozen=True)
class Chart:
    """The components."""

    metric: gr.Dropdown
    plot: gr.HTML
    bars: gr.HTML


def drawing(lib: Library, project: Project | None, metric: str) -> list[Any]:
    """The histogram of one figure over all clips, and its bars as a list; nothing where nothing is known."""
    found = values(checks(lib, project), metric) if project else []
    if not found:
        return [{}, show.note(say("figures.none")) if project else ""]
    drawn = bars(found)
    return [{"figure": histogram(drawn, say(f"metric.{metric}"))}, listed(drawn)]


def listed(drawn: list[tuple[float, float, int]]) -> str:
    """The bars as buttons, for the keyboard and for who cannot see the plot."""
    made = "".join(
        f'<button type="button" data-low="{low!r}" data-high="{high!r}">{_stretch(low, high)} <b>'
        f'{show.words("view.takes", n=n)}</b></button>' for low, high, n in drawn if n)
    return (f'<details><summary>{show.words("figures.list")}</summary>'
            f'<div class="vw-filters vw-bars">{made}</div></details>')


def _stretch(low: float, high: float) -> str:
    return show.text_of(f"{low:.6g} – {high:.6g}")


def build() -> Chart:
    """Lay it out."""
    gr.HTML(show.heading(say("spot.whole")), apply_default_css=False)
    choices = [(say(f"metric.{name}"), name) for name in METRICS]
    metric = gr.Dropdown(choices, value="snr_db", label=say("spot.figure"), info=say("figures.info"),
                         elem_id="spot-check-metric")
    drawn = plot("spot-check-plot", say("spot.histogram"), 280)
    return Chart(metric, drawn, gr.HTML(js_on_load=BARS, elem_id="spot-check-bars", apply_default_css=False))


def wire(page: Page, library: Library, chart: Chart, parts: Parts, quiet: dict[str, Any]) -> None:
    """Draw when the tab opens, when another figure is chosen, and when the library changes meanwhile."""
    @shown
    def draw(slug: str, metric: str) -> list[Any]:
        return drawing(library, opened(library, slug), metric)

    @shown
    def enter(slug: str, metric: str) -> list[Any]:
        return [*draw(slug, metric), stamp(library, slug)]

    @shown
    def follow(slug: str, metric: str, before: str) -> list[Any]:
        if (now := stamp(library, slug)) == before:
            return [gr.skip()] * 3
        return [*draw(slug, metric), now]

    @shown
    def hear(slug: str, metric: str, seat: Seat, event: gr.EventData) -> list[Any]:
        low, high = float(event.low), float(event.high)
        label = f"{say(f'metric.{metric}')} {low:.6g} – {high:.6g}"
        only = {"metric": metric, "low": low, "high": high}
        return paint(library, opened(library, slug), looking_at(seat, only, label))

    last, out = gr.State(""), [chart.plot, chart.bars]
    apart: dict[str, Any] = {**quiet, "concurrency_id": "figures"}  # no key waits for a plot
    page.entered.change(enter, [page.project, chart.metric], [*out, last], **apart)
    chart.metric.change(draw, [page.project, chart.metric], out, **apart)
    given = [page.project, chart.metric, last]
    page.tick.tick(follow, given, [*out, last], queue=False, **apart)
    for pressed in (chart.plot.bar, chart.bars.bar):
        pressed(hear, [page.project, chart.metric, parts.seat], parts.drawn, **quiet).then(
            None, None, None, js="() => voicewright.toTop('spot-check-panel')")
