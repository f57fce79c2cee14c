"""An adapter from elsewhere on the Train tab: two files or, on this machine, a folder; it becomes a run,
which is judged and can be used and merged like any other."""
from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from core.errors import BadInput
from core.files import make_folder
from core.library import Library, Project
from core.steps import train
from ui import view as show
from ui.errors import shown
from ui.import_folder import place_of
from ui.page import Page
from ui.state import needed
from ui.texts import say
from ui.train_form import TrainForm

ENDINGS = [".safetensors", ".json"]


def build(page: Page, library: Library, form: TrainForm) -> Callable[..., None]:
    """The card; returns what wires it to the components that show runs (`drawn`, and `paint` of a run)."""
    with gr.Accordion(say("adapter.title"), open=False, elem_id="train-adapter"):
        gr.HTML(f"<p>{show.words('adapter.info')}</p>", apply_default_css=False)
        with gr.Row():
            folder = gr.Textbox(label=say("adapter.folder"), max_lines=1, visible=page.is_local,
                                placeholder=say("adapter.hint"),
                                elem_id="adapter-folder", min_width=320)
            files = gr.File(label=say("adapter.files"), file_count="multiple", file_types=ENDINGS, height=130,
                            elem_id="adapter-files")
        start = gr.Button(say("adapter.start"), elem_id="adapter-start")

    def wire(drawn: list[Any], paint: Callable[[Project, str], list[Any]]) -> None:
        @shown
        def begin(slug: str, named: str, sent: Sequence[str] | None, *values: Any) -> list[Any]:
            project, wish = needed(library, slug), form.wish(values)
            source = chosen(library, named if page.is_local else "", sent or ())
            run = train.bring(library, project, source, wish.family, wish.base, wish.dataset, wish.device,
                              wish.precision, is_copy=bool(sent))
            gr.Info(say("adapter.started"))
            return [*paint(project, run.id), None]

        start.click(begin, [page.project, folder, files, *form.all], [*drawn, files],
                    show_progress_on=start, concurrency_limit=1)

    return wire


def chosen(library: Library, named: str, sent: Sequence[str]) -> Path:
    """Where the adapter lies: the folder that was named, else a folder with the files that were sent.
    BadInput for neither, and for a folder that is not named from the root on."""
    if sent:
        folder = library.root.cache / "uploads" / f"adapter-{uuid.uuid4().hex[:8]}"
        make_folder(folder)
        for path in map(Path, sent):
            shutil.copyfile(path, folder / path.name)
        return folder
    if not named.strip():
        raise BadInput(say("adapter.none"))
    return place_of(named)
