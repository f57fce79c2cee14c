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
from ui.texts import say
from ui.texts.retold import retold
from ui.view import note, words

PROGRESS = gr.Progress()


def build(page: Page, library: Library) -> None:
    """The accordion: files from this browser, on a page of this machine a folder, and how the import goes."""
    with gr.Accordion(say("import.title"), open=False, elem_id="record-import", elem_classes="vw-tab"):
        speaker = gr.Textbox(
            "", label=say("recorder.speaker"), info=say("import.speaker_info"),
            placeholder=say("recorder.me"), max_length=60, elem_id="record-import-speaker",
        )
        accept = gr.Checkbox(
            False, label=say("import.accept"),
            elem_id="record-import-accept",
        )
        gr.HTML(f"<p>{words('import.help')}</p>")
        files = gr.File(
            label=say("import.files"), file_count="multiple", height=150,
            file_types=[*ENDINGS, *TEXT_ENDINGS, *TABLE_ENDINGS], elem_id="record-import-files",
        )
        start = gr.Button(say("import.start"), variant="primary", elem_id="record-import-start")
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
            raise BadInput(say("import.no_file"))
        uploads, speaks = [Path(path) for path in paths], name or "me"
        if is_many(uploads):
            begin(library, project, uploads, speaks, is_right)
            gr.Info(say("import.started"))
            return "", None
        with tempfile.TemporaryDirectory(dir=library.root.cache, prefix="import-") as folder:
            imported = import_files(
                library, project, gather(uploads, Path(folder)), speaker=speaks, who=who,
                progress=lambda n, total: progress((n, total), desc=say("import.importing")),
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
            say("import.no_audio", kinds=", ".join(ENDINGS))
        )
    return audio


def report(imported: Imported) -> str:
    """What came in, what was there already, and why something was refused."""
    n = len(imported.clips)
    lines = [note(say("import.imported", n=n), "ok" if n else "info")]
    if imported.n_duplicates:
        lines.append(note(say("import.known", n=imported.n_duplicates), "info"))
    return "".join([*lines, *(note(retold(sentence), "bad") for _, sentence in imported.refused)])
