"""What stands around the tabs: the name, the open project, the running job, and what a reload brings back."""
from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import gradio as gr

from core.library import Library
from ui import running
from ui.errors import shown
from ui.look import languages
from ui.page import Page
from ui.state import opened
from ui.texts import say
from ui.view import text_of

MARK = '<path d="M104 236v40M180 176v160M256 112v288M332 196v120M408 236v40"/>'
BRAND = f'<h1 class="vw-brand"><svg viewBox="0 0 512 512" aria-hidden="true">{MARK}</svg>Voicewright</h1>'
RESTORE = """() => {
  voicewright.restoreTab();
  return [voicewright.who(), voicewright.remembered('project') || '', null];
}"""
TICK = 2.0
"""Seconds between two looks at what has changed on the disk."""
TOLD: dict[str, Any] = {"show_progress": "hidden", "queue": False}


def open_page(blocks: gr.Blocks, library: Library, is_local: bool = False) -> tuple[Page, gr.HTML]:
    """The shared parts, with the card of the running job; and the line above the tabs, to be drawn anew."""
    with gr.Row(elem_id="voicewright-top"):
        heading = gr.HTML(top(library, ""), elem_id="voicewright-heading")
    page = Page(
        blocks,
        project=gr.State(""),
        entered=gr.Textbox(render=False),
        showing=gr.Textbox(render=False),
        who=gr.State("page:unknown"),
        tick=gr.Timer(TICK),
        tabs=gr.Tabs(elem_id="voicewright-tabs", overflow_behavior="wrap", render=False),
        goto=gr.State({}),
        is_local=is_local,
    )
    running.build(page, library)
    page.tabs.render()
    return page, heading


def for_tab(page: Page, tab: str, is_first: bool) -> Page:
    """The page as the tab of this TITLE sees it, with a timer of its own that runs only while the tab is
    looked at, and with its own `entered` and `showing`.

    One of each for all would ask for seventeen drawings every 2 seconds, and for a dozen when a project is
    opened, nearly all of what nobody sees.
    """
    entered, showing = (gr.Textbox(visible="hidden", render=False, elem_id=f"{what}-{tab.lower()}")
                        for what in ("entered", "showing"))
    return replace(page, tick=gr.Timer(TICK, active=is_first, render=False), entered=entered, showing=showing)


def close_page(page: Page, library: Library, heading: gr.HTML, tabs: dict[str, Page]) -> None:
    """After the tabs: who this browser is and which project and tab it had, kept there, restored at load.

    `tabs` are the page as each tab sees it, by TITLE.
    """
    who = gr.Textbox(visible="hidden", elem_id="voicewright-who")
    slug = gr.Textbox(visible="hidden", elem_id="voicewright-slug")

    @shown
    def restore(known: str, wanted: str, now: str) -> tuple[str, str, str, str]:
        """What was opened in the meantime (`now`) stays: a slow page may be used before it is restored."""
        found = now or (wanted if opened(library, wanted) else "")
        return known or "page:unknown", found, found, top(library, found)

    @shown
    def show(project: str) -> tuple[str, str]:
        return project, top(library, project)

    restored = page.blocks.load(restore, [who, slug, page.project], [page.who, page.project, slug, heading],
                                js=RESTORE, **TOLD)
    changed = page.project.change(show, page.project, [slug, heading], **TOLD)
    _wire_looking(page, [restored, changed], slug, tabs)


def _wire_looking(page: Page, changed: list[Any], slug: gr.Textbox, tabs: dict[str, Page]) -> None:
    """A tab is drawn when it is looked at. Which one that is the browser says (static/looking.js), and asks
    nobody; `changed` are the events by which another project is open."""
    entered, showing = [tab.entered for tab in tabs.values()], [tab.showing for tab in tabs.values()]
    seen, timers = [*entered, *showing], [tab.tick for tab in tabs.values()]
    for part in (*seen, *timers):
        part.render()  # outside of the tabs, whose parts are not there before they are looked at
    names = json.dumps(list(tabs))
    for event in changed:
        event.then(None, [slug, *seen], seen,
                   js=f"(slug, ...seen) => voicewright.showProject({names}, slug, seen)")
    page.tabs.change(None, seen, [*seen, *timers], js=f"(...seen) => voicewright.changeTab({names}, seen)")


def top(library: Library, slug: str) -> str:
    """The line above the tabs."""
    project = opened(library, slug)
    kind, name = ("vw-open", project.name) if project else ("vw-open vw-none", say("page.no_project"))
    said = f'<span class="{kind}">{text_of(name)}</span>'
    return f'<header class="vw-top">{BRAND}{said}{languages()}</header>'
