"""Compare: one recording through two models, side by side, or blindly; and the fresh test of a training."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from core.errors import BadInput
from core.library import Library
from core.steps import recognise, transcribe
from ui import blind, fresh, probe_card, stream_card
from ui import view as show
from ui.errors import shown
from ui.models import titled
from ui.page import Page
from ui.texts import say

TITLE = "Compare"


def build(page: Page, library: Library) -> None:
    """The tab."""
    with gr.Column(elem_classes="vw-tab"):
        gr.HTML(show.heading(say("compare.title")), apply_default_css=False)
        with gr.Row(equal_height=False):
            audio = gr.Audio(sources=["microphone", "upload"], type="filepath", format="wav",
                             label=say("compare.audio"), elem_id="compare-audio",
                             buttons=[])
            with gr.Column():
                left = gr.Dropdown([], label=say("compare.left"), elem_id="compare-left")
                right = gr.Dropdown([], label=say("compare.right"), elem_id="compare-right")
                button = gr.Button(say("compare.start"), variant="primary", elem_id="compare-start")
        result = gr.HTML(show.note(say("compare.nothing_yet")), elem_id="compare-result",
                         apply_default_css=False)
        blindly = blind.build(page, library, left, right)
        fresh.build(page, library)
        probe_card.build(library, left, right)
        stream_card.build()

    @shown
    def enter(slug: str, one: str, other: str, who: str) -> list[Any]:
        fields = models_for(library, slug, one, other)
        return [*fields, *blind.paint(library, *(field["value"] for field in fields), who)]

    @shown
    def compare(path: str | None, one: str, other: str) -> str:
        return side_by_side(library, path, one, other)

    page.entered.change(enter, [page.project, left, right, page.who], [left, right, *blindly.drawn],
                        show_progress="hidden")
    gr.on([button.click, audio.stop_recording, audio.upload], compare, [audio, left, right], result,
          show_progress_on=result)


def models_for(lib: Library, slug: str, one: str = "", other: str = "") -> list[Any]:
    """Updates of both model fields: what was chosen, else the starter and the project's newest model."""
    found = transcribe.listeners(lib)
    choices = titled(lib, found)
    names = [choice.name for choice in found]
    own = [c.name for c in found if c.where == "merged" and c.name.startswith(f"{slug}/")]
    own += [c.name for c in found if c.where == "run" and Path(c.path).parent.parent.name == slug]
    left = one if one in names else names[0]
    right = other if other in names and other != names[0] else (own or names[1:] or names)[0]
    return [gr.update(choices=choices, value=left), gr.update(choices=choices, value=right)]


def side_by_side(lib: Library, path: str | None, one: str, other: str) -> str:
    """What both models write, their differences marked. Raises BadInput without a recording or a model."""
    if not path:
        raise BadInput(say("compare.no_audio"))
    if not one or not other:
        raise BadInput(say("compare.no_model"))
    titles = {name: title for title, name in titled(lib, transcribe.listeners(lib))}
    (_, first), (_, second) = recognise.side_by_side(lib, [one, other], Path(path))
    left, right = show.marked(first, second)
    columns = _column(titles.get(one, one), left) + _column(titles.get(other, other), right)
    return f'<div class="vw-two">{columns}</div>'


def _column(title: str, html: str) -> str:
    words = html or show.nothing("view.nothing")
    said = f'<p class="vw-words" dir="auto">{words}</p>'
    return f'<div class="vw-pane"><h3>{show.text_of(title)}</h3>{said}</div>'
