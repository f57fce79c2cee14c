"""The dialog that changes all listed takes: every change is shown before it is done. ui/static/bulk.js drives
it."""
from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

import gradio as gr

from core.errors import BadInput, Stale
from core.library import Library, Project
from core.steps import bulk
from core.steps.bulk import Line, Order, Plan
from core.steps.desk import desk
from core.steps.flags import FLAGS
from ui import aligning
from ui import view as show
from ui.errors import shown
from ui.look import markup, static
from ui.review_page import Parts, paint
from ui.review_steps import QUIET, save_typed
from ui.seat import Seat, choice, picture
from ui.state import needed, opened
from ui.texts import say
from ui.texts.retold import retold


def dialog() -> gr.HTML:
    """The button and the dialog; events `preview` and `apply` tell {asked}, the second with {mark}."""
    acts = "".join(f'<option value="{name}">{show.words(f"bulk.{name}")}</option>' for name in bulk.ACTIONS)
    flags = "".join(f'<option value="{name}">{show.words(f"flag.{name}")}</option>' for name in FLAGS)
    filled = markup("bulk.html").replace("ACTS", acts).replace("FLAGS", flags)
    return gr.HTML(value={}, html_template=filled, js_on_load=static("bulk.js"), elem_id="review-bulk",
                   apply_default_css=False)


def order_of(asked: dict[str, Any]) -> Order:
    """What the dialog asks for."""
    return Order(str(asked["action"]), str(asked["flag"]), str(asked["find"]), str(asked["put"]),
                 bool(asked["whole_words"]))


def preview(found: Plan, n_listed: int) -> dict[str, Any]:
    """Every change as a row of a table, and how many of the listed takes stay as they are."""
    n = len(found.lines)
    said = say("bulk.changes", n=n) if n else say("bulk.nothing")
    rest = say("bulk.rest", n=n_listed - n) if n_listed > n else ""
    rows = [[show.text_of(line.name), _shown(line, line.before), _shown(line, line.after)]
            for line in found.lines]
    heads = [say("bulk.take"), say("bulk.before"), say("bulk.after")]
    table = show.table(heads, rows, say("bulk.table"), "vw-bulk-table") if rows else ""
    return {"html": table, "said": f"{said} {rest}".strip(), "n": n, "mark": found.mark,
            "button": say("bulk.apply", n=n)}


def _shown(line: Line, raw: str) -> str:
    """One side of a change as HTML: a text with what differs, a decision or flags in words."""
    if line.field == "decision":
        return show.words(f"decision.{raw}")
    if line.field == "flags":
        return show.text_of(", ".join(say(f"flag.{name}") if name in FLAGS else name for name in raw.split()))
    return _marked(line.before, line.after, raw == line.after) if raw else show.nothing("bulk.no_text")


def _marked(before: str, after: str, is_after: bool) -> str:
    """One side with what differs letter by letter marked: here a comma is a change as well."""
    sides, tag = (before.split(), after.split()), "ins" if is_after else "del"
    made = []
    for same, *places in SequenceMatcher(None, *sides, autojunk=False).get_opcodes():
        start, end = places[2:] if is_after else places[:2]
        words = show.text_of(" ".join(sides[is_after][start:end]))
        made += [words if same == "equal" else f"<{tag}>{words}</{tag}>"] if words else []
    return " ".join(made)


def wire(library: Library, parts: Parts, base: list[Any]) -> None:
    """Show what would be done, and do it."""

    def listed(project: Project, seat: Seat) -> list[Any]:
        return desk(library, project, choice(seat)).rows

    @shown
    def show_all(slug: str, who: str, seat: Seat, text: str, event: gr.EventData) -> dict[str, Any]:
        project = needed(library, slug)
        if seat["clip"]:
            save_typed(library, project, {**seat}, who, text)
        rows = listed(project, seat)
        try:
            found = preview(bulk.plan(rows, order_of(event.asked)), len(rows))
        except BadInput as error:
            found = {"html": "", "said": retold(str(error)), "n": 0, "mark": ""}
        return {**found, "turn": event.asked.get("turn")}

    @shown
    def do_all(slug: str, who: str, seat: Seat, event: gr.EventData) -> list[Any]:
        project = opened(library, slug)
        if project is None:
            return [gr.skip()] * (len(parts.drawn) + 1)
        order, told = order_of(event.asked), {"done": event.mark}
        try:
            made = bulk.apply(library, project, listed(project, seat), order, str(event.mark), who)
            aligning.later(library, project, *(draft.clip_id for draft in made.drafts))
            gr.Info(say("bulk.done", n=len(made.lines)))
        except Stale as error:
            rows = listed(project, seat)
            now = preview(bulk.plan(rows, order), len(rows))
            told = {**now, "said": f"{retold(str(error))} {now['said']}"}
        return [*paint(picture(library, project, seat, stay=True)), told]

    parts.bulk.preview(show_all, [*base, parts.edit], parts.bulk, **QUIET)
    parts.bulk.apply(do_all, base, [*parts.drawn, parts.bulk], **QUIET)
