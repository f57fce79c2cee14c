"""How the project's newest import goes: progress, Cancel, Resume, and which files could not be used."""
from __future__ import annotations

from typing import Any

import gradio as gr

from core.library import Library, Project
from core.runs import listing
from core.runs import start as runs
from core.runs.listing import RunCard
from core.steps.importing import Brought, brought
from core.steps.ingest import ingest
from ui import view as show
from ui.errors import shown
from ui.import_folder import problems
from ui.page import Page
from ui.run_card import log_tail
from ui.state import needed, opened, stamp, standing
from ui.texts import say

QUIET: dict[str, Any] = {"show_progress": "hidden"}


def newest(library: Library, project: Project | None) -> RunCard | None:
    """The import that the page shows."""
    return next(iter(listing.runs(library.root, project.slug, "import")), None) if project else None


def picture(card: RunCard | None, before: str = "") -> list[Any]:
    """State, bad files (left alone where they are as `before`), the two buttons, the bad files once more."""
    if card is None:
        hidden = gr.update(visible=False)
        return ["", "", hidden, hidden, ""]
    came = brought(card.run)
    is_working, can_go_on = card.state in ("running", "queued"), card.state in ("stopped", "failed", "lost")
    bad = problems(came.refused, "import.bad")
    return [said(card, came), gr.skip() if bad == before else bad, gr.update(visible=is_working),
            gr.update(visible=can_go_on), bad]


def said(card: RunCard, came: Brought) -> str:
    """The import as HTML."""
    ended_badly = card.state in ("failed", "lost")
    head = show.failure(card, log_tail(card.run)) if ended_badly else show.progress(card)
    again = show.note(say("import.again")) if card.state == "stopped" else ""
    counts = [say("import.clips", n=came.n_clips)] if came.n_clips else []
    counts += [say("import.already", n=came.n_duplicates)] if came.n_duplicates else []
    line = f'<p class="vw-quiet">{" · ".join(counts)}</p>' if counts and card.state != "done" else ""
    return f"<h3>{say('import.of', when=show.when(card.started))}</h3>{head}{again}{line}"


def build(page: Page, library: Library) -> None:
    """The card with its buttons; the timer draws it, and what came in is entered on the way."""
    card = gr.HTML(elem_id="import-run", apply_default_css=False)
    bad = gr.HTML(elem_id="import-bad", apply_default_css=False)
    with gr.Row(elem_classes="vw-decide"):
        cancel = gr.Button(say("import.cancel"), visible=False, min_width=180, scale=0,
                           elem_id="import-cancel")
        resume = gr.Button(say("import.resume"), variant="primary", visible=False, min_width=180, scale=0,
                           elem_id="import-resume")
    listed, seen = gr.State(""), gr.State("")
    outputs = [card, bad, cancel, resume, listed]

    @shown
    def draw(slug: str) -> list[Any]:
        return picture(newest(library, opened(library, slug)))

    @shown
    def look(slug: str, known: str, before: str) -> list[Any]:
        project = opened(library, slug)
        run = newest(library, project)
        now = stamp(library, slug) + standing([run] if run else [])
        if project is None or now == before:
            return [gr.skip()] * 6
        if run:
            ingest(library, project)
        return [*picture(run, known), now]

    @shown
    def call_off(slug: str) -> list[Any]:
        run = newest(library, needed(library, slug))
        if run:
            runs.stop(run.run)
            gr.Info(say("import.stopping"))
        return draw(slug)

    @shown
    def go_on(slug: str) -> list[Any]:
        run = newest(library, needed(library, slug))
        if run:
            runs.resume(run.run)
        return draw(slug)

    page.showing.change(draw, page.project, outputs, **QUIET)
    page.tick.tick(look, [page.project, listed, seen], [*outputs, seen], queue=False, **QUIET)
    cancel.click(call_off, page.project, outputs, **QUIET)
    resume.click(go_on, page.project, outputs, **QUIET)
