"""The card that keeps a trained model: for which program, under which name, in which type of number; and what
was checked in each that was written."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.library import Library, Project
from core.runs import listing
from core.runs.listing import RunCard
from core.steps import checklist as step
from core.steps import merge, train
from core.training.room import PLAIN
from ui import checklist, run_card
from ui import view as show
from ui.errors import shown
from ui.page import Page
from ui.state import needed
from ui.texts import say

QUIET: dict[str, Any] = {"show_progress": "hidden"}
SHOWN = 6
"""Models of one run whose checks are shown, the newest first."""


@dataclass(frozen=True)
class Card:
    """The inputs, the button, and what they came to."""

    panel: gr.Column
    form: gr.Dropdown
    name: gr.Textbox
    dtype: gr.Radio
    button: gr.Button
    made: gr.HTML


def layout() -> Card:
    """The card, in the surrounding Blocks."""
    with gr.Column(visible=False, elem_classes="vw-card", elem_id="merge-panel") as panel:
        gr.HTML(show.heading(say("panel.keep")), apply_default_css=False)
        with gr.Row(equal_height=False):
            form = gr.Dropdown(_forms({PLAIN: merge.DTYPES}), value=PLAIN, label=say("panel.for"),
                               info=say("panel.for_info"), elem_id="merge-form", min_width=290)
            name = gr.Textbox(label=say("panel.name"), placeholder=say("panel.name_hint"), max_lines=1,
                              elem_id="merge-name")
            dtype = gr.Radio(_dtypes(merge.DTYPES), value="bf16", label=say("panel.saved_as"),
                             elem_id="merge-dtype")
            button = gr.Button(say("panel.merge"), elem_id="merge-start", scale=0, min_width=120)
        made = gr.HTML(elem_id="merge-result", apply_default_css=False)
    return Card(panel, form, name, dtype, button, made)


def _forms(known: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(say(f"panel.form.{form.replace('-', '_')}"), form) for form in known]


def _dtypes(types: Sequence[str]) -> list[tuple[str, str]]:
    return [(say(f"panel.{dtype}"), dtype) for dtype in types]


def forms_of(library: Library, run_id: str) -> dict[str, tuple[str, ...]]:
    """What a run can be written as, with the types of number of each."""
    if not run_id:
        return {PLAIN: merge.DTYPES}
    return merge.forms(str(listing.find(library.root, run_id).order().get("family", "ctc")))


def made_of(lib: Library, project: Project, card: RunCard) -> list[RunCard]:
    """The models that were made of a training run, the newest first."""
    merges = train.cards(lib, project, "merge")
    return [each for each in merges if each.order.get("train_run") == str(card.path.resolve())]


def picture(lib: Library, made: Sequence[RunCard]) -> str:
    """Each model that was made, what was checked in it and what was written; the newest unfolded."""
    return "".join(_one(lib, card, is_open=card is made[0]) for card in made[:SHOWN])


def _one(lib: Library, card: RunCard, is_open: bool) -> str:
    where = card.order.get("out", "")
    folder = f'<p class="vw-quiet"><code>{show.text_of(where)}</code></p>' if card.state == "done" else ""
    return run_card.merged(card) + folder + checklist.card(lib, step.of(card.figures), is_open)


def wire(page: Page, library: Library, card: Card, run: gr.State, drawn: list[Any], paint: Any) -> None:
    """Another run offers its own forms, another form its types of number; the button starts. `drawn` shows
    what was started, by `paint(project, run_id)`."""

    @shown
    def offer(run_id: str, form: str, dtype: str) -> list[Any]:
        known = forms_of(library, run_id)
        chosen = form if form in known else PLAIN
        return [gr.update(choices=_forms(known), value=chosen), _types(known[chosen], dtype)]

    @shown
    def choose(run_id: str, form: str, dtype: str) -> Any:
        return _types(forms_of(library, run_id).get(form, merge.DTYPES), dtype)

    @shown
    def begin(slug: str, run_id: str, name: str, dtype: str, form: str) -> list[Any]:
        project = needed(library, slug)
        merge.start(library, run_id, name.strip(), dtype, form)
        return list(paint(project, run_id))

    run.change(offer, [run, card.form, card.dtype], [card.form, card.dtype], **QUIET)
    card.form.input(choose, [run, card.form, card.dtype], card.dtype, **QUIET)
    wanted = [page.project, run, card.name, card.dtype, card.form]
    card.button.click(begin, wanted, drawn, show_progress_on=card.button)


def _types(types: Sequence[str], chosen: str) -> Any:
    return gr.update(choices=_dtypes(types), value=chosen if chosen in types else types[0])
