"""From one tab to certain clips of another, and back: what `Page.goto` holds, and how a tab answers it."""
from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import gradio as gr

from ui.errors import shown
from ui.page import Page

Asked = dict[str, Any]
OPEN = """(tab) => {
  if (tab) document.querySelector(`#voicewright-tabs [role=tab][data-tab-id="${tab}"]`)?.click();
}"""


def to(tab: str, **asked: Any) -> Asked:
    """A value for `Page.goto`: that tab (its TITLE) opens with what is asked. Each is a new one, so that one
    can go the same way twice."""
    return {"tab": tab, "at": time.monotonic_ns(), **asked}


def arrive(page: Page, tab: str, answer: Callable[..., list[Any]], inputs: list[Any],
           outputs: list[Any], **how: Any) -> None:
    """`answer(asked, *inputs)` gives the values of `outputs` when somebody is sent to `tab`, which opens."""
    going = gr.Textbox(visible="hidden", elem_id=f"going-{tab.lower()}")

    @shown
    def run(asked: Asked, *given: Any) -> list[Any]:
        if asked.get("tab") != tab:
            return [*[gr.skip()] * len(outputs), ""]
        return [*answer(asked, *given), tab]

    page.goto.change(run, [page.goto, *inputs], [*outputs, going], **how).then(
        None, going, None, js=OPEN)
