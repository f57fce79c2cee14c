"""Plots that keep their zoom: a gr.HTML around the plotly.js of the plotly package; figures are values."""
from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

from core.errors import Unavailable
from core.library import Library
from core.run_dir import RunDir, without_superseded
from core.runs.listing import find
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


def plot(elem_id: str, label: str, library: Library, height: int = 320) -> gr.HTML:
    """A place for one plot: {figure: {data, layout}} is drawn as it is, {run, size} is a run's live loss."""
    gr.set_static_paths([plotly_js()])

    def measured(asked: dict[str, Any]) -> dict[str, Any]:
        return curve(find(library.root, str(asked["run"])), int(asked["offset"]))

    named = f'role="group" aria-label="{text_of(label)}"'
    markup = f'<div class="vw-plot" {named} style="height:{height}px"></div>'
    return gr.HTML(value={}, html_template=markup, server_functions=[measured], elem_id=elem_id,
                   js_on_load=static("plot.js"), apply_default_css=False,
                   head=f'<script src="/gradio_api/file={plotly_js()}"></script>')


def curve(run: RunDir, offset: int) -> dict[str, Any]:
    """What a run measured since byte `offset` of its events, and the next offset.

    `steps` holds [step, loss], `evals` [step, loss, wer]. `reset` is True when everything is sent: the
    browser has nothing yet, or an attempt began again at an earlier step.
    """
    rows, end = run.events(offset)
    if reset := offset == 0 or any(row["kind"] == "attempt" for row in rows):
        rows, end = run.events(0)
        rows = without_superseded(rows)
    steps = [[r["step"], r.get("loss")] for r in rows if r["kind"] == "step"]
    evals = [[r["step"], r.get("loss"), r.get("wer")] for r in rows if r["kind"] == "eval"]
    return {"run": run.id, "offset": end, "reset": reset, "steps": steps, "evals": evals}


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
