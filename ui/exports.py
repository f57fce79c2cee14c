"""The export line of the Data tab: which clips, in which format, at which rate."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from core.datasets.formats import TITLES
from core.datasets.formats.writers import WRITERS
from core.errors import BadInput
from core.library import Library, Project
from core.steps import dataset
from core.steps import export as step
from ui import view as show
from ui.errors import shown
from ui.page import Page
from ui.state import needed
from ui.texts import say
from ui.texts.retold import retold

RATES = {"16 kHz": 16000, "24 kHz": 24000}
OWN = "manifest"
NOW = {"/accepted": "accepted", "/all": "all"}
"""Choices that are no dataset: no dataset's name begins with a slash."""
PROGRESS = gr.Progress()


def choices(names: list[str]) -> list[tuple[str, str]]:
    """Datasets, and the clips as they are now."""
    return [*((name, name) for name in names), (say("data.accepted_now"), "/accepted"),
            (say("data.all_now"), "/all")]


def ticking(progress: gr.Progress) -> Callable[[int, int], None]:
    """Shows how many of how many are done."""
    return lambda done, of: progress((done, of), desc=say("data.exporting"))


def build(page: Page, library: Library) -> gr.Dropdown:
    """The line; returns the field that names what is exported."""
    with gr.Row(equal_height=False):
        which = gr.Dropdown(choices([]), value=None, label=say("data.export"), elem_id="data-export-name",
                            info=say("data.export_info"))
        kinds = [(say("data.own_format"), OWN), *((TITLES[name], name) for name in WRITERS)]
        form = gr.Dropdown(kinds, value=OWN, label=say("data.format"), elem_id="data-export-format",
                           info=say("data.format_info"))
        rate = gr.Radio(list(RATES), value="16 kHz", label=say("data.rate"), elem_id="data-export-rate")
        button = gr.Button(say("data.export"), elem_id="data-export", scale=0, min_width=120)
    said = gr.HTML(elem_id="data-exported", apply_default_css=False)

    @shown
    def export(slug: str, name: str | None, title: str, kind: str = OWN,
               progress: gr.Progress = PROGRESS) -> str:
        project = needed(library, slug)
        if not name or (kind == OWN and name in NOW):
            raise BadInput(say("data.no_export"))
        if kind == OWN:
            folder: Path = dataset.export(library, project, name, RATES[title])
            return show.note(say("data.exported", name=name, folder=folder, rate=title), "ok")
        return told(library, project, name, kind, RATES[title], progress)

    button.click(export, [page.project, which, rate, form], said, show_progress_on=button)
    return which


def told(library: Library, project: Project, name: str, kind: str, rate: int, progress: gr.Progress) -> str:
    """Export and say where it lies, and what stayed out."""
    what: dict[str, Any] = {"what": NOW[name]} if name in NOW else {"what": "dataset", "name": name}
    done = step.export(library, project, kind, **what, rate=rate, tick=ticking(progress))
    where = say("data.exported_as", n=done.n_clips, folder=done.folder, format=TITLES[kind])
    return show.note(where, "ok") + "".join(show.note(retold(each), "warn") for each in done.left_out)
