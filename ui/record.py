"""Record: the prompt in large type, one key, and the take is on the disk before the page says so."""
from __future__ import annotations

import gradio as gr

from core.library import Library
from ui import desktop, importing
from ui.look import keys_of, markup
from ui.page import Page

TITLE = "Record"
START = """const ready = () => window.voicewright && voicewright.recordTab;
const begin = () => (ready() ? voicewright.recordTab(element) : setTimeout(begin, 30));
begin();"""


def desk() -> None:
    """The recorder, which draws itself (ui/static/recorder.js): a changed prop would wipe what it drew."""
    gr.HTML(
        value="",
        html_template=markup("recorder.html"),
        js_on_load=START,
        elem_id="record-desk",
        apply_default_css=False,
    )


def build(page: Page, library: Library) -> None:
    """The tab: the recorder and its keys, the recorder of this machine, and the import of what exists."""
    desk()
    gr.HTML(keys_of(TITLE))
    desktop.build(page, library)
    importing.build(page, library)
