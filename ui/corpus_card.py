"""A large folder of this machine: corpora, hours, speakers and lengths, by its headers alone."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from core.errors import BadInput
from core.library import Library, Project
from core.runs import listing
from core.runs import start as runs
from core.runs.listing import RunCard
from core.steps import index as step
from ui import corpus_dataset
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
    return f"{standing([card])} {card.message} {is_stopping(card)}" if card else ""


def picture(card: RunCard | None) -> list[Any]:
    """What is said of a run, its two buttons, and what is done next with what was found."""
    state = "stopping" if card and is_stopping(card) else card.state if card else ""
    n_found = card.figures.get("n", 0) if card and state == "done" else 0
    shown_now = (state in WORKING, state in CAN_GO_ON, n_found > 0)
    return [said(card) if card else "", *(gr.update(visible=is_there) for is_there in shown_now)]


def said(card: RunCard) -> str:
    """An index run as HTML: how far it is, or what it found."""
    found = step.found_by(card.run) if card.state == "done" else None
    if found is None:
        ended_badly = card.state in ("failed", "lost")
        message = say("corpus.stopping") if is_stopping(card) else None
        told = (show.failure(card, log_tail(card.run)) if ended_badly
                else show.progress(card, message, has_bar=False))
        return f"<p>{show.words('corpus.of', folder=folder_of(card))}</p>{told}"
    amount = show.duration(3600 * found.hours)
    head = show.note(say("corpus.sum", folder=folder_of(card), n=found.files, time=amount),
                     "ok" if found.files else "warn")
    return f"{head}{_parts(found)}{problems(found.errors, 'corpus.bad')}"


def is_stopping(card: RunCard) -> bool:
    """Whether a run works that was asked to stop."""
    return card.state in WORKING and card.run.stop_requested()


def folder_of(card: RunCard) -> str:
    """The folder that a run looks through."""
    return str(card.run.order()["folder"])


def _parts(found: step.Indexed) -> str:
    """A row for each corpus with its reason, then lengths."""
    if not found.files:
        return ""
    rows = [[_name(part), f"{part.files:,}", show.text_of(show.duration(3600 * part.hours)),
             f"{part.speakers:,}" if part.speakers else "–"] for part in found.corpora]
    heads = [say(f"corpus.head.{name}") for name in ("corpus", "files", "sound", "speakers")]
    spread = found.lengths
    lengths = show.words("corpus.lengths", shortest=f"{spread.shortest:.1f}", mean=f"{spread.mean:.1f}",
                         longest=f"{spread.longest:,.1f}")
    return f"<p>{lengths}</p>{show.table(heads, rows, say('corpus.title'), 'vw-corpora')}"


def _name(part: step.CorpusFound) -> str:
    """A corpus, and under it how it was recognised."""
    name, why = (show.words(f"corpus.{what}.{part.layout}") for what in ("name", "why"))
    return f"<strong>{name}</strong><br><small>{why}</small>"


def found_folder(library: Library) -> Callable[[Project], Path]:
    """What tells the folder that was looked through last."""

    def of(project: Project) -> Path:
        card = newest(library, project)
        if card is None or card.state != "done":
            raise BadInput(say("corpus.look_first"))
        return Path(folder_of(card))

    return of


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
        with gr.Column(visible=False) as then:
            corpus_dataset.build(page, library, found_folder(library))
    seen, outputs = gr.State(""), [card, cancel, resume, then]

    @shown
    def draw(slug: str) -> list[Any]:
        run = newest(library, opened(library, slug))
        return [*picture(run), mark(run)]

    @shown
    def look(slug: str, before: str) -> list[Any]:
        run = newest(library, opened(library, slug))
        now = mark(run)
        return [gr.skip()] * 5 if now == before else [*picture(run), now]

    @shown
    def start(slug: str, name: str) -> list[Any]:
        project = needed(library, slug)
        before = newest(library, project)
        if before and before.state in WORKING:
            raise BadInput(say("corpus.busy", folder=folder_of(before)))
        step.start_index(library, project, place_of(name))
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
