"""Plots: a gr.HTML around the plotly.js of the plotly package; figures are values."""
from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

from core.errors import Unavailable
from ui.look import static
from ui.texts import say
from ui.view import text_of


@cache
def plotly_js() -> Path:
    """The script inside the plotly package, found without importing it."""
    spec = importlib.util.find_spec("plotly")
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable(say("plot.missing"))
    return Path(spec.submodule_search_locations[0]) / "package_data" / "plotly.min.js"


def plot(elem_id: str, label: str, height: int = 320, visible: bool = True) -> gr.HTML:
    """A place for one plot, whose value is {figure: {data, layout}}."""
    gr.set_static_paths([plotly_js()])
    named = f'role="group" aria-label="{text_of(label)}"'
    markup = f'<div class="vw-plot" {named} style="height:{height}px"></div>'
    return gr.HTML(value={}, html_template=markup, elem_id=elem_id, apply_default_css=False, visible=visible,
                   js_on_load=static("plot-dress.js") + static("plot.js"),
                   head=f'<script src="/gradio_api/file={plotly_js()}"></script>')


def histogram(bars: Sequence[tuple[float, float, int]], title: str) -> dict[str, Any]:
    """(from, to, how many) as a Plotly figure; a bar that is pressed tells its stretch (event `bar`)."""
    drawn = {"type": "bar", "x": [round((low + high) / 2, 6) for low, high, _ in bars],
             "width": [high - low for low, high, _ in bars], "y": [n for _, _, n in bars],
             "customdata": [[low, high] for low, high, _ in bars],
             "hovertemplate": f"%{{customdata[0]:.4~f}} – %{{customdata[1]:.4~f}}: %{{y}} {say('plot.takes')}"
                              "<extra></extra>"}
    layout = {"xaxis": {"title": {"text": title}},
              "yaxis": {"title": {"text": say("plot.takes")}, "rangemode": "tozero"}, "bargap": 0.05,
              "showlegend": False}
    return {"data": [drawn], "layout": layout}


def line(points: Sequence[tuple[float, float]], across: str, up: str) -> dict[str, Any]:
    """A curve as a Plotly figure."""
    drawn = {"type": "scatter", "mode": "lines", "x": [x for x, _ in points], "y": [y for _, y in points]}
    layout = {"xaxis": {"title": {"text": across}, "rangemode": "tozero"},
              "yaxis": {"title": {"text": up}, "rangemode": "tozero"}, "showlegend": False}
    return {"data": [drawn], "layout": layout}
