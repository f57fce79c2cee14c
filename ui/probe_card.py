"""What the pause heads of two models say about one recording: its waveform, the heads over time, the words,
and where a client would end the turn; the rule can be moved without hearing it again."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from core.audio.peaks import peaks
from core.audio.read import read
from core.errors import BadInput
from core.evaluation.turns import Rule
from core.library import Library
from core.steps import probe
from core.steps.probe import Probed
from ui import view as show
from ui.errors import shown
from ui.plot import plot
from ui.texts import say
from ui.texts.retold import retold

PAUSES = (0.5, 1, 2, 3)
"""Seconds of pause that the heads tell, in their order."""
COLOURS = ("#9467bd", "#1f77b4", "#2ca02c", "#ff7f0e")
BINS = 800
DASHES = ("solid", "dot")
"""How the lines of both models are drawn."""


def build(library: Library, left: gr.Dropdown, right: gr.Dropdown) -> None:
    """The card; the models are those of the fields at the top of the tab."""
    with gr.Column(elem_classes="vw-card", elem_id="probe"):
        gr.HTML(show.heading(say("probe.title")) + f"<p>{show.words('probe.info')}</p>",
                apply_default_css=False)
        with gr.Row(equal_height=False):
            audio = gr.Audio(sources=["microphone", "upload"], type="filepath", format="wav",
                             label=say("probe.audio"), elem_id="probe-audio", buttons=[])
            with gr.Column():
                usual = Rule()
                head = gr.Radio([(say("probe.pause", n=n), i) for i, n in enumerate(PAUSES)],
                                value=usual.head, label=say("probe.head"), elem_id="probe-head")
                threshold = gr.Slider(0.05, 0.95, usual.threshold, step=0.05, label=say("probe.threshold"),
                                      elem_id="probe-threshold")
                hold = gr.Slider(1, 12, usual.hold, step=1, label=say("probe.hold"), elem_id="probe-hold")
                start = gr.Button(say("probe.start"), variant="primary", elem_id="probe-start")
        told = gr.HTML(show.note(say("probe.nothing_yet")), elem_id="probe-told", apply_default_css=False)
        figure = plot("probe-plot", say("probe.plot"), 420, visible=False)
    kept = gr.State(None)

    @shown
    def hear(path: str | None, one: str, other: str, *rule: Any) -> list[Any]:
        if not path:
            raise BadInput(say("compare.no_audio"))
        if not one or not other:
            raise BadInput(say("compare.no_model"))
        found = probe.side_by_side(library, one, other, Path(path))
        return [found, *paint(found, *rule)]

    start.click(hear, [audio, left, right, head, threshold, hold], [kept, told, figure],
                show_progress_on=start, concurrency_limit=1)
    for field in (head, threshold, hold):
        field.change(shown(paint), [kept, head, threshold, hold], [told, figure], show_progress="hidden")


def paint(found: Probed | None, head: int, threshold: float, hold: float) -> list[Any]:
    """What both models would do, in words and as a figure."""
    if found is None:
        return [show.note(say("probe.nothing_yet")), gr.update(visible=False)]
    rule = Rule(head=int(head), threshold=float(threshold), hold=int(hold))
    told = ""
    for name, (each,) in zip(found.names, found.utterances(rule), strict=True):
        times = ", ".join(say("probe.at", n=time) for time in each.early)
        said = say("probe.cut", name=name, times=times) if each.early else say("probe.not_cut", name=name)
        told += show.note(said, "warn" if each.early else "ok")
    figure = gr.update(value={"figure": drawn(found, rule)}, visible=True)
    return [told + show.note(retold(found.table(rule).sentence)), figure]


def drawn(found: Probed, rule: Rule) -> dict[str, Any]:
    """The figure: the waveform below, every head of each model above it, threshold, early ends and words."""
    (sound,) = found.sounds
    samples = read(sound.clip.path, sound.clip.start, sound.clip.end)
    data = [_waveform(samples.samples, samples.seconds)]
    for number, (name, (row,)) in enumerate(zip(found.names, found.rows, strict=True)):
        data += [_head(row, i, name, DASHES[number % 2], i == rule.head) for i in range(len(PAUSES))]
    for name, (each,) in zip(found.names, found.utterances(rule), strict=True):
        if each.early:
            data.append({"type": "scatter", "mode": "markers", "x": list(each.early),
                         "y": [rule.threshold] * len(each.early), "name": say("probe.early", name=name),
                         "marker": {"symbol": "x", "size": 12, "color": "#d62728"}})
    return {"data": data, "layout": _layout(found, rule, samples.seconds)}


def _waveform(samples: Any, seconds: float) -> dict[str, Any]:
    n = max(1, min(BINS, len(samples)))
    found = peaks(samples, n)
    times = [round((i + 0.5) * seconds / n, 4) for i in range(n) for _ in range(2)]
    levels = [float(value) for pair in found for value in pair]
    return {"type": "scatter", "mode": "lines", "x": times, "y": levels, "yaxis": "y2",
            "name": say("probe.sound"), "line": {"width": 1, "color": "#888"},
            "hoverinfo": "skip", "showlegend": False}


def _head(row: dict[str, Any], head: int, name: str, dash: str, is_chosen: bool) -> dict[str, Any]:
    """One head of one model; those that the client does not read can be switched on in the legend."""
    times = [round((frame - row["front"]) / row["rate"], 3) for frame in range(len(row["probabilities"]))]
    values = [each[head] for each in row["probabilities"]]
    return {"type": "scatter", "mode": "lines", "x": times, "y": values,
            "name": f"{name}, {say('probe.pause', n=PAUSES[head])}",
            "visible": True if is_chosen else "legendonly",
            "line": {"color": COLOURS[head], "dash": dash, "width": 2.5}}


def _layout(found: Probed, rule: Rule, seconds: float) -> dict[str, Any]:
    row = found.rows[-1][0]
    words = [{"x": (frame - row["front"]) / row["rate"], "y": 1.04, "yref": "y", "text": word,
              "showarrow": False, "textangle": -30, "font": {"size": 11}} for frame, word in row["words"]]
    return {
        "xaxis": {"title": {"text": say("probe.seconds")}, "range": [-0.5, seconds + 2],
                  "anchor": "y2"},
        "yaxis": {"title": {"text": say("probe.probability")}, "range": [0, 1.15], "domain": [0.28, 1]},
        "yaxis2": {"domain": [0, 0.22], "showticklabels": False, "zeroline": False},
        "shapes": [{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": rule.threshold,
                    "y1": rule.threshold, "line": {"dash": "dash", "width": 1, "color": "#d62728"}}],
        "annotations": words, "legend": {"orientation": "h", "y": -0.2},
    }
