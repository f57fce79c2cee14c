"""The project's own words, on the Project tab: rules with their tests, the ten digits of a rare language."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from core.errors import BadInput
from core.library import Library, Project
from core.steps import convert, rules
from core.text.rules import Rule
from ui.errors import shown
from ui.look import static
from ui.page import Page
from ui.rules_table import preview, rules_of, table
from ui.state import needed, opened
from ui.texts import say
from ui.view import words

QUIET: dict[str, Any] = {"show_progress": "hidden"}


@dataclass(frozen=True)
class Parts:
    """The components of the card; `seen` are the rules that it shows, and the digits."""

    box: gr.Accordion
    seen: gr.State
    table: gr.HTML
    file: gr.File
    bring: gr.Button
    link: gr.HTML
    look: gr.Button
    preview: gr.HTML
    convert: gr.Button
    words: gr.Column
    digits: gr.Textbox
    name: gr.Button

    @property
    def drawn(self) -> list[Any]:
        """What `paint` gives values for."""
        return [self.box, self.seen, self.table, self.link, self.preview, self.convert, self.words]


def paint(lib: Library, project: Project | None) -> list[Any]:
    """The values of `Parts.drawn`."""
    hidden = gr.update(visible=False)
    if project is None:
        return [hidden, ((), ""), "", "", "", hidden, hidden]
    kept = rules.listing(lib, project)
    link = f'<a href="rules/{project.slug}.csv" download>{words("rules.save_file")}</a>'
    needs = rules.needs_digits(project) or bool(project.digits)
    return [gr.update(visible=True), (kept.rules, project.digits), table(kept.tested),
            f'<p class="vw-links">{link}</p>' if kept.rules else "", "", hidden, gr.update(visible=needs)]


def build(page: Page, library: Library) -> None:
    """The card; it is not there until a project is open."""
    parts = _layout()
    _wire_table(page, library, parts)
    _wire_again(page, library, parts)
    _wire_digits(page, library, parts)

    @shown
    def enter(slug: str) -> list[Any]:
        project = opened(library, slug)
        return [*paint(library, project), " ".join(project.digit_words or ()) if project else ""]

    page.showing.change(enter, page.project, [*parts.drawn, parts.digits], **QUIET)


def _layout() -> Parts:
    made: dict[str, Any] = {"seen": gr.State(((), ""))}
    with gr.Accordion(say("rules.title"), open=False, visible=False, elem_id="rules") as made["box"]:
        gr.Markdown(say("rules.info"))
        made["table"] = gr.HTML(js_on_load=static("rules.js"), elem_id="rules-table", apply_default_css=False)
        with gr.Row(equal_height=True):
            made["file"] = gr.File(label=say("rules.file"), file_types=[".csv", ".tsv"], height=110,
                                   elem_id="rules-file")
            made["bring"] = gr.Button(say("rules.bring"), elem_id="rules-bring", scale=0, min_width=190)
        made["link"] = gr.HTML(elem_id="rules-link", apply_default_css=False)
        made["look"] = gr.Button(say("rules.look"), elem_id="rules-look")
        made["preview"] = gr.HTML(elem_id="rules-preview", apply_default_css=False)
        made["convert"] = gr.Button("", variant="primary", visible=False, elem_id="rules-convert")
        with gr.Column(visible=False, elem_id="rules-digits-card") as made["words"]:
            made["digits"] = gr.Textbox("", label=say("rules.digits"), info=say("rules.digits_info"),
                                        elem_id="rules-digits")
            made["name"] = gr.Button(say("rules.name_digits"), elem_id="rules-name-digits")
    return Parts(**made)


def _wire_table(page: Page, library: Library, parts: Parts) -> None:
    def saved(slug: str, who: str, wanted: list[Rule], seen: Any) -> list[Any]:
        project = needed(library, slug)
        kept = rules.save(library, project, wanted, seen[0], who)
        wrong = sum(not one.ok for one in kept.tested)
        if wrong:
            gr.Warning(say("rules.kept_wrong", n=wrong))
        else:
            gr.Info(say("rules.kept", n=len(kept.rules)), duration=4)
        return paint(library, project)

    @shown
    def keep(slug: str, who: str, seen: Any, event: gr.EventData) -> list[Any]:
        return saved(slug, who, rules_of(event.rows), seen)

    @shown
    def bring(slug: str, who: str, seen: Any, file: str | None) -> list[Any]:
        if not file:
            raise BadInput(say("rules.no_file"))
        path = Path(file)
        more = rules.from_csv(path.read_bytes(), path.name)
        return [*saved(slug, who, rules.merged(seen[0], more), seen), None]

    base = [page.project, page.who, parts.seen]
    parts.table.keep(keep, base, parts.drawn, **QUIET)
    parts.bring.click(bring, [*base, parts.file], [*parts.drawn, parts.file], **QUIET)


def _wire_again(page: Page, library: Library, parts: Parts) -> None:
    @shown
    def look(slug: str, who: str) -> list[Any]:
        found = convert.convert_all(library, needed(library, slug), who, dry_run=True, again=True)
        label = say("rules.convert", n=len(found))
        return [preview(found), gr.update(value=label, visible=bool(found))]

    @shown
    def again(slug: str, who: str) -> list[Any]:
        done = convert.convert_all(library, needed(library, slug), who, again=True)
        gr.Info(say("rules.converted", n=len(done)), duration=6)
        return ["", gr.update(visible=False)]

    given, out = [page.project, page.who], [parts.preview, parts.convert]
    parts.look.click(look, given, out, **QUIET)
    parts.convert.click(again, given, out, **QUIET)


def _wire_digits(page: Page, library: Library, parts: Parts) -> None:
    @shown
    def name(slug: str, seen: Any, typed: str) -> list[Any]:
        project = rules.name_digits(library, needed(library, slug), typed, seen[1])
        gr.Info(say("rules.named") if project.digits else say("rules.unnamed"), duration=4)
        return paint(library, project)

    given = [page.project, parts.seen, parts.digits]
    for event in (parts.name.click, parts.digits.submit):
        event(name, given, parts.drawn, **QUIET)
