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
from ui.texts import say
from ui.texts.retold import retold

MOST_PROBLEMS = 50
PROGRESS = gr.Progress()
FORGET = "() => ['', {__type__: 'update', visible: false}]"
"""In the browser: the host's answer to a letter typed could come after what "Look" found, and wipe it out."""


def build(page: Page, library: Library, speaker: gr.Textbox, accept: gr.Checkbox) -> None:
    """The field for the folder, with a look into it and the import."""
    gr.HTML(f"<p>{show.words('import.folder_help')}</p>")
    with gr.Row(equal_height=True, elem_classes="vw-toolbar"):
        folder = gr.Textbox("", label=say("import.folder"), show_label=False, container=False, max_lines=1,
                            placeholder=say("import.folder_hint"), elem_id="import-folder")
        look = gr.Button(say("import.look"), elem_id="import-look", scale=0, min_width=190)
    found = gr.HTML(elem_id="import-found", apply_default_css=False)
    start = gr.Button(say("import.start_folder"), variant="primary", visible=False, elem_id="import-start")

    @shown
    def look_there(name: str, progress: gr.Progress = PROGRESS) -> list[Any]:
        def tick(n: int) -> None:
            progress((n, None), desc=say("import.looked"), unit=say("import.sounds"))

        seen = survey(library.root, place_of(name), tick)
        return [told(seen), gr.update(visible=seen.n_parts > 0)]

    @shown
    def begin(slug: str, name: str, speaks: str, is_right: bool) -> list[Any]:
        start_import(library, needed(library, slug), [place_of(name)], speaks or "me", accept=is_right)
        gr.Info(say("import.started"))
        return ["", gr.update(visible=False)]

    for event in (look.click, folder.submit):
        event(look_there, folder, [found, start], show_progress_on=found)
    folder.input(None, None, [found, start], js=FORGET)
    start.click(begin, [page.project, folder, speaker, accept], [found, start], show_progress="hidden")


def place_of(name: str) -> Path:
    """The folder that a person named; BadInput for none and for one that is not named from the root on."""
    typed = name.strip().strip('"')
    if not typed:
        raise BadInput(say("import.no_folder"))
    folder = Path(typed).expanduser()
    if not folder.is_absolute():
        raise BadInput(say("import.not_whole", typed=typed))
    return folder


def told(seen: Survey) -> str:
    """What was found, and what would stay out."""
    head = show.note(retold(seen.sentence), "ok" if seen.n_parts else "warn")
    return head + problems(seen.problems, "import.out")


def problems(listed: tuple[tuple[str, str], ...], what: str) -> str:
    """Files with their reasons, folded up where they are many; `what` is the key of their heading."""
    if not listed:
        return ""
    n = len(listed)
    lines = "".join(f"<li>{show.text_of(_told(name, sentence))}</li>"
                    for name, sentence in listed[:MOST_PROBLEMS])
    more = f"<li>{say('import.more', n=n - MOST_PROBLEMS)}</li>" if n > MOST_PROBLEMS else ""
    is_open = " open" if n <= 5 else ""
    return (f'<details class="vw-problems"{is_open}><summary>{show.words(what, n=n)}</summary>'
            f"<ul>{lines}{more}</ul></details>")


def _told(name: str, sentence: str) -> str:
    return retold(sentence) if name in sentence else f"{name}: {retold(sentence)}"
