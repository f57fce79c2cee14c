"""Prompts that are made: numbers, codes, dates and amounts with a seed, seen before they are added."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from core.errors import BadInput, StudioError
from core.library import Library, Project
from core.steps import prompts
from core.steps.prompts import HEEDED, Options
from ui import form, sheet
from ui import view as show
from ui.errors import shown
from ui.page import Follow, Page
from ui.script_tools import told
from ui.state import needed, opened
from ui.texts import say
from ui.texts.retold import retold

TITLES = ("orders", "locations", "phones", "codes", "dates", "amounts")
FIELDS = sheet.keyed(form.fields_of(Options, [name for name in Options.model_fields if name != "language"]))
ALWAYS = ("n", "carriers")
SHOWN = 6
QUIET: dict[str, Any] = {"show_progress": "hidden"}


def heeded(kind: str) -> dict[str, form.Field]:
    """The fields that a generator heeds; the language is the project's."""
    return {key: field for key, field in FIELDS.items() if key in (*ALWAYS, *HEEDED[kind])}


def shown_of(kind: str, before: Mapping[str, Any]) -> dict[str, Any]:
    """The value of the fields for a generator: what was entered before stays."""
    return {key: before.get(key, usual) for key, usual in sheet.shown(heeded(kind), {}).items()}


def options_of(project: Project, kind: str, given: Mapping[str, Any]) -> Options:
    """What the form asks for; BadInput names the field that does not fit."""
    fields = heeded(kind)
    checked = sheet.read(Options, fields, given)
    return prompts.options(project, kind, **checked.model_dump(include=set(fields)))


def preview(lib: Library, project: Project | None, kind: str, seed: float | None,
            given: Mapping[str, Any]) -> str:
    """The first of the prompts that would be added, or why none can be made."""
    if project is None:
        return ""
    try:
        found = prompts.preview(lib, project, kind, options_of(project, kind, given), int(seed or 0))
    except StudioError as error:
        return show.note(retold(str(error)), "bad")
    n = len(found.drafts)
    rows = "".join(f'<li dir="auto">{show.text_of(draft.text)}</li>' for draft in found.drafts[:SHOWN])
    more = f"<li>{say('make.more', n=n - SHOWN)}</li>" if n > SHOWN else ""
    new = say("make.all_new") if found.n_new == n else say("make.some_new", new=found.n_new)
    return (f'<div class="vw-preview" role="status"><p>{show.words("make.some", n=n, new=new)}</p>'
            f"<ul>{rows}{more}</ul></div>")


def build(page: Page, library: Library, follow: Follow) -> None:
    """The accordion: what to make, how many, and what that will be."""
    with gr.Accordion(say("make.title"), open=False,
                      elem_id="prompts-make") as box:
        kinds = [(say(f"make.{name}"), name) for name in TITLES]
        kind = gr.Radio(kinds, value="orders", label=say("make.what"), elem_id="make-kind")
        with gr.Group(elem_classes="vw-options"):
            fields = sheet.build(FIELDS, "make", shown_of("orders", {}), "make-options")
            seed = gr.Number(1, precision=0, label=say("tools.seed"), info=say("make.seed_info"),
                             elem_id="make-seed")
        seen = gr.HTML(elem_id="make-preview", apply_default_css=False)
        add = gr.Button(say("make.add"), variant="primary", elem_id="make-add")

    @shown
    def draw(slug: str, name: str, number: float | None, given: dict[str, Any]) -> str:
        return preview(library, opened(library, slug), name, number, given)

    @shown
    def append(slug: str, who: str, name: str, number: float | None, given: dict[str, Any]) -> None:
        project = needed(library, slug)
        if name not in TITLES:
            raise BadInput(say("make.none_chosen"))
        chosen = options_of(project, name, given)
        told(prompts.generate(library, project, name, chosen, int(number or 0), who))

    asked = [kind, seed, fields]
    gr.on([box.expand, page.showing.change, kind.input, seed.input, fields.change], draw,
          [page.project, *asked], seen, trigger_mode="always_last", **QUIET)
    kind.change(shown_of, [kind, fields], fields, **QUIET)
    done = add.click(append, [page.project, page.who, *asked], **QUIET)
    done.success(draw, [page.project, *asked], seen, **QUIET)
    follow(done, True)
