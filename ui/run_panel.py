"""The Train tab's view of one of the project's runs: state, verdict, merge, loss, samples, history."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from core.library import Library, Project
from core.run_dir import RunDir
from core.runs.listing import RunCard
from core.steps import train, verdict
from ui import run_card, verdict_card
from ui import view as show
from ui.plot import plot
from ui.texts import say

DTYPES = ("bf16", "fp32")
CLICKS = """element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-do]');
  if (button) trigger('choose', {what: button.dataset.do, run: button.dataset.run});
});"""


@dataclass(frozen=True)
class Parts:
    """The components that show runs, and those that merge one."""

    panel: gr.Column
    empty: gr.HTML
    run: gr.State
    state: gr.HTML
    stop: gr.Button
    resume: gr.Button
    plot: gr.HTML
    warnings: gr.HTML
    samples: gr.HTML
    verdict: gr.HTML
    merge: gr.Column
    merged: gr.HTML
    history: gr.HTML
    name: gr.Textbox
    dtype: gr.Radio
    merge_button: gr.Button

    @property
    def drawn(self) -> list[Any]:
        """What `paint` gives values for; none of it can be typed into, so the timer may draw all of it."""
        return [self.panel, self.empty, self.run, self.state, self.stop, self.resume, self.plot,
                self.warnings, self.samples, self.verdict, self.merge, self.merged, self.history]


def paint(lib: Library, project: Project | None, run_id: str) -> list[Any]:
    """The values of `Parts.drawn` for the run that was chosen, else for the newest."""
    hidden = gr.update(visible=False)
    if project is None:
        return [hidden, show.project_missing(), "", "", hidden, hidden, hidden, "", "", "", hidden, "", ""]
    cards = train.cards(lib, project, "train")
    card = next((c for c in cards if c.id == run_id), cards[0] if cards else None)
    if card is None:
        return [gr.update(visible=True), "", "", run_card.state(None), hidden, hidden, hidden, "", "", "",
                hidden, "", run_card.history([], "")]
    rows, size = notable(card.run)
    is_working = card.state in ("running", "queued")
    stop = gr.update(visible=is_working, value=say(f"run.do.{run_card.stop_key(card)}"))
    can_merge = not is_working and (card.run.checkpoints / "manifest.json").exists()
    return [gr.update(visible=True), "", card.id, run_card.state(card), stop,
            gr.update(visible=card.state in ("stopped", "failed", "lost")),
            gr.update(value={"run": card.id, "size": size}, visible=True), run_card.warnings(rows),
            run_card.samples(rows), verdict_card.verdict(verdict.of_run(card.run)),
            gr.update(visible=can_merge),
            run_card.merged(merge_of(lib, project, card)), run_card.history(cards, card.id)]


_read: dict[Path, tuple[list[dict[str, Any]], int]] = {}
"""Rows that were read already, and up to which byte: a saving of reads, never the truth."""


def notable(run: RunDir) -> tuple[list[dict[str, Any]], int]:
    """The rows of a run but its steps (of which there may be very many), and the byte after them."""
    rows, offset = _read.get(run.path, ([], 0))
    new, end = run.events(offset)
    _read[run.path] = found = ([*rows, *(row for row in new if row["kind"] != "step")], end)
    return found


def merge_of(lib: Library, project: Project, card: RunCard) -> RunCard | None:
    """The newest merge of a training run."""
    merges = train.cards(lib, project, "merge")
    return next((m for m in merges if m.order.get("train_run") == str(card.path.resolve())), None)


def layout(library: Library, panel: gr.Column, empty: gr.HTML) -> Parts:
    """The components, in the surrounding Blocks."""
    made: dict[str, Any] = {"panel": panel, "empty": empty, "run": gr.State("")}
    with gr.Row(elem_classes="vw-toolbar"):
        made["state"] = gr.HTML(elem_id="train-state", apply_default_css=False)
        made["stop"] = gr.Button(say("run.do.stop"), visible=False, elem_id="train-stop", scale=0,
                                 min_width=110)
        made["resume"] = gr.Button(say("run.do.resume"), variant="primary", visible=False,
                                   elem_id="train-resume", scale=0, min_width=110)
    made["verdict"] = gr.HTML(elem_id="train-verdict", apply_default_css=False)
    made |= _merge()
    made["plot"] = plot("train-plot", say("panel.plot"), library)
    made["warnings"] = gr.HTML(elem_id="train-warnings", apply_default_css=False)
    made["samples"] = gr.HTML(elem_id="train-samples", apply_default_css=False)
    gr.HTML(show.heading(say("panel.all")), apply_default_css=False)
    made["history"] = gr.HTML(js_on_load=CLICKS, elem_id="train-history", apply_default_css=False)
    return Parts(**made)


def _merge() -> dict[str, Any]:
    made: dict[str, Any] = {}
    dtypes = [(say(f"panel.{dtype}"), dtype) for dtype in DTYPES]
    with gr.Column(visible=False, elem_classes="vw-card", elem_id="merge-panel") as made["merge"]:
        gr.HTML(show.heading(say("panel.keep")), apply_default_css=False)
        with gr.Row(equal_height=False):
            made["name"] = gr.Textbox(label=say("panel.name"), placeholder=say("panel.name_hint"),
                                      max_lines=1, elem_id="merge-name")
            made["dtype"] = gr.Radio(dtypes, value="bf16", label=say("panel.saved_as"), elem_id="merge-dtype")
            made["merge_button"] = gr.Button(say("panel.merge"), elem_id="merge-start", scale=0,
                                             min_width=120)
        made["merged"] = gr.HTML(elem_id="merge-result", apply_default_css=False)
    return made
