"""Import a folder of this machine: what it holds is told first. Only on a page that answers on loopback."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from core.errors import BadInput
from core.library import Library
from core.steps.import_look import Survey, survey
from core.steps.importing import start_import
from ui import view as show
from ui.errors import shown
from ui.page import Page
from ui.state import needed

HELP = ("<p>Or a folder on this machine, with all folders in it: LJSpeech, Hugging Face audiofolder, Common "
        "Voice, LibriSpeech, NeMo and moshi-finetune are known by their tables. Its files are copied.</p>")
STARTED = "The import has begun. It goes on by itself, also when this page is closed."
MOST_PROBLEMS = 50
PROGRESS = gr.Progress()


def build(page: Page, library: Library, speaker: gr.Textbox, accept: gr.Checkbox) -> None:
    """The field for the folder, with a look into it and the import."""
    gr.HTML(HELP)
    with gr.Row(equal_height=True, elem_classes="vw-toolbar"):
        folder = gr.Textbox("", label="Folder", show_label=False, container=False, max_lines=1,
                            placeholder="for example /home/me/recordings", elem_id="import-folder")
        look = gr.Button("See what is there", elem_id="import-look", scale=0, min_width=190)
    found = gr.HTML(elem_id="import-found", apply_default_css=False)
    start = gr.Button("Import this folder", variant="primary", visible=False, elem_id="import-start")

    @shown
    def look_there(name: str, progress: gr.Progress = PROGRESS) -> list[Any]:
        def tick(n: int) -> None:
            progress((n, None), desc="Looked at", unit="sounds")

        seen = survey(library.root, place_of(name), tick)
        return [told(seen), gr.update(visible=seen.n_parts > 0)]

    @shown
    def begin(slug: str, name: str, speaks: str, is_right: bool) -> list[Any]:
        start_import(library, needed(library, slug), [place_of(name)], speaks or "me", accept=is_right)
        gr.Info(STARTED)
        return ["", gr.update(visible=False)]

    for event in (look.click, folder.submit):
        event(look_there, folder, [found, start], show_progress_on=found)
    folder.input(lambda: ["", gr.update(visible=False)], None, [found, start], show_progress="hidden")
    start.click(begin, [page.project, folder, speaker, accept], [found, start], show_progress="hidden")


def place_of(name: str) -> Path:
    """The folder that a person named; BadInput for none and for one that is not named from the root on."""
    typed = name.strip().strip('"')
    if not typed:
        raise BadInput("No folder is named: write where it lies, for example /home/me/recordings.")
    folder = Path(typed).expanduser()
    if not folder.is_absolute():
        raise BadInput(f"“{typed}” does not say where the folder lies: write its whole path, from / on.")
    return folder


def told(seen: Survey) -> str:
    """What was found, and what would stay out."""
    head = show.note(seen.sentence, "ok" if seen.n_parts else "warn")
    return head + problems(seen.problems, "would stay out")


def problems(listed: tuple[tuple[str, str], ...], what: str) -> str:
    """Files with their reasons, folded up where they are many."""
    if not listed:
        return ""
    lines = "".join(f"<li>{show.text_of(sentence if name in sentence else f'{name}: {sentence}')}</li>"
                    for name, sentence in listed[:MOST_PROBLEMS])
    more = f"<li>… and {len(listed) - MOST_PROBLEMS:,} more</li>" if len(listed) > MOST_PROBLEMS else ""
    is_open = " open" if len(listed) <= 5 else ""
    title = f'{show.count(len(listed), "file")} {what}'
    return (f'<details class="vw-problems"{is_open}><summary>{title}</summary>'
            f"<ul>{lines}{more}</ul></details>")
