"""What the Review tab shows of one take: the values of its components, and their HTML."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.steps.desk import FILTERS
from ui import finding
from ui import view as show
from ui.player import clip_value
from ui.seat import Picture
from ui.texts import say

CLEAR = "clear"
"""What the button of an empty list asks for: the same filter without search, flag and speaker."""


@dataclass(frozen=True)
class Parts:
    """The components of the tab."""

    seat: gr.BrowserState
    filters: gr.HTML
    find: gr.HTML
    matching: gr.Button
    head: gr.HTML
    player: gr.HTML
    prompt: gr.HTML
    text: gr.HTML
    heard: gr.HTML
    edit: gr.Textbox
    panel: gr.Column
    empty: gr.HTML
    news: gr.HTML
    bulk: gr.HTML
    back: gr.Button
    buttons: dict[str, gr.Button]

    @property
    def drawn(self) -> list[Any]:
        """What `paint` gives values for, in its order."""
        return [self.seat, self.filters, self.find, self.matching, self.head, self.player, self.prompt,
                self.text, self.heard, self.edit, self.panel, self.empty]

    @property
    def watched(self) -> list[Any]:
        """What the timer may redraw (`glance`): nothing that can be typed into or chosen."""
        return [self.news, self.matching]


def paint(seen: Picture) -> list[Any]:
    """The values of `Parts.drawn`."""
    if seen.view is None:
        return [seen.seat, filters(seen), finding.value(seen), matching(seen), "", {}, "", "", "", "",
                gr.update(visible="hidden"), empty(seen)]
    view, place = seen.view, seen.seat["place"] if seen.listed else None
    prompt, text = show.marked(view.prompt, view.text)
    written = text or show.nothing("review.no_transcript")
    transcript = pane(say("review.transcript"), written, show.source_of(view), show.readings(view))
    asked = pane(say("review.prompt"), prompt or show.nothing("review.no_prompt"))
    return [seen.seat, filters(seen), finding.value(seen), matching(seen),
            show.headline(view, place, seen.n), clip_value(view, seen.following, seen.times), asked,
            transcript, show.reasons(seen.risk) + show.wrote(view.heard, view.text), view.text or "",
            gr.update(visible=True), ""]


def glance(seen: Picture) -> list[Any]:
    """The values of `Parts.watched`."""
    return [news(seen), matching(seen)]


def pane(title: str, html: str, aside: str = "", below: str = "") -> str:
    """A titled text in large type; `html` and `below` are escaped already."""
    small = f" <small>{show.text_of(aside)}</small>" if aside else ""
    head = f"<h3>{show.text_of(title)}{small}</h3>"
    return f'<div class="vw-pane">{head}<p class="vw-words" dir="auto">{html}</p>{below}</div>'


def filters(seen: Picture) -> str:
    """The filters as buttons with their counts."""
    made = []
    for name in FILTERS:
        pressed = str(name == seen.seat["which"]).lower()
        n = say("view.number", n=seen.counts.get(name, 0))
        label = f"{show.words(f'review.filter.{name}')} <b>{n}</b>"
        made.append(f'<button type="button" data-filter="{name}" aria-pressed="{pressed}">{label}</button>')
    named = show.words("script.show")
    return f'<div class="vw-filters" role="group" aria-label="{named}">{"".join(made)}</div>'


def matching(seen: Picture) -> Any:
    """The button that accepts all at once says how many that will be."""
    n = seen.desk.n_matching
    return gr.update(value=say("review.accept_all", n=n), visible=n > 0)


def empty(seen: Picture) -> str:
    """Why there is nothing to see, and one click to all."""
    if not seen.seat["project"]:
        return show.project_missing()
    n_all, which = seen.counts.get("all", 0), seen.seat["which"]
    link = f'<button type="button" data-filter="all">{show.words("script.show_all", n=n_all)}</button>'
    link = link if n_all and which != "all" else ""
    why = show.words(f"review.empty.{which if n_all else 'all'}")
    if n_all and finding.is_searched(seen.seat):
        why = show.words("find.nothing")
        link = f'<button type="button" data-filter="{CLEAR}">{show.words("find.clear")}</button>'
    return f'<div class="vw-empty-state"><p>{why}</p>{link}</div>'


def news(seen: Picture) -> dict[str, Any]:
    """What stands in the library now; the browser compares, and asks before typed text would be replaced."""
    clip = seen.view.clip if seen.view else None
    return {"clip": clip.id if clip else "", "version": clip.transcript_id if clip else None,
            "decision": clip.decision if clip else "", "flags": list(clip.flags) if clip else [],
            "from": clip.start if clip else 0, "to": clip.end if clip else 0,
            "timed": seen.times.at if seen.times else 0, "counts": seen.counts}
