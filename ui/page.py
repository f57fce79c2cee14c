"""What all tabs share: the Blocks, the open project, the browser's id, the one timer and the tabs."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from ui.texts import say

Follow = Callable[[Any, bool], None]
"""Draws a list again when an event has succeeded; True: at its end, where it grew."""


@dataclass(frozen=True)
class Page:
    """Handed to each tab's `build`; a tab listens to `entered`, `showing` and `tick` itself.

    `project` holds the slug of the open project ("" = none). `entered` changes each time that the tab is
    opened, and when another project is opened meanwhile: the time to draw. `showing` changes to the slug of
    the project when the tab is looked at for the first time with it: the time to forget what belonged to
    another. Nothing is drawn in a tab that nobody looks at.

    `who` is the id of this browser ("page:..."), `tick` fires every 2 seconds, in a tab only while that tab
    is looked at; `tabs` is switched by id (a tab's id is its TITLE). `goto` sends to another tab
    (ui/going.py). `is_local`: only people at this machine can reach the page, so they may name its folders.
    """

    blocks: gr.Blocks
    project: gr.State
    entered: gr.Textbox
    showing: gr.Textbox
    who: gr.State
    tick: gr.Timer
    tabs: gr.Tabs
    goto: gr.State
    is_local: bool = False


def title_of(tab: str) -> str:
    """What a tab is called on the page; its TITLE, English in every language, is its id."""
    return say(f"tab.{tab.lower().replace('-', '_')}")

