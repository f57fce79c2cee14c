"""A large folder of this machine: corpora, hours, speakers and lengths, by its headers alone."""
from __future__ import annotations

from typing import Any

import gradio as gr

from core.library import Library, Project
from core.runs import listing
from core.runs import start as runs
from core.runs.listing import RunCard
from core.steps import index as step
from ui import view as show
from ui.errors import shown
from ui.import_folder import place_of, problems
from ui.page import Page
from ui.run_card import log_tail
from ui.state import needed, opened, standing
from ui.texts import say

QUIET: dict[str, Any] = {"show_progress": "hidden"}
WORKING, CAN_GO_ON = ("running", "queued"), ("stopped", "failed", "lost")


def newest(library: Library, project: Project | None) -> RunCard | None:
    """The index run that the page shows."""
    return next(iter(listing.runs(library.root, project.slug, "index")), None) if project else None


def mark(card: RunCard | None) -> str:
    """A text that changes with whatever the card shows of a run."""
    return f"{standing([card])} {card.message}" if card else ""


def picture(card: RunCard | None) -> list[Any]:
    """What is said of a run, and its two buttons."""
    if card is None:
        return ["", gr.update(visible=False), gr.update(visible=False)]
    is_working, can_go_on = card.state in WORKING, card.state in CAN_GO_ON
    return [said(card), gr.update(visible=is_working), gr.update(visible=can_go_on)]


def said(card: RunCard) -> str:
    """An index run as HTML: how far it is, or what it found."""
    found = step.found_by(card.run) if card.state == "done" else None
    if found is None:
        ended_badly = card.state in ("failed", "lost")
        return show.failure(card, log_tail(card.run)) if ended_badly else show.progress(card)
    head = show.note(say("corpus.sum", n=found.files, hours=f"{found.hours:,.1f}"), "ok")
    told = "".join(f"<li>{show.text_of(line)}</li>" for line in _lines(found))
    return f"{head}<ul>{told}</ul>{problems(found.errors, 'corpus.bad')}"


def _lines(found: step.Indexed) -> list[str]:
    """Corpora with their reasons, then lengths."""
    told = []
    for part in found.corpora:
        hours = f"{part.hours:,.1f}"
        whose = say("corpus.speakers", n=part.speakers) if part.speakers else say("corpus.no_speakers")
        name, why = say(f"corpus.name.{part.layout}"), say(f"corpus.why.{part.layout}")
        told.append(say("corpus.part", name=name, n=part.files, hours=hours, whose=whose, why=why))
    if found.files:
        spread = found.lengths
        told.append(say("corpus.lengths", shortest=f"{spread.shortest:.1f}", mean=f"{spread.mean:.1f}",
                        longest=f"{spread.longest:,.1f}"))
    return told


def build(page: Page, library: Library) -> None:
    """The card, folded up; it is drawn when its tab is looked at, and again while its run moves."""
    with gr.Accordion(say("corpus.title"), open=False, elem_id="corpus"):
        gr.HTML(f"<p>{show.words('corpus.help')}</p>")
        folder = gr.Textbox("", label=say("import.folder"), placeholder=say("corpus.hint"), max_lines=1,
                            elem_id="corpus-folder")
        begin = gr.Button(say("corpus.look"), elem_id="corpus-look")
        card = gr.HTML(elem_id="corpus-card", apply_default_css=False)
        with gr.Row(elem_classes="vw-decide"):
            cancel = gr.Button(say("corpus.cancel"), visible=False, min_width=180, scale=0,
                               elem_id="corpus-cancel")
            resume = gr.Button(say("corpus.resume"), variant="primary", visible=False, min_width=180,
                               scale=0, elem_id="corpus-resume")
    seen, outputs = gr.State(""), [card, cancel, resume]

    @shown
    def draw(slug: str) -> list[Any]:
        run = newest(library, opened(library, slug))
        return [*picture(run), mark(run)]

    @shown
    def look(slug: str, before: str) -> list[Any]:
        run = newest(library, opened(library, slug))
        now = mark(run)
        return [gr.skip()] * 4 if now == before else [*picture(run), now]

    @shown
    def start(slug: str, name: str) -> list[Any]:
        step.start_index(library, needed(library, slug), place_of(name))
        return draw(slug)

    @shown
    def call_off(slug: str) -> list[Any]:
        if run := newest(library, needed(library, slug)):
            runs.stop(run.run)
        return draw(slug)

    @shown
    def go_on(slug: str) -> list[Any]:
        if run := newest(library, needed(library, slug)):
            runs.resume(run.run)
        return draw(slug)

    page.entered.change(draw, page.project, [*outputs, seen], **QUIET)
    page.tick.tick(look, [page.project, seen], [*outputs, seen], queue=False, **QUIET)
    for event in (begin.click, folder.submit):
        event(start, [page.project, folder], [*outputs, seen], **QUIET)
    cancel.click(call_off, page.project, [*outputs, seen], **QUIET)
    resume.click(go_on, page.project, [*outputs, seen], **QUIET)
