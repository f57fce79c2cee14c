"""A sample for a reviewer elsewhere: the folder with its page is written, and her marks come home."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from core.errors import BadInput, Stale
from core.files import read_json
from core.library import Library, Project
from core.steps import review, sample, sample_marks, sample_page
from core.steps.sample_marks import Plan
from ui import view as show
from ui.errors import shown
from ui.page import Page
from ui.state import needed, opened
from ui.texts import language, say, texts
from ui.texts.retold import retold

QUIET: dict[str, Any] = {"show_progress": "hidden", "concurrency_id": "samples", "concurrency_limit": 1}


@dataclass(frozen=True)
class Parts:
    """The components; `plan` is (the file's bytes and name, the mark under which it was shown)."""

    box: gr.Accordion
    export: gr.Button
    exported: gr.HTML
    file: gr.File
    plan: gr.State
    preview: gr.HTML
    take: gr.Button
    who: gr.State
    back: gr.Button


def labels() -> dict[str, str]:
    """What the reviewer's page says, in the language of this one; it fills in figures itself."""
    return {name: texts(language())[f"sample_page.{name}"] for name in read_json(sample_page.LABELS)}


def write(lib: Library, project: Project) -> str:
    """Write the newest sample with its page, and say where."""
    drawn = sample.get(lib, project)
    folder = lib.root.project(project.slug) / "exports" / f"{project.slug}-{drawn.name}"
    sample_page.export(lib, project, drawn, folder, labels())
    packed = sample_page.zipped(folder)
    said = say("samples.written", n=len(drawn.clips), name=drawn.name, folder=folder, zip=packed.name)
    return show.note(said, "ok")


def preview(found: Plan) -> str:
    """Every mark that would be set, and what is left alone."""
    brought = found.brought
    notes = [show.note(say("samples.from", who=brought.reviewer, n=len(brought.given), same=found.n_same))]
    if found.changed:
        names = ", ".join(found.changed)
        notes.append(show.note(say("samples.changed", n=len(found.changed), names=names), "warn"))
    if found.gone:
        names = ", ".join(found.gone)[:2000]
        notes.append(show.note(say("samples.gone", n=len(found.gone), names=names), "warn"))
    rows = [[show.text_of(line.name), _mark(line.before), _mark(line.after), show.text_of(line.note)]
            for line in found.lines]
    heads = [say(f"samples.head.{head}") for head in ("take", "before", "after", "note")]
    table = show.table(heads, rows, say("samples.table"), "vw-bulk-table") if rows else ""
    return "".join(notes) + table


def _mark(mark: str) -> str:
    return show.words(f"check.mark.{mark}") if mark else show.nothing("samples.none")


def build(page: Page, library: Library) -> None:
    """The card; it is not there until a project is open."""
    parts = _layout()

    @shown
    def enter(slug: str) -> list[Any]:
        is_open, hidden = opened(library, slug) is not None, gr.update(visible=False)
        return [gr.update(visible=is_open), "", "", hidden, hidden]

    @shown
    def export(slug: str) -> str:
        return write(library, needed(library, slug))

    page.showing.change(enter, page.project,
                        [parts.box, parts.exported, parts.preview, parts.take, parts.back], **QUIET)
    parts.export.click(export, page.project, parts.exported, show_progress_on=parts.export)
    _wire_marks(page, library, parts)


def _wire_marks(page: Page, library: Library, parts: Parts) -> None:
    """A file is shown, then taken in, then may be taken back."""
    hidden = gr.update(visible=False)

    @shown
    def look(slug: str, file: str | None) -> list[Any]:
        if not file:
            return [None, "", hidden]
        path = Path(file)
        content = path.read_bytes()
        found = sample_marks.plan(library, needed(library, slug), sample_marks.read(content, path.name))
        take = gr.update(visible=True, interactive=bool(found.changes),
                         value=say("samples.take", n=len(found.changes) and len(found.lines) + found.n_same))
        return [(content, path.name, found.mark), preview(found), take]

    @shown
    def take(slug: str, seen: Any) -> list[Any]:
        project = needed(library, slug)
        if not seen:
            raise BadInput(say("samples.no_file"))
        brought = sample_marks.read(seen[0], seen[1])
        try:
            made = sample_marks.apply(library, project, brought, seen[2])
        except Stale as error:
            gr.Warning(retold(str(error)))
            found = sample_marks.plan(library, project, brought)
            return [(*seen[:2], found.mark), preview(found), gr.update(), None, hidden, gr.skip()]
        said = show.note(say("samples.taken", n=len(made.lines) + made.n_same, who=brought.reviewer), "ok")
        return [None, said, hidden, brought.who, gr.update(visible=True), None]

    @shown
    def take_back(slug: str, who: str) -> list[Any]:
        project = needed(library, slug)
        told = review.told(library.changes.undo(project.id, who)) if who else ""
        return [show.note(retold(told)), hidden, ""]

    parts.file.change(look, [page.project, parts.file], [parts.plan, parts.preview, parts.take], **QUIET)
    parts.take.click(take, [page.project, parts.plan],
                     [parts.plan, parts.preview, parts.take, parts.who, parts.back, parts.file], **QUIET)
    parts.back.click(take_back, [page.project, parts.who], [parts.preview, parts.back, parts.who], **QUIET)


def _layout() -> Parts:
    made: dict[str, Any] = {"plan": gr.State(None), "who": gr.State("")}
    with gr.Accordion(say("samples.title"), open=False, visible=False, elem_id="samples") as made["box"]:
        gr.Markdown(say("samples.info"))
        made["export"] = gr.Button(say("samples.export"), elem_id="samples-export")
        made["exported"] = gr.HTML(elem_id="samples-exported", apply_default_css=False)
        made["file"] = gr.File(label=say("samples.file"), file_types=[".json"], height=110,
                               elem_id="samples-file")
        made["preview"] = gr.HTML(elem_id="samples-preview", apply_default_css=False)
        made["take"] = gr.Button("", variant="primary", visible=False, elem_id="samples-take")
        made["back"] = gr.Button(say("samples.back"), visible=False, elem_id="samples-back")
    return Parts(**made)
