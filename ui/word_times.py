"""The line of the Train tab for models that learn when each word is spoken: how many takes have no word
times, and the button that has them found."""
from __future__ import annotations

from typing import Any

import gradio as gr

from core.library import Library, Project
from core.runs import listing
from core.runs.listing import RunCard
from core.steps import align, train
from core.steps.ingest import ingest
from ui import view as show
from ui.errors import shown
from ui.page import Page
from ui.state import needed, opened, stamp, standing
from ui.texts import say
from ui.train_form import TrainForm

QUIET: dict[str, Any] = {"show_progress": "hidden"}


def build(page: Page, library: Library, form: TrainForm) -> None:
    """The line, in the surrounding Blocks: there only while takes lack what the chosen family learns from."""
    with gr.Row(visible=False, elem_classes="vw-bar-row", elem_id="train-untimed") as row:
        said = gr.HTML(elem_id="train-untimed-said", apply_default_css=False)
        button = gr.Button(say("untimed.find"), variant="primary", scale=0, min_width=210,
                           elem_id="train-untimed-find")
    last, drawn = gr.State(""), [row, said, button]

    @shown
    def look(slug: str, family: str, dataset: str) -> list[Any]:
        return picture(library, opened(library, slug), family, dataset)

    @shown
    def follow(slug: str, family: str, dataset: str, before: str) -> list[Any]:
        project = opened(library, slug)
        cards = _cards(library, project)
        if (now := stamp(library, slug) + standing(cards[:1])) == before:
            return [gr.skip()] * (len(drawn) + 1)
        if project and cards:
            ingest(library, project)
        return [*picture(library, project, family, dataset), now]

    @shown
    def find(slug: str, family: str, dataset: str) -> list[Any]:
        align.start(library, needed(library, slug))
        return look(slug, family, dataset)

    given = [page.project, form.family, form.dataset]
    gr.on([page.entered.change, form.family.change, form.dataset.change], look, given, drawn, **QUIET)
    page.tick.tick(follow, [*given, last], [*drawn, last], queue=False, **QUIET)
    button.click(find, given, drawn, show_progress_on=button, concurrency_limit=1)


def _cards(library: Library, project: Project | None) -> list[RunCard]:
    """The runs that look for word times, the newest first."""
    return listing.runs(library.root, project.slug, "align") if project else []


def picture(library: Library, project: Project | None, family: str, dataset: str) -> list[Any]:
    """Whether the line is there, what it says, and whether the button can be pressed."""
    n, of = train.untimed(library, project, family, dataset or None) if project else (0, 0)
    if not n:
        return [gr.update(visible=False), "", gr.update(visible=False)]
    newest = next(iter(_cards(library, project)), None)
    is_working = newest is not None and newest.state in ("running", "queued")
    return [gr.update(visible=True), sentence(n, of, dataset, newest), gr.update(visible=not is_working)]


def sentence(n: int, of: int, dataset: str, newest: RunCard | None) -> str:
    """How many clips would be left out, and how the search for their words goes."""
    if newest and newest.state in ("running", "queued"):
        return show.progress(newest)
    frozen = f" {say('untimed.frozen', name=dataset)}" if dataset else ""
    told = f"<p>{show.words('untimed.some', n=n, total=of)}{show.text_of(frozen)}</p>"
    ended_badly = newest is not None and newest.state in ("failed", "lost")
    return told + (show.progress(newest) if newest and ended_badly else "")
