"""What stands around the tabs: the name, the open project, the running job, and what a reload brings back."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

import gradio as gr

from core.library import Library
from ui import running
from ui.errors import shown
from ui.look import languages
from ui.page import Page, is_opened
from ui.state import opened
from ui.texts import say
from ui.view import text_of

MARK = '<path d="M104 236v40M180 176v160M256 112v288M332 196v120M408 236v40"/>'
BRAND = f'<h1 class="vw-brand"><svg viewBox="0 0 512 512" aria-hidden="true">{MARK}</svg>Voicewright</h1>'
RESTORE = "() => [voicewright.who(), voicewright.remembered('project') || '', null]"
TICK = 2.0
"""Seconds between two looks at what has changed on the disk."""
SHOW_PROJECT = "(slug) => { voicewright.setProject(slug || ''); }"


def open_page(blocks: gr.Blocks, library: Library, is_local: bool = False) -> Page:
    """The shared parts, the line above the tabs and the card of the running job."""
    with gr.Row(elem_id="voicewright-top"):
        heading = gr.HTML(top(library, ""), elem_id="voicewright-heading")
    page = Page(
        blocks,
        project=gr.State(""),
        who=gr.State("page:unknown"),
        tick=gr.Timer(TICK),
        tabs=gr.Tabs(elem_id="voicewright-tabs", overflow_behavior="wrap", render=False),
        goto=gr.State({}),
        is_local=is_local,
    )
    running.build(page, library)
    page.tabs.render()
    page.project.change(shown(lambda slug: top(library, slug)), page.project, heading, show_progress="hidden")
    return page


def for_tab(page: Page, is_first: bool) -> Page:
    """The page as one tab sees it, with a timer of its own that runs only while the tab is looked at.

    One timer for all would ask for seventeen drawings every 2 seconds, nearly all of what nobody sees.
    """
    return replace(page, tick=gr.Timer(TICK, active=is_first, render=False))


def close_page(page: Page, library: Library, timers: dict[str, gr.Timer]) -> None:
    """After the tabs: who this browser is and which project and tab it had, kept there, restored at load.

    `timers` by TITLE.
    """
    who = gr.Textbox(visible="hidden", elem_id="voicewright-who")
    slug = gr.Textbox(visible="hidden", elem_id="voicewright-slug")

    @shown
    def restore(known: str, wanted: str, now: str) -> tuple[str, str]:
        """What was opened in the meantime (`now`) stays: a slow page may be used before it is restored."""
        return known or "page:unknown", now or (wanted if opened(library, wanted) else "")

    restored = page.blocks.load(restore, [who, slug, page.project], [page.who, page.project], js=RESTORE,
                                show_progress="hidden")
    restored.then(None, None, None, js="() => { voicewright.restoreTab(); }")
    told: dict[str, Any] = {"show_progress": "hidden", "queue": False}
    page.project.change(lambda value: value, page.project, slug, **told).then(
        None, slug, None, js=SHOW_PROJECT
    )
    page.tabs.change(None, None, None, js="() => { voicewright.rememberTab(); }")

    for timer in timers.values():
        timer.render()  # outside of the tabs, whose parts are not there before they are looked at

    def which(event: gr.SelectData) -> list[gr.Timer]:
        return [gr.Timer(active=is_opened(tab, event)) for tab in timers]

    page.tabs.select(which, None, list(timers.values()), **told)


def top(library: Library, slug: str) -> str:
    """The line above the tabs."""
    project = opened(library, slug)
    kind, name = ("vw-open", project.name) if project else ("vw-open vw-none", say("page.no_project"))
    said = f'<span class="{kind}">{text_of(name)}</span>'
    return f'<header class="vw-top">{BRAND}{said}{languages()}</header>'
