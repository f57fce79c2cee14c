"""What all tabs share: the Blocks, the open project, the browser's id, the one timer and the tabs."""
from __future__ import annotations

from dataclasses import dataclass

import gradio as gr


@dataclass(frozen=True)
class Page:
    """Handed to each tab's `build`; a tab listens to `project.change`, `blocks.load` and `tick.tick` itself.

    `project` holds the slug of the open project ("" = none), `who` the id of this browser ("page:..."),
    `tick` fires every 2 seconds, `tabs` is switched by id (a tab's id is its TITLE).
    """

    blocks: gr.Blocks
    project: gr.State
    who: gr.State
    tick: gr.Timer
    tabs: gr.Tabs
