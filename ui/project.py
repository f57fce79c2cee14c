"""Project: open one, or make one from a template or a file; beside it, where it stands, and its prompts."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from core.library import Library
from core.steps import projects
from core.steps.projects import Created
from ui import corpus_card, overview, prompts, rules, speakers
from ui.errors import shown
from ui.page import Page
from ui.script_tools import file_field
from ui.texts import say
from ui.texts.retold import retold

TITLE = "Project"


def build(page: Page, library: Library) -> None:
    """The tab."""
    with gr.Row(equal_height=False):
        with gr.Column(scale=2, min_width=320):
            listing = gr.Radio([], label=say("project.projects"), elem_id="project-list", visible=False)
            sample = gr.Button(say("project.sample"), elem_id="project-sample")
            new = _new_project(page, library)
        with gr.Column(scale=3, min_width=320):
            overview.build(page, library)
    prompts.build(page, library)
    rules.build(page, library)
    speakers.build(page, library)
    if page.is_local:
        corpus_card.build(page, library)

    @shown
    def open_sample() -> str:
        return projects.open_sample(library).slug

    def known(slug: str) -> list[Any]:
        names = [(project.name, project.slug) for project in library.projects.all()]
        has_sample = projects.SAMPLE_SLUG in dict(names).values()
        chosen = gr.update(choices=names, value=slug or None, visible=bool(names))
        return [chosen, gr.update(visible=not has_sample), gr.update(open=not slug)]

    sample.click(open_sample, None, page.project)
    listing.input(lambda slug: slug, listing, page.project, show_progress="hidden")
    page.entered.change(known, page.project, [listing, sample, new], show_progress="hidden")


def _new_project(page: Page, library: Library) -> gr.Accordion:
    with gr.Accordion(say("project.new"), open=True, elem_id="project-new") as box:
        name = gr.Textbox(
            "", label=say("project.name"), placeholder=say("project.name_hint"), max_length=60,
            elem_id="project-name",
        )
        choices = [(say(f"project.template.{key}"), key) for key in projects.TEMPLATES]
        template = gr.Radio(
            choices, value="numbers", label=say("project.prompts"), info=say("project.template_info"),
            elem_id="project-template",
        )
        script = file_field("project-script", visible=False)
        create = gr.Button(say("project.make"), variant="primary", elem_id="project-create")

    @shown
    def make(title: str, kind: str, file: str | None) -> tuple[str, str]:
        path = Path(file) if file and kind == "file" else None
        raw, origin = (path.read_bytes(), path.name) if path else (None, "")
        made = projects.create(library, title, kind, script=raw, script_name=origin)
        _tell(made)
        return made.project.slug, ""

    for event in (create.click, name.submit):
        event(make, [name, template, script], [page.project, name], show_progress="hidden")
    template.change(
        lambda kind: gr.update(visible=kind == "file"), template, script, queue=False, show_progress="hidden"
    )
    return box


def _tell(made: Created) -> None:
    """What was made, and each thing that was left out."""
    said = say("project.new_prompts", n=made.n_prompts) if made.n_prompts else say("project.no_prompts")
    gr.Info(said, title=say("project.ready", name=made.project.name), duration=4)
    for note in made.notes:
        gr.Warning(retold(note), title=say("project.left_out"))
