"""A large folder that was looked through as a dataset of the project: it stays where it lies."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import gradio as gr

from core.library import Library, Project
from core.steps import corpus_dataset as step
from core.steps.dataset import Made
from ui import view as show
from ui.errors import shown
from ui.page import Page
from ui.state import needed
from ui.texts import say
from ui.texts.retold import retold

PROGRESS = gr.Progress()
EVERY = 200
"""Files between two words of how far it is."""


def build(page: Page, library: Library, folder_of: Callable[[Project], Path]) -> None:
    """A name and a button; `folder_of` tells which folder of a project is meant."""
    gr.HTML(f"<p>{show.words('corpus.then')}</p>")
    with gr.Row(equal_height=True, elem_classes="vw-toolbar"):
        name = gr.Textbox("", label=say("corpus.name"), show_label=False, container=False, max_lines=1,
                          placeholder=say("corpus.name"), elem_id="corpus-name")
        make = gr.Button(say("corpus.make"), scale=0, min_width=220, elem_id="corpus-make")
    said = gr.HTML(elem_id="corpus-made", apply_default_css=False)

    @shown
    def begin(slug: str, called: str, progress: gr.Progress = PROGRESS) -> str:
        def tick(n: int) -> None:
            if n % EVERY == 0:
                progress((n, None), desc=say("import.looked"), unit=say("import.sounds"))

        project = needed(library, slug)
        return told(step.make(library, project, folder_of(project), called.strip(), tick=tick))

    for event in (make.click, name.submit):
        event(begin, [page.project, name], said, show_progress_on=said)
    page.showing.change(lambda: "", None, said, show_progress="hidden")


def told(made: Made) -> str:
    """How many clips learn, validate and judge, and where to go on; then what stayed out."""
    counts = {part: made.counts[part]["clips"] for part in ("train", "val", "test")}
    done = show.note(say("corpus.made", name=made.dataset.name, n=counts["train"], n_val=counts["val"],
                         n_test=counts["test"]), "ok")
    notes = "".join(f"<li>{show.text_of(retold(note))}</li>" for note in made.notes)
    return f'{done}<div class="vw-problems"><ul>{notes}</ul></div>' if notes else done
