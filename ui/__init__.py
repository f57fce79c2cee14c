"""The page: Gradio and nothing else. A new tab is one file with TITLE and build, and one line in TABS."""
from __future__ import annotations

import gradio as gr

from core.library import Library
from ui import compare, data, frame, project, record, recordings, review, speak, spot_check, train
from ui.page import title_of

TABS = [project, record, review, spot_check, recordings, data, train, compare, speak]


def build(library: Library, is_local: bool = False) -> gr.Blocks:
    """The whole page on one library, in the language of `texts.speaking`.

    Theme, style sheet and scripts are added where it is served.

    Only with `is_local` (the page answers on loopback) can folders of this machine be named on it.
    """
    with gr.Blocks(
        title="Voicewright", analytics_enabled=False, delete_cache=(3600, 86400), fill_width=True
    ) as blocks:
        page, heading = frame.open_page(blocks, library, is_local)
        tabs = {}
        with page.tabs:
            for tab in TABS:
                with gr.Tab(title_of(tab.TITLE), id=tab.TITLE, elem_id=f"tab-{tab.TITLE.lower()}"):
                    tabs[tab.TITLE] = frame.for_tab(page, tab.TITLE, is_first=tab is TABS[0])
                    tab.build(tabs[tab.TITLE], library)
        frame.close_page(page, library, heading, tabs)
    without_progress(blocks)
    without_api(blocks)
    return blocks


def without_progress(blocks: gr.Blocks) -> None:
    """Events that hide their progress have nothing that could show it.

    Gradio's page keeps a state of loading for every output of every event that ever ran. With each request it
    sends them all through a search of the whole tree: on a page of this size an idle browser was busy half of
    the time.
    """
    for event in blocks.fns.values():
        if event.show_progress == "hidden" and event.show_progress_on is None:
            event.show_progress_on = []


def without_api(blocks: gr.Blocks) -> None:
    """No event can be called by name from elsewhere: the page is for people, and commands are for programs.

    Gradio would describe each event in the page, in more text than the page itself has.
    """
    for event in blocks.fns.values():
        event.api_visibility = "private"
