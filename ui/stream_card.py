"""Listening along on the Compare tab: the words of a model that streams, while they are said. The card draws
itself (ui/static/stream.js)."""
from __future__ import annotations

import gradio as gr

from ui import view as show
from ui.look import markup, static
from ui.texts import say


def build() -> None:
    """The card."""
    with gr.Column(elem_classes="vw-card", elem_id="stream"):
        gr.HTML(show.heading(say("stream.title")) + f"<p>{show.words('stream.info')}</p>",
                apply_default_css=False)
        gr.HTML(value="", html_template=markup("stream.html"), js_on_load=static("stream.js"),
                elem_id="stream-desk", apply_default_css=False)
