"""Bring recordings in from files, on the Record tab."""
from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import gradio as gr

from core.errors import BadInput
from core.library import Library
from core.steps.importing import ENDINGS, Imported, import_files
from ui.errors import shown
from ui.page import Page
from ui.state import needed
from ui.view import note

HELP = (
    "<p>Each file is one take. A text file of the same name (<code>take-01.txt</code> beside "
    "<code>take-01.wav</code>) tells what was said.</p>"
)
PROGRESS = gr.Progress()


def build(page: Page, library: Library) -> None:
    """The accordion with the file field."""
    with gr.Accordion("Import recordings", open=False, elem_id="record-import"):
        gr.HTML(HELP)
        files = gr.File(
            label="Audio files, with their text files",
            file_count="multiple",
            file_types=[*ENDINGS, ".txt"],
            height=150,
            elem_id="record-import-files",
        )
        speaker = gr.Textbox(
            "", label="Speaker", placeholder="me", max_length=60, elem_id="record-import-speaker"
        )
        start = gr.Button("Import", variant="primary", elem_id="record-import-start")
        result = gr.HTML(elem_id="record-import-result")

    @shown
    def bring_in(
        slug: str, paths: list[str] | None, name: str, who: str, progress: gr.Progress = PROGRESS
    ) -> tuple[str, None]:
        project = needed(library, slug)
        if not paths:
            raise BadInput("No file was chosen: drop one or more audio files into the field first.")
        with tempfile.TemporaryDirectory(dir=library.root.cache, prefix="import-") as folder:
            gathered = gather([Path(p) for p in paths], Path(folder))
            imported = import_files(
                library,
                project,
                gathered,
                speaker=name or "me",
                who=who,
                progress=lambda n, total: progress((n, total), desc="Importing"),
            )
        return report(imported), None

    start.click(bring_in, [page.project, files, speaker, page.who], [result, files])


def gather(uploads: Sequence[Path], folder: Path) -> list[Path]:
    """The uploads in one folder, so that text files stand beside their audio again; returns the audio files.

    Gradio keeps each upload in a folder of its own. Files of the same name get folders of their own here too.
    """
    audio: list[Path] = []
    for upload in uploads:
        place = next(
            place for n in range(len(uploads)) if not (place := folder / str(n) / upload.name).exists()
        )
        place.parent.mkdir(exist_ok=True)
        try:
            os.link(upload, place)
        except OSError:  # another disk
            shutil.copy(upload, place)
        if place.suffix.lower() in ENDINGS:
            audio.append(place)
    if not audio:
        raise BadInput(
            f"There is no audio among the chosen files; these kinds are read: {', '.join(ENDINGS)}."
        )
    return audio


def report(imported: Imported) -> str:
    """What came in, what was there already, and why something was refused."""
    n = len(imported.clips)
    lines = [note(f"{n} {'take was' if n == 1 else 'takes were'} imported.", "ok" if n else "info")]
    if imported.n_duplicates:
        lines.append(note(f"{imported.n_duplicates} were in the project already and were left out.", "info"))
    return "".join([*lines, *(note(sentence, "bad") for _, sentence in imported.refused)])
