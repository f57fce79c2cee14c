"""What all tabs share: the Blocks, the open project, the browser's id, the one timer and the tabs."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from ui.texts import say

Follow = Callable[[Any, bool], None]
"""Draws a list again when an event has succeeded; True: at its end, where it grew."""


@dataclass(frozen=True)
class Page:
    """Handed to each tab's `build`; a tab listens to `project.change`, `blocks.load` and `tick.tick` itself.

    `project` holds the slug of the open project ("" = none), `who` the id of this browser ("page:..."),
    `tick` fires every 2 seconds, in a tab only while that tab is looked at; `tabs` is switched by id (a tab's
    id is its TITLE). `goto` sends to another tab (ui/going.py). `is_local`: only people at this machine can
    reach the page, so they may name its folders. `own` are the tabs by TITLE: what happens when one is opened
    is bound to its own `select`, because a handler of `tabs.select` is asked, and all that it could draw is
    looked through, for every tab.
    """

    blocks: gr.Blocks
    project: gr.State
    who: gr.State
    tick: gr.Timer
    tabs: gr.Tabs
    goto: gr.State
    is_local: bool = False
    own: dict[str, gr.Tab] = field(default_factory=dict)


def title_of(tab: str) -> str:
    """What a tab is called on the page; its TITLE, English in every language, is its id."""
    return say(f"tab.{tab.lower().replace('-', '_')}")


def is_opened(tab: str, event: gr.SelectData) -> bool:
    """Whether this tab was chosen: Gradio tells it by what it is called."""
    return bool(event.value == title_of(tab))
