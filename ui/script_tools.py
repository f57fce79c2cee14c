"""Tools of the script: type prompts, bring them from a file, mix them, take doubles out."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from core.errors import BadInput
from core.library import Library
from core.steps import prompts
from core.steps.prompts import Added
from ui.errors import shown
from ui.page import Follow, Page
from ui.state import needed
from ui.texts import say
from ui.texts.retold import retold

KINDS = [".txt", ".csv", ".tsv", ".json"]
QUIET: dict[str, Any] = {"show_progress": "hidden"}


def file_field(elem_id: str, visible: bool = True) -> gr.File:
    """Where a file of prompts is dropped."""
    return gr.File(label=say("tools.file_label"), file_types=KINDS, height=120, visible=visible,
                   elem_id=elem_id)


def told(added: Added) -> None:
    """How many prompts are new, and each thing that was left out."""
    gr.Info(say("tools.new", n=added.n_new), duration=4)
    for note in added.notes:
        gr.Warning(retold(note), title=say("project.left_out"))


def adding(page: Page, library: Library, follow: Follow) -> None:
    """A field for one prompt, or several lines of them."""
    with gr.Row(equal_height=True, elem_classes="vw-toolbar"):
        typed = gr.Textbox("", label=say("tools.new_prompt"), placeholder=say("tools.new_hint"), lines=1,
                           max_lines=8, show_label=False, container=False, elem_id="prompts-typed")
        add = gr.Button(say("tools.add"), elem_id="prompts-add", scale=0, min_width=150)

    @shown
    def append(slug: str, who: str, text: str) -> str:
        project = needed(library, slug)
        if not text.strip():
            raise BadInput(say("tools.nothing_typed"))
        told(prompts.import_file(library, project, text.encode(), say("tools.typed"), who))
        return ""

    for event in (add.click, typed.submit):
        follow(event(append, [page.project, page.who, typed], typed, **QUIET), True)


def from_file(page: Page, library: Library, follow: Follow) -> None:
    """Prompts from a file, all or none."""
    with gr.Accordion(say("tools.from_file"), open=False, elem_id="prompts-file"):
        script = file_field("prompts-file-field")
        add = gr.Button(say("tools.add_them"), elem_id="prompts-file-add")

    @shown
    def append(slug: str, who: str, file: str | None) -> None:
        project = needed(library, slug)
        if not file:
            raise BadInput(say("tools.no_file"))
        path = Path(file)
        told(prompts.import_file(library, project, path.read_bytes(), path.name, who))

    done = add.click(append, [page.project, page.who, script], **QUIET)
    done.success(lambda: None, None, script, **QUIET)
    follow(done, True)


def tidying(page: Page, library: Library, follow: Follow) -> None:
    """Mix the order, and delete doubles."""
    with gr.Accordion(say("tools.tidy"), open=False, elem_id="prompts-tidy"):
        with gr.Row(equal_height=True):
            seed = gr.Number(1, precision=0, label=say("tools.seed"), elem_id="prompts-seed", min_width=140,
                             info=say("tools.seed_info"))
            mix = gr.Button(say("tools.mix"), elem_id="prompts-shuffle", min_width=160)
            single = gr.Button(say("tools.single"), elem_id="prompts-deduplicate", min_width=160)

    @shown
    def shuffle(slug: str, who: str, number: float | None) -> None:
        gr.Info(retold(prompts.shuffle(library, needed(library, slug), int(number or 0), who)), duration=5)

    @shown
    def deduplicate(slug: str, who: str) -> None:
        gr.Info(retold(prompts.deduplicate(library, needed(library, slug), who)), duration=5)

    follow(mix.click(shuffle, [page.project, page.who, seed], **QUIET), False)
    follow(single.click(deduplicate, [page.project, page.who], **QUIET), False)
