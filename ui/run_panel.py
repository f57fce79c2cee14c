"""The Train tab's view of one of the project's runs: state, verdict, merge, loss, samples, history."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.library import Library, Project
from core.runs import curves
from core.runs.listing import RunCard
from core.steps import advice, sound_verdict, train, verdict
from ui import (
    advice_card,
    live_plot,
    merge_card,
    run_card,
    run_files,
    run_notes,
    runs_compare,
    sample_table,
    skipped_card,
    sound_verdict_card,
    verdict_card,
)
from ui import view as show
from ui.look import static
from ui.run_notes import NoteParts
from ui.runs_compare import CompareParts
from ui.texts import say

NOT_SHOWN: dict[str, Any] = gr.update(visible=False)
DRAWN = ("panel", "empty", "run", "state", "stop", "resume", "plot", "warnings", "samples", "verdict",
         "merge", "merged", "history", "advice")
"""Few, because a page looks through all that an event could draw: what stands together is one component."""
HIDDEN = ("stop", "resume", "plot", "merge")
"""What is not there at all while there is no run."""


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
    keep: merge_card.Card
    advice: gr.HTML
    notes: NoteParts
    compare: CompareParts

    @property
    def drawn(self) -> list[Any]:
        """What `paint` gives values for; none of it can be typed into, so the timer may draw all of it."""
        return [getattr(self, name) for name in DRAWN]


def paint(lib: Library, project: Project | None, run_id: str) -> list[Any]:
    """The values of `Parts.drawn` for the run that was chosen, else for the newest."""
    values = _values(lib, project, run_id)
    return [values.get(name, NOT_SHOWN if name in HIDDEN else "") for name in DRAWN]


def _values(lib: Library, project: Project | None, run_id: str) -> dict[str, Any]:
    """By name what there is to show; a name that is left out is empty or hidden."""
    if project is None:  # the run stays chosen: a page that was just loaded opens its project a little later
        return {"panel": NOT_SHOWN, "empty": show.project_missing(), "run": run_id}
    cards = train.cards(lib, project, "train")
    card = next((c for c in cards if c.id == run_id), cards[0] if cards else None)
    found = {"panel": gr.update(visible=True), "state": run_card.state(card),
             "history": run_card.history(cards, card.id if card else "")}
    return found if card is None else found | _of_run(lib, project, card)


def _of_run(lib: Library, project: Project, card: RunCard) -> dict[str, Any]:
    rows, size = curves.notes(card.run)
    is_working = card.state in ("running", "queued")
    stop = gr.update(visible=is_working, value=say(f"run.do.{run_card.stop_key(card)}"))
    can_merge = not is_working and (card.run.checkpoints / "manifest.json").exists()
    left_out = skipped_card.ids(rows)
    clips = [view.clip for view in lib.clips.views(project.id)] if left_out else []
    names = {clip.id: clip.name for clip in clips if clip.id in left_out}
    return {"run": card.id, "stop": stop,
            "resume": gr.update(visible=card.state in ("stopped", "failed", "lost")),
            "plot": gr.update(value={"run": card.id, "size": f"{size} {card.state}"},
                              visible=not card.order.get("adapter")),
            "warnings": run_card.warnings(rows) + skipped_card.card(rows, names),
            "samples": run_card.samples(rows, card.id) + sample_table.over_time(rows, card.id)
            + run_files.links(card),
            "verdict": verdict_card.verdict(verdict.of_run(card.run))
            + sound_verdict_card.card(sound_verdict.of_run(card.run), card.id),
            "merge": gr.update(visible=can_merge),
            "merged": merge_card.picture(lib, merge_card.made_of(lib, project, card)),
            "advice": advice_card.card(advice.of_run(card.run), card.id)}


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
    made["keep"] = merge_card.layout()
    made |= {"merge": made["keep"].panel, "merged": made["keep"].made}
    made["advice"] = gr.HTML(elem_id="train-advice", js_on_load=advice_card.CLICKS, apply_default_css=False)
    made["plot"] = live_plot.build("train-plot", say("panel.plot"), library, live_plot.ONE)
    for name in ("warnings", "samples"):
        made[name] = gr.HTML(elem_id=f"train-{name}", js_on_load=static("run-rows.js"),
                             apply_default_css=False)
    made["notes"] = run_notes.layout()
    gr.HTML(show.heading(say("panel.all")), apply_default_css=False)
    made["history"] = gr.HTML(js_on_load=static("history.js"), elem_id="train-history",
                              apply_default_css=False)
    made["compare"] = runs_compare.layout(library)
    return Parts(**made)
