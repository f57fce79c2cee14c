"""What the Review tab shows of one take: the values of its components, and their HTML."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.steps import review
from ui import view as show
from ui.player import clip_value
from ui.seat import Picture

EMPTY = {
    "todo": "Nothing is left to review: every take has been decided. "
            "The Train tab teaches a model with what you accepted.",
    "mismatch": "No undecided take differs from its prompt.",
    "accepted": "No take has been accepted yet.",
    "rejected": "No take has been rejected.",
    "all": "There are no takes yet. Record some on the Record tab, or import files on the Project tab."}


@dataclass(frozen=True)
class Parts:
    """The components of the tab."""

    seat: gr.BrowserState
    filters: gr.HTML
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
    buttons: dict[str, gr.Button]

    @property
    def drawn(self) -> list[Any]:
        """What `paint` gives values for, in its order."""
        return [self.seat, self.filters, self.matching, self.head, self.player, self.prompt, self.text,
                self.heard, self.edit, self.panel, self.empty]

    @property
    def watched(self) -> list[Any]:
        """What the timer may redraw (`glance`): nothing that can be typed into or chosen."""
        return [self.news, self.matching]


def paint(seen: Picture) -> list[Any]:
    """The values of `Parts.drawn`."""
    if seen.view is None:
        return [seen.seat, filters(seen), matching(seen), "", {}, "", "", "", "", gr.update(visible="hidden"),
                empty(seen)]
    view, place = seen.view, seen.seat["place"] if seen.listed else None
    prompt, text = show.marked(view.prompt, view.text)
    transcript = pane("Transcript", text or "<i>no transcript yet</i>", show.source_of(view),
                      show.readings(view))
    return [seen.seat, filters(seen), matching(seen), show.headline(view, place, seen.n),
            clip_value(view, seen.following), pane("Prompt", prompt or "<i>no prompt</i>"), transcript,
            heard(seen), view.text or "", gr.update(visible=True), ""]


def glance(seen: Picture) -> list[Any]:
    """The values of `Parts.watched`."""
    return [news(seen), matching(seen)]


def pane(title: str, html: str, aside: str = "", below: str = "") -> str:
    """A titled text in large type; `html` and `below` are escaped already."""
    small = f" <small>{show.text_of(aside)}</small>" if aside else ""
    words = f'<p class="vw-words" dir="auto">{html}</p>'
    return f'<div class="vw-pane"><h3>{title}{small}</h3>{words}{below}</div>'


def heard(seen: Picture) -> str:
    """What the machine wrote, where that is not what stands there now."""
    view = seen.view
    if view is None or not view.heard or view.heard == view.text:
        return ""
    return f'<p class="vw-heard"><b>The model wrote</b> <bdi>{show.text_of(view.heard)}</bdi></p>'


def filters(seen: Picture) -> str:
    """The filters as buttons with their counts."""
    made = []
    for name, title in review.FILTERS.items():
        pressed = str(name == seen.seat["which"]).lower()
        label = f"{title} <b>{seen.counts.get(name, 0):,}</b>"
        made.append(f'<button type="button" data-filter="{name}" aria-pressed="{pressed}">{label}</button>')
    return f'<div class="vw-filters" role="group" aria-label="Show">{"".join(made)}</div>'


def matching(seen: Picture) -> Any:
    """The button that accepts all at once says how many that will be."""
    label = f"Accept all {seen.n_matching:,} that match their prompt"
    return gr.update(value=label, visible=seen.n_matching > 0)


def empty(seen: Picture) -> str:
    """Why there is nothing to see, and one click to all."""
    if not seen.seat["project"]:
        return show.project_missing()
    n_all, which = seen.counts.get("all", 0), seen.seat["which"]
    link = f'<button type="button" data-filter="all">Show all {n_all:,}</button>'
    link = link if n_all and which != "all" else ""
    return f'<div class="vw-empty-state"><p>{EMPTY[which if n_all else "all"]}</p>{link}</div>'


def news(seen: Picture) -> dict[str, Any]:
    """What stands in the library now; the browser compares, and asks before typed text would be replaced."""
    clip = seen.view.clip if seen.view else None
    return {"clip": clip.id if clip else "", "version": clip.transcript_id if clip else None,
            "decision": clip.decision if clip else "", "counts": seen.counts}
