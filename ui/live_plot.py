"""The live curves of runs: small plots side by side that keep their zoom and are extended by what is new."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from core.library import Library
from core.runs import curves
from core.runs.comparing import MOST
from core.runs.listing import find
from ui.look import static
from ui.plot import plotly_js
from ui.texts import say
from ui.texts.retold import retold
from ui.view import text_of

ONE = ("loss", "codebooks", "ttt", "lr", "grad_norm", "speed", "memory")
"""What is drawn of one run; the first is wide, and so are the parts of a loss (ui/static/train.css). A plot
without figures is not shown."""
SEVERAL = ("smoothed", "val_loss", "wer", "lr")
"""What is laid over each other of several."""
WIDE, SMALL = 360, 210
"""Pixels that a plot is high."""
HIGH = ("codebooks", "ttt")
"""Plots that are wide beside the first."""
EXPLAINED = {"ttt": [curves.MEANINGS[name] for name in curves.TTT]}
"""Plots with words of meaning below them."""


def build(elem_id: str, label: str, library: Library, panels: Sequence[str]) -> gr.HTML:
    """A place for plots; its value is {run, size}, or {runs: [[id, name], ...], size}."""
    gr.set_static_paths([plotly_js()])

    def measured(asked: dict[str, Any]) -> list[dict[str, Any]]:
        return answers(library, asked["runs"])

    plots = "".join(_panel(name, WIDE if name in (panels[0], *HIGH) else SMALL) for name in panels)
    markup = f'<div class="vw-curves" role="group" aria-label="{text_of(label)}">{plots}</div>'
    return gr.HTML(value={}, html_template=markup, server_functions=[measured], elem_id=elem_id,
                   js_on_load=static("plot-dress.js") + static("live.js"), apply_default_css=False,
                   head=f'<script src="/gradio_api/file={plotly_js()}"></script>')


def _panel(name: str, height: int) -> str:
    title = text_of(say(f"room.plot.{name}"))
    return (f'<section data-panel="{name}" aria-label="{title}" hidden><h3>{title}</h3>'
            f'<div class="vw-plot" style="height:{height}px"></div>{_meaning(name)}</section>')


def _meaning(name: str) -> str:
    said = " ".join(map(retold, EXPLAINED.get(name, [])))
    return f'<p class="vw-quiet">{text_of(said)}</p>' if said else ""


def answers(library: Library, asked: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each of {id, had} what its page lacks; several are smoothed alike, as the longest of them."""
    found = [(find(library.root, str(one["id"])), one.get("had")) for one in asked[:MOST]]
    window = 0
    if len(found) > 1:
        window = max(curves.window_of(run.order().get("options") or {}) for run, _ in found)
    return [curves.curves(run, had, window) for run, had in found]
