"""Labels for Praat, Audacity or a subtitle editor, on the Data tab: out, edited, shown, taken in."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from core.datasets.formats import TITLES
from core.datasets.formats.writers import LABELS
from core.errors import BadInput, Stale
from core.library import Library
from core.steps import annotation_edits as edits
from core.steps import annotations
from core.steps.annotation_edits import Line, Plan
from ui import aligning
from ui import view as show
from ui.errors import shown
from ui.exports import PROGRESS, ticking
from ui.page import Page
from ui.state import needed
from ui.texts import say
from ui.texts.retold import retold

MOST = 500
"""Lines that a page shows; all are done."""


def preview(found: Plan) -> str:
    """Every change as a row, and what changed here as well."""
    lines = found.lines
    head = show.note(say("labels.changes", n=len(lines)) if lines else say("labels.nothing"))
    late = show.note(say("labels.late", names=", ".join(found.stale[:10])), "warn") if found.stale else ""
    rows = [[show.text_of(line.name), show.words(f"labels.field.{line.field}"), _side(line, line.before),
             _side(line, line.after)] for line in lines[:MOST]]
    heads = [say(f"labels.head.{head}") for head in ("clip", "field", "before", "after")]
    rest = show.note(say("labels.more", n=len(lines) - MOST)) if len(lines) > MOST else ""
    return head + late + (show.table(heads, rows, say("labels.table")) if rows else "") + rest


def _side(line: Line, value: str) -> str:
    if line.field == "decision":
        return show.words(f"decision.{value}")
    return f'<span dir="auto">{show.text_of(value)}</span>' if value else "–"


def build(page: Page, library: Library) -> None:
    """The accordion."""
    with gr.Accordion(say("labels.title"), open=False, elem_id="data-labels"):
        gr.Markdown(say("labels.help"))
        with gr.Row(equal_height=False):
            form = gr.Radio([(TITLES[name], name) for name in LABELS], value=LABELS[0],
                            label=say("labels.format"), elem_id="labels-format")
            send = gr.Button(say("labels.send"), elem_id="labels-send", scale=0, min_width=160)
        sent = gr.HTML(elem_id="labels-sent", apply_default_css=False)
        files = gr.File(label=say("labels.files"), file_count="multiple", height=130, elem_id="labels-files",
                        file_types=[".TextGrid", *annotations.ENDINGS, ".json"])
        leave = gr.Checkbox(False, label=say("labels.leave"), elem_id="labels-leave")
        listed = gr.HTML(elem_id="labels-preview", apply_default_css=False)
        take = gr.Button(say("labels.take"), variant="primary", visible=False, elem_id="labels-take")
    mark = gr.State("")

    @shown
    def export(slug: str, kind: str, progress: gr.Progress = PROGRESS) -> str:
        done = annotations.export(library, needed(library, slug), kind, tick=ticking(progress))
        return show.note(say("labels.sent", n=done.n_clips, files=done.n_files, folder=done.folder), "ok")

    @shown
    def look(slug: str, paths: list[str] | None) -> list[Any]:
        if not paths:
            return ["", "", gr.update(visible=False)]
        found = edits.preview(library, needed(library, slug), [Path(path) for path in paths])
        return [preview(found), found.mark, gr.update(visible=bool(found.lines))]

    @shown
    def apply(slug: str, who: str, paths: list[str] | None, seen: str, leaves: bool) -> list[Any]:
        if not paths:
            raise BadInput(say("labels.no_files"))
        project, given = needed(library, slug), [Path(path) for path in paths]
        try:
            done = edits.apply(library, project, given, seen, who, leaves)
        except Stale as error:
            now = edits.preview(library, project, given)
            return [show.note(retold(str(error)), "warn") + preview(now), now.mark, gr.skip(), gr.skip()]
        aligning.later(library, project, *done.clip_ids)
        said = show.note(say("labels.done", n=done.n_changes), "ok")
        return [said, "", gr.update(visible=False), None]

    send.click(export, [page.project, form], sent, show_progress_on=send)
    files.change(look, [page.project, files], [listed, mark, take], show_progress_on=listed)
    take.click(apply, [page.project, page.who, files, mark, leave], [listed, mark, take, files],
               show_progress_on=take)
