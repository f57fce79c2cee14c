"""The player of one clip as a Gradio component: static markup, drawn and driven by static/review.js."""
from __future__ import annotations

from typing import Any

import gradio as gr

from core.library import View
from ui.look import static

SPEEDS = "".join(f'<option value="{speed}">{speed}</option>' for speed in (0.5, 0.75, 1, 1.25, 1.5, 2))
MARKUP = f"""<div class="vw-player" data-tab="TAB" data-field="FIELD">
<canvas class="vw-wave" role="img" aria-label="Waveform; a click plays from there"></canvas>
<div class="vw-player-row">
<button type="button" data-act="play" class="vw-play">▶ Play</button>
<button type="button" data-act="back" title="Back one second">−1 s</button>
<span class="vw-clock">0.0 s</span>
<label class="vw-speed">Speed <select data-act="speed" aria-label="Speed">{SPEEDS}</select></label>
<label class="vw-auto"><input type="checkbox" data-act="auto"> play each clip on arrival</label>
</div><audio preload="auto"></audio></div>"""


def player(tab: str, elem_id: str, field: str = "") -> gr.HTML:
    """A player for `tab` (its TITLE). `field`, an elem_id, is the text field whose draft is kept."""
    # as attributes: Gradio 6.31 loses own props of a component that is updated before its tab is ever shown
    markup = MARKUP.replace("TAB", tab).replace("FIELD", field)
    return gr.HTML(value={}, html_template=markup, js_on_load=static("review.js"), elem_id=elem_id,
                   apply_default_css=False)


def clip_value(view: View | None, following: View | None = None) -> dict[str, Any]:
    """What the player is told: the clip, its length, the text shown with it, and the clip that comes next."""
    if view is None:
        return {}
    ahead = following.clip if following else None
    return {"clip": view.clip.id, "seconds": view.clip.end - view.clip.start, "text": view.text or "",
            "version": view.clip.transcript_id, "decision": view.clip.decision,
            "next": ahead.id if ahead else "", "next_seconds": ahead.end - ahead.start if ahead else 0.0}
