"""The player of one clip as a Gradio component: static markup, drawn and driven by static/review.js."""
from __future__ import annotations

from typing import Any

import gradio as gr

from core.library import View
from ui.look import markup, static

SPEEDS = "".join(f'<option value="{speed}">{speed}</option>' for speed in (0.5, 0.75, 1, 1.25, 1.5, 2))


def player(tab: str, elem_id: str, field: str = "") -> gr.HTML:
    """A player for `tab` (its TITLE). `field`, an elem_id, is the text field whose draft is kept."""
    # as attributes: Gradio 6.31 loses own props of a component that is updated before its tab is ever shown
    filled = markup("player.html")
    for name, value in {"TAB": tab, "FIELD": field, "SPEEDS": SPEEDS}.items():
        filled = filled.replace(name, value)
    return gr.HTML(value={}, html_template=filled, js_on_load=static("review.js"), elem_id=elem_id,
                   apply_default_css=False)


def clip_value(view: View | None, following: View | None = None) -> dict[str, Any]:
    """What the player is told: the clip, its length, the text shown with it, and the clip that comes next."""
    if view is None:
        return {}
    ahead = following.clip if following else None
    return {"clip": view.clip.id, "seconds": view.clip.end - view.clip.start, "text": view.text or "",
            "version": view.clip.transcript_id, "decision": view.clip.decision,
            "next": ahead.id if ahead else "", "next_seconds": ahead.end - ahead.start if ahead else 0.0}
