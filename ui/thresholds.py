"""Thresholds: the least and the most of each figure, what they would drop, and the rejection after a preview.
ui/static/thresholds.js drives it."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from core.errors import BadInput, Stale
from core.library import Library, Project
from core.quality.figures import METRICS
from core.steps import thresholds as step
from core.steps.spot_check import checks, values
from core.steps.thresholds import Outcome, limits_of
from ui import view as show
from ui.check_page import Parts, paint
from ui.check_seat import Seat, looking_at
from ui.check_table import IN_KHZ, SHARES, value_of
from ui.errors import shown
from ui.look import markup, static
from ui.page import Page
from ui.state import needed, opened
from ui.texts import say
from ui.texts.retold import retold


def build() -> gr.HTML:
    """The card; events `limits`, `preview`, `hear` tell {limits}, `drop` {limits, mark}."""
    rows = "".join(_row(name) for name in METRICS)
    filled = markup("thresholds.html").replace("ROWS", rows)
    with gr.Accordion(say("limits.title"), open=False, elem_id="limits"):
        return gr.HTML(value={}, html_template=filled, js_on_load=static("thresholds.js"),
                       elem_id="spot-check-limits", apply_default_css=False)


def _row(name: str) -> str:
    head = show.words(f"metric.{name}")
    fields = "".join(
        f'<td><input type="number" step="any" data-metric="{name}" data-side="{side}" '
        f'aria-label="{show.words(f"limits.{side}_of", figure=say(f"metric.{name}"))}"></td>'
        for side in ("low", "high"))
    return f'<tr><th scope="row">{head}</th>{fields}<td data-drops="{name}"></td></tr>'


def ranges(lib: Library, project: Project) -> dict[str, list[str]]:
    """The least and the most that each figure has, to be shown in the empty fields."""
    whole = checks(lib, project)
    found = {name: values(whole, name) for name in METRICS}
    return {name: [say("limits.least", figure=_typed(name, min(known))),
                   say("limits.most", figure=_typed(name, max(known)))]
            for name, known in found.items() if known}


def counted(found: Outcome) -> dict[str, Any]:
    """What limits would drop, in numbers and in words."""
    n = len(found.dropped)
    said = say("limits.drops", n=n, total=found.n_all, share=100 * n / max(found.n_all, 1))
    unknown = sum(found.n_unknown.values())
    return {"counts": {name: say("limits.count", n=count) for name, count in found.counts.items()}, "n": n,
            "said": f"{said} {say('limits.unknown', n=unknown)}" if unknown else said,
            "show": say("limits.show", n=n)}


def listed(found: Outcome, figures: Mapping[str, Mapping[str, float | None]]) -> str:
    """Every clip that would be rejected, and why."""
    rows = [[show.text_of(clip.text or clip.prompt or clip.name), show.text_of(clip.name),
             show.text_of(", ".join(f"{say(f'metric.{name}')}: {value_of(figures[name][clip.id], name)}"
                                    for name in names))] for clip, names in found.dropped]
    heads = [say(f"limits.head.{head}") for head in ("take", "file", "why")]
    return show.table(heads, rows, say("limits.table"), "vw-bulk-table")


def previewed(lib: Library, project: Project, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The list of what would be rejected, with the mark under which that can be done."""
    limits = limits_of(shares(raw))
    found, plan = step.plan(lib, project, limits)
    whole = checks(lib, project)
    figures = {name: {clip.id: whole.figure(clip, name) for clip, _ in found.dropped} for name in limits}
    return {**counted(found), "html": listed(found, figures) if found.dropped else "", "mark": plan.mark,
            "open": True, "button": say("limits.reject", n=len(plan.lines))}


def shares(raw: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Limits as they are typed: shares are written in percent, bandwidths in kHz."""
    found = {}
    for name, given in raw.items():
        factor = 0.01 if name in SHARES else 1000.0 if name in IN_KHZ else 1.0
        found[name] = [None if side in (None, "") else float(side) * factor for side in list(given)[:2]]
    return found


def wire(page: Page, library: Library, card: gr.HTML, parts: Parts, quiet: dict[str, Any]) -> None:
    """Count while somebody types, show the list, let it be heard, reject."""
    @shown
    def enter(slug: str) -> Any:
        project = opened(library, slug)
        if project is None:
            return gr.skip()
        return {"ranges": ranges(library, project), "project": slug}

    @shown
    def count(slug: str, event: gr.EventData) -> dict[str, Any]:
        project = needed(library, slug)
        try:
            return counted(step.outcome(checks(library, project), limits_of(shares(event.limits))))
        except BadInput as error:
            return {"counts": {}, "n": 0, "said": retold(str(error)), "show": say("limits.show", n=0)}

    @shown
    def preview(slug: str, event: gr.EventData) -> dict[str, Any]:
        return {**previewed(library, needed(library, slug), event.limits), "turn": event.turn}

    @shown
    def hear(slug: str, seat: Seat, event: gr.EventData) -> list[Any]:
        project = needed(library, slug)
        found = step.outcome(checks(library, project), limits_of(shares(event.limits)))
        only = {"clips": [clip.id for clip, _ in found.dropped]}
        return paint(library, project, looking_at(seat, only, say("limits.chip")))

    @shown
    def drop(slug: str, who: str, seat: Seat, event: gr.EventData) -> list[Any]:
        project = needed(library, slug)
        try:
            n = step.reject(library, project, limits_of(shares(event.limits)), str(event.mark), who)
            gr.Info(say("limits.rejected", n=n), duration=6)
            told: dict[str, Any] = {"done": event.mark}
        except Stale as error:
            now = previewed(library, project, event.limits)
            told = {**now, "said": f"{retold(str(error))} {now['said']}"}
        return [*paint(library, project, seat), told]

    page.entered.change(enter, page.project, card, show_progress="hidden")  # no key waits for it
    card.limits(count, page.project, card, **quiet)
    card.preview(preview, page.project, card, **quiet)
    card.hear(hear, [page.project, parts.seat], parts.drawn, **quiet).then(
        None, None, None, js="() => voicewright.toTop('spot-check-panel')")
    card.drop(drop, [page.project, page.who, parts.seat], [*parts.drawn, card], **quiet)


def _typed(name: str, figure: float) -> str:
    """A figure as one would type it."""
    factor = 100.0 if name in SHARES else 0.001 if name in IN_KHZ else 1.0
    return f"{figure * factor:.3g}"
