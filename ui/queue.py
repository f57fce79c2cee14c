"""The queue on the Train tab: which runs wait, for whom, and buttons that change their order."""
from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from core.errors import BadInput
from core.library import Library
from core.runs.line import Waiting
from core.runs.listing import RunCard
from core.steps import queue, train
from ui import run_card
from ui import view as show
from ui.look import static
from ui.texts import say
from ui.texts.retold import retold

HEADS = ("place", "run", "device", "reason", "action")
STEPS = {"first": 1, "up": -1, "down": 1}


def build() -> gr.HTML:
    """The table, in the surrounding Blocks; hidden by its own emptiness where nothing waits."""
    return gr.HTML(js_on_load=static("history.js"), elem_id="train-queue", apply_default_css=False)


def picture(library: Library, cards: Sequence[RunCard] | None = None) -> str:
    """The waiting runs of all projects, because they share the devices; "" where none waits."""
    known = list(cards) if cards is not None else train.cards(library)
    waiting = queue.line(library, known)
    if not waiting:
        return ""
    titles = {card.id: _named(card) for card in known}
    rows = [_row(each, len(waiting), titles) for each in waiting]
    heads = [say(f"queue.head.{head}") for head in HEADS]
    table = show.table(heads, rows, say("queue.title"), "vw-queue")
    return show.heading(say("queue.title")) + table


def _named(card: RunCard) -> str:
    return f"{card.project} · {run_card.title(card)}"


def _row(one: Waiting, n: int, titles: dict[str, str]) -> list[str]:
    devices = ", ".join(key.replace("-", ":") for key in one.devices)
    return [str(one.place), show.text_of(titles[one.card.id]), show.text_of(devices),
            show.text_of(_reason(one, titles)), _buttons(one, n)]


def _reason(one: Waiting, titles: dict[str, str]) -> str:
    """For whom it waits; where no run is before it, another program may hold its device."""
    if one.behind:
        return say("queue.behind", run=titles[one.behind])
    is_held = one.card.message.startswith("Waiting for the device")
    return retold(one.card.message) if is_held else say("queue.soon")


def _buttons(one: Waiting, n: int) -> str:
    closed = {"first": one.place == 1, "up": one.place == 1, "down": one.place == n, "out": False}
    name = show.text_of(one.card.id)
    made = [f'<button type="button" data-do="{what}" data-run="{name}"{" disabled" if is_closed else ""}>'
            f"{show.words(f'queue.do.{what}')}</button>" for what, is_closed in closed.items()]
    return f'<span class="vw-actions">{"".join(made)}</span>'


def change(library: Library, what: str, run_id: str) -> None:
    """What a button asks for; a run that has begun meanwhile is told in a sentence."""
    place = next((one.place for one in queue.line(library) if one.card.id == run_id), None)
    if place is None:
        raise BadInput(say("queue.gone"))
    if what == "out":
        queue.take_out(library, run_id)
        gr.Info(say("queue.taken_out"))
    elif what in STEPS:
        queue.move(library, run_id, 1 if what == "first" else place + STEPS[what])
