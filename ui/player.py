"""The player of one clip as a Gradio component: static markup, drawn and driven by the scripts of PARTS."""
from __future__ import annotations

import time
from typing import Any

import gradio as gr

from core.library import Brief, Check, Clip, View, WordTimes
from core.library.word_times import PERSON, is_own
from core.steps.flags import FLAGS
from core.steps.trim import whole
from ui.look import markup, static
from ui.texts import say
from ui.view import words

SPEEDS = "".join(f'<option value="{speed}">{speed}</option>' for speed in (0.5, 0.75, 1, 1.25, 1.5, 1.75, 2))
PARTS = ("review.js", "words.js", "tools.js", "drafts.js", "player-keys.js")
"""Scripts that share one scope; the last one starts it."""


def player(tab: str, elem_id: str, field: str = "", has_tools: bool = False) -> gr.HTML:
    """A player for `tab` (its TITLE). `field`, an elem_id, is the text field whose draft is kept; with it the
    edges of words can be moved, with `has_tools` the clip can be flagged and cut as well: event `desk` tells
    {what, asked}."""
    # as attributes: Gradio 6.31 loses own props of a component that is updated before its tab is ever shown
    filled = markup("player.html")
    given = {"TAB": tab, "FIELD": field, "SPEEDS": SPEEDS, "TOOLS": tools() if has_tools else ""}
    for name, value in given.items():
        filled = filled.replace(name, value)
    return gr.HTML(value={}, html_template=filled, js_on_load="".join(map(static, PARTS)), elem_id=elem_id,
                   apply_default_css=False)


def tools() -> str:
    """Flags, note, trim, split and join as markup."""
    chips = "".join(f'<button type="button" data-flag="{name}" aria-pressed="false">{words(f"flag.{name}")}'
                    "</button>" for name in FLAGS)
    return markup("tools.html").replace("FLAGS", chips)


def clip_value(view: View | None, following: Brief | Check | Clip | None = None,
               times: WordTimes | None = None, keeps: bool = False) -> dict[str, Any]:
    """What the player is told: the clip, its stretch of the audio, its text and words, and the clip that
    comes next. `keeps`: the text field holds what is being typed."""
    if view is None:
        return {}
    clip = view.clip
    after = following and {"clip": following.id, "from": following.start, "to": following.end}
    drawn = time.monotonic_ns()  # each answer is a new one, so that what was refused is put right
    return {"clip": clip.id, "drawn": drawn, "seconds": clip.end - clip.start, "from": clip.start,
            "to": clip.end, "whole": whole(clip), "text": view.text or "", "version": clip.transcript_id,
            "decision": clip.decision, "flags": list(clip.flags), "note": clip.note, "keeps": keeps,
            "words": [[word.text, word.start, word.end] for word in times.words] if times else [],
            "times": timed(view, times), "timed": times.at if times else 0, "next": after or None}


def timed(view: View, times: WordTimes | None) -> str:
    """Who found the times of the words, or why there are none."""
    if times:
        who = say("player.by_person") if times.engine == PERSON else times.engine
        if is_own(times.engine):
            who = say("player.by_model", name=times.engine.partition(":")[2])
        return say("player.timed_by", engine=who)
    return say("player.no_times" if view.text else "player.no_text")
