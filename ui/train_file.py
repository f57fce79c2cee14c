"""Settings of a run as a file: one fills the form, and each run offers its own."""
from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import gradio as gr
from gradio.events import Dependency

from core.errors import BadInput
from core.library import Library, Project
from core.runs import listing
from core.steps import settings_of_run, train, train_request
from core.steps.train_request import FILE, Request
from core.steps.transcribe import model_named
from ui import train_form
from ui import view as show
from ui.errors import shown
from ui.page import Page
from ui.state import needed
from ui.texts import say
from ui.texts.retold import retold
from ui.train_form import ACCEPTED, SETTLING, TrainForm

ENDINGS = [".yaml", ".yml", ".json"]


def build() -> gr.UploadButton:
    """The button that takes a file, in the surrounding Blocks."""
    return gr.UploadButton(say("train.from_file"), file_types=ENDINGS, elem_id="train-file", size="sm",
                           scale=0, min_width=220)


def link(library: Library, run_id: str) -> str:
    """Where a run's own file is fetched, as HTML; nothing without a run."""
    if not run_id:
        return ""
    own = (f'<a class="vw-link" href="/runs/{quote(run_id)}/{FILE}" download>'
           f"{show.words('train.own_file')}</a>")
    if not (form := settings_of_run.form_of(listing.find(library.root, run_id))):
        return own
    return own + (f' <a class="vw-link" href="/runs/{quote(run_id)}/{quote(form)}.yaml" download>'
                  f"{show.words('train.foreign_file', form=form)}</a>")


def wire(page: Page, library: Library, form: TrainForm, button: gr.UploadButton) -> Dependency:
    """A file fills the form by the event that is returned; it is checked as if it had been typed."""

    @shown
    def take(slug: str, path: str) -> list[Any]:
        file = Path(path)
        if file.stat().st_size > 1_000_000:
            raise BadInput(say("train.file_large", name=file.name))
        asked = train_request.read(file.read_bytes(), file.name)
        for note in asked.notes:
            gr.Info(retold(note), duration=20)
        values = filled(library, needed(library, slug), form, asked)
        gr.Info(say("train.file_taken", name=file.name))
        return values

    return button.upload(take, [page.project, button], inputs(form), js=SETTLING, show_progress="hidden")


def inputs(form: TrainForm) -> list[gr.components.Component]:
    """What `filled` gives values for."""
    return form.all


def filled(library: Library, project: Project, form: TrainForm, asked: Request) -> list[Any]:
    """The form as a request has it. Raises StudioError naming what does not fit here."""
    family, preset = asked.get("family", form.families[0].name), asked.get("preset", "Quick")
    train.options_of(family, preset, asked.options)
    dataset = asked.get("dataset") or ACCEPTED
    if dataset:
        library.datasets.get(project.id, dataset)
    base = model_named(library, asked.get("base", "starter"))
    known = {choice.name for choice in train.bases(library, family)}
    presets = train_form.preset_choices(next(each for each in form.families if each.name == family))
    hardware = [asked.get("device", "auto"), asked.get("precision", "auto"), asked.get("devices", 1)]
    bases = {**train_form.bases_of(library, family), "value": base.name if base.name in known else base.path}
    return [family, bases,
            gr.update(choices=presets, value=preset), dataset, *hardware,
            form.preset_values(family, preset, asked.options)]
