"""The row that finds takes on the Review tab: search, flag, speaker, order. ui/static/find.js drives it."""
from __future__ import annotations

from typing import Any

import gradio as gr

from core.steps.desk import ANY_FLAG, SORTS
from core.steps.flags import FLAGS
from ui.look import markup, static
from ui.seat import ASKED, NEW, Picture, Seat
from ui.texts import say
from ui.view import text_of

FOUND = ("query", "flag", "speaker", "sort")


def finder() -> gr.HTML:
    """The component; its event `find` tells {query, flag, speaker, sort}."""
    flags = _options({"": say("find.any_flag"), ANY_FLAG: say("find.flagged")}
                     | {name: say(f"flag.{name}") for name in FLAGS})
    orders = _options({name: say(f"find.sort.{name}") for name in SORTS})
    filled = markup("find.html").replace("ORDERS", orders).replace("FLAGS", flags)
    return gr.HTML(value={}, html_template=filled, js_on_load=static("find.js"), elem_id="review-find",
                   apply_default_css=False)


def _options(named: dict[str, str]) -> str:
    return "".join(f'<option value="{value}">{text_of(text)}</option>'
                   for value, text in named.items())


def value(seen: Picture) -> dict[str, Any]:
    """What the row shows: what was asked for, whom one can ask for, and how many takes that leaves."""
    seat = seen.seat
    return {name: seat[name] for name in FOUND} | {
        "speakers": seen.desk.speakers, "found": say("find.found", n=seen.n) if is_searched(seat) else ""}


def is_searched(seat: Seat) -> bool:
    """Whether more than a filter was asked for."""
    return any(seat[name] for name in ("query", "flag", "speaker"))


def asked(seat: Seat, given: dict[str, Any]) -> Seat:
    """The seat with what the row asks for now, from the beginning of its list; another order begins with its
    first take."""
    wanted = {name: str(given[name]) for name in ASKED if name in given}
    before = seat.get("sort", NEW["sort"])
    clip = seat["clip"] if wanted.get("sort", before) == before else ""
    return {**seat, **wanted, "clip": clip, "place": 0}
