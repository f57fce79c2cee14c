"""The card of the running job, on every tab: what it does, how far it is, how long it takes, and Cancel."""
from __future__ import annotations

import time
from typing import Any

import gradio as gr

from core.library import Library
from core.runs import listing
from core.runs.listing import RunCard
from core.runs.start import stop
from ui.errors import shown
from ui.page import Page
from ui.texts import say
from ui.texts.retold import retold
from ui.view import duration, text_of

KINDS = ("import", "transcribe", "train", "find-rate", "evaluate", "merge", "align", "segment", "export",
         "speak")
ENDED = ("done", "failed", "stopped", "lost")
LINGER = 20.0
"""Seconds that a run which has just ended stays on the card."""


def build(page: Page, library: Library) -> None:
    """The card with its button; redrawn by the timer when what it says has changed."""
    with gr.Row(elem_id="voicewright-running", visible=False) as row:
        card = gr.HTML(elem_id="voicewright-job")
        cancel = gr.Button(say("job.cancel"), elem_id="voicewright-cancel", size="sm", scale=0, min_width=110)
    seen = gr.State("")

    @shown
    def look(before: str) -> Any:
        run, n_waiting = current(library)
        said = said_of(run, n_waiting) if run else ""
        if said == before:
            return [gr.skip()] * 4
        alive = run is not None and run.state in ("running", "queued")
        return [gr.update(visible=bool(said)), said, gr.update(visible=alive), said]

    @shown
    def call_off() -> None:
        run, _ = current(library)
        if run and run.state in ("running", "queued"):
            stop(run.run)
            gr.Info(say("job.stopping"))

    quiet: dict[str, Any] = {"show_progress": "hidden", "queue": False}
    page.tick.tick(look, seen, [row, card, cancel, seen], **quiet)
    page.blocks.load(look, seen, [row, card, cancel, seen], **quiet)
    cancel.click(call_off, show_progress="hidden")  # queued: without the queue gr.Info is not shown


def current(library: Library) -> tuple[RunCard | None, int]:
    """The run to show (running before waiting before just ended) and how many wait behind it."""
    cards = listing.runs(library.root)
    running = [c for c in cards if c.state == "running"]
    waiting = sorted((c for c in cards if c.state == "queued"), key=lambda c: c.started)
    ended = [c for c in cards if c.state in ENDED and time.time() - c.at < LINGER]
    chosen = next(iter([*running, *waiting, *ended]), None)
    return chosen, len(waiting) - (chosen in waiting)


def said_of(run: RunCard, n_waiting: int) -> str:
    """The card as HTML."""
    percent = round(100 * run.progress)
    kind = say(f"job.kind.{run.kind}") if run.kind in KINDS else run.kind.capitalize()
    if run.state in ENDED:
        head, bar = say(f"job.ended.{run.state}", kind=kind), ""
    else:
        head = kind if run.state == "running" else say("job.is_waiting", kind=kind)
        bar = bar_of(kind, percent)
    times = [say("job.percent", percent=percent)] if bar else []
    is_known = bool(bar) and run.seconds_left is not None
    times += [say("job.left", time=duration(run.seconds_left))] if is_known else []
    times += [say("job.more", n=n_waiting)] if n_waiting else []
    message = text_of(retold(run.message))
    inner = f'<b>{text_of(head)}</b> <span title="{message}">{message}</span>'
    right = f'<span class="vw-times">{text_of(" · ".join(times))}</span>'
    return f'<div class="vw-job vw-{run.state}" role="status">{inner}{right}{bar}</div>'


def bar_of(label: str, percent: int) -> str:
    """A progress bar that screen readers can read."""
    numbers = f'aria-valuemin="0" aria-valuemax="100" aria-valuenow="{percent}"'
    inner = f'<i style="width:{percent}%"></i>'
    return f'<div class="vw-bar" role="progressbar" aria-label="{text_of(label)}" {numbers}>{inner}</div>'
