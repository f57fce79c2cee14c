"""Bring recordings in from files, on the Record tab: a few at once, many as a run that survives the page."""
from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import gradio as gr

from core.errors import BadInput, StudioError
from core.library import Library, Project
from core.steps.import_uploads import lay_out, new_uploads
from core.steps.importing import (
    ENDINGS,
    TABLE_ENDINGS,
    TEXT_ENDINGS,
    Imported,
    import_files,
    is_many,
    start_import,
)
from core.steps.review import use_prompts
from ui import import_folder, import_run
from ui.errors import shown
from ui.page import Page
from ui.state import needed
from ui.view import note

HELP = (
    "<p>What was said may stand in a file of the same name (<code>take-01.txt</code>, <code>.json</code>, "
    "<code>.srt</code> or <code>.vtt</code> beside <code>take-01.wav</code>), or in a table "
    "(<code>metadata.csv</code>, <code>.tsv</code>, <code>.jsonl</code>): choose it together with the sounds."
    "</p>"
)
PROGRESS = gr.Progress()


def build(page: Page, library: Library) -> None:
    """The accordion: files from this browser, on a page of this machine a folder, and how the import goes."""
    with gr.Accordion("Import recordings", open=False, elem_id="record-import", elem_classes="vw-tab"):
        speaker = gr.Textbox(
            "", label="Speaker", info="Who speaks, where no table or transcript names somebody.",
            placeholder="me", max_length=60, elem_id="record-import-speaker",
        )
        accept = gr.Checkbox(
            False, label="What the texts say is right: accept these takes at once",
            elem_id="record-import-accept",
        )
        gr.HTML(HELP)
        files = gr.File(
            label="Sounds, with their texts and tables", file_count="multiple", height=150,
            file_types=[*ENDINGS, *TEXT_ENDINGS, *TABLE_ENDINGS], elem_id="record-import-files",
        )
        start = gr.Button("Import these files", variant="primary", elem_id="record-import-start")
        result = gr.HTML(elem_id="record-import-result")
        if page.is_local:
            import_folder.build(page, library, speaker, accept)
        import_run.build(page, library)

    @shown
    def bring_in(
        slug: str, paths: list[str] | None, name: str, is_right: bool, who: str,
        progress: gr.Progress = PROGRESS,
    ) -> tuple[str, None]:
        project = needed(library, slug)
        if not paths:
            raise BadInput("No file was chosen: drop one or more audio files into the field first.")
        uploads, speaks = [Path(path) for path in paths], name or "me"
        if is_many(uploads):
            begin(library, project, uploads, speaks, is_right)
            gr.Info(import_folder.STARTED)
            return "", None
        with tempfile.TemporaryDirectory(dir=library.root.cache, prefix="import-") as folder:
            imported = import_files(
                library, project, gather(uploads, Path(folder)), speaker=speaks, who=who,
                progress=lambda n, total: progress((n, total), desc="Importing"),
            )
        if is_right:
            use_prompts(library, project, [library.clips.view(clip.id) for clip in imported.clips], who)
        return report(imported), None

    start.click(bring_in, [page.project, files, speaker, accept, page.who], [result, files])


def begin(library: Library, project: Project, uploads: Sequence[Path], speaker: str, accept: bool) -> None:
    """Start a run on the uploads, which are kept for it until it is done."""
    folder = new_uploads(library, project)
    try:
        gather(uploads, folder)
        lay_out(folder)
        start_import(library, project, [folder], speaker, accept=accept, uploads=folder)
    except StudioError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def gather(uploads: Sequence[Path], folder: Path) -> list[Path]:
    """The uploads in one folder, so that texts and tables stand beside their audio again; returns the audio
    files.

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
