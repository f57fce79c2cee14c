"""The Transcribe bar of the Review tab, there while takes have no transcript; the job card shows the run."""
from __future__ import annotations

from typing import Any

import gradio as gr

from core.library import Library, Project
from core.runs import listing
from core.runs.listing import RunCard
from core.steps import transcribe
from ui import view as show
from ui.errors import shown
from ui.models import titled
from ui.page import Page
from ui.state import opened, stamp, standing
from ui.texts import say


def transcription(page: Page, library: Library) -> None:
    """Build the bar and wire it: choose a model, start, and say what is still missing."""
    with gr.Row(visible=False, elem_classes="vw-bar-row", elem_id="review-transcription") as bar:
        said = gr.HTML(elem_id="review-transcribe-state", apply_default_css=False)
        model = gr.Dropdown([], label=say("transcribe.model"), show_label=False, container=False, scale=0,
                            min_width=280, elem_id="review-transcribe-model")
        start = gr.Button(say("transcribe.start"), variant="primary", scale=0, min_width=140,
                          elem_id="review-transcribe")
    last = gr.State("")
    outputs = [bar, said, model, start]

    @shown
    def enter(slug: str) -> list[Any]:
        choices = titled(library, transcribe.listeners(library))
        bar_now, said_now, model_now, start_now = picture(library, opened(library, slug))
        offered = {**model_now, "choices": choices, "value": choices[0][1] if choices else None}
        return [bar_now, said_now, offered, start_now]

    @shown
    def look(slug: str, before: str) -> list[Any]:
        project = opened(library, slug)
        now = stamp(library, slug) + standing(_cards(library, project))
        return [gr.skip()] * 5 if now == before else [*picture(library, project), now]

    @shown
    def begin(slug: str, name: str) -> list[Any]:
        project = opened(library, slug)
        if project:
            transcribe.start(library, project, model=name)
        return picture(library, project)

    quiet: dict[str, Any] = {"show_progress": "hidden"}
    page.showing.change(enter, page.project, outputs, **quiet)
    page.tick.tick(look, [page.project, last], [*outputs, last], queue=False, **quiet)
    start.click(begin, [page.project, model], outputs, **quiet)


def working(cards: list[RunCard]) -> list[RunCard]:
    """Those that run or wait."""
    return [card for card in cards if card.state in ("running", "queued")]


def _cards(library: Library, project: Project | None) -> list[RunCard]:
    return listing.runs(library.root, project.slug, "transcribe") if project else []


def picture(library: Library, project: Project | None) -> list[Any]:
    """Values of the bar, its sentence, the model's field and the button."""
    if project is None:
        return [gr.update(visible=False), "", gr.update(), gr.update()]
    cards = _cards(library, project)
    is_idle = not working(cards)
    n_missing = library.clips.n_without_text(project.id)
    return [gr.update(visible=bool(n_missing)), sentence(n_missing, cards), gr.update(visible=is_idle),
            gr.update(visible=is_idle)]


def sentence(n_missing: int, cards: list[RunCard]) -> str:
    """How many takes wait, whether they are being transcribed, and how the last run ended if badly."""
    if not n_missing:
        return ""
    if working(cards):
        return f"<p>{show.words('transcribe.working', n=n_missing)}</p>"
    asks = f"<p>{show.words('transcribe.missing', n=n_missing)}</p>"
    ended_badly = cards and cards[0].state in ("failed", "lost", "stopped")
    return asks + (show.progress(cards[0]) if ended_badly else "")
