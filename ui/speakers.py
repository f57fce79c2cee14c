"""Speakers on the Project tab: what is told of them, what they agree to, and a recording link for each."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.library import Library, Project
from core.steps import speakers
from core.steps.speakers import Described
from ui.booth import LINK
from ui.errors import shown
from ui.page import Page
from ui.state import needed, opened
from ui.view import count, duration, table, text_of

TITLE = "Speakers and recording links"
LINK_LABEL = "Link for this speaker: it opens the recording room and nothing else"
CONSENT_INFO = "Empty: nothing is asked. A new wording is a new version, and everybody is asked again."
HEADS = ("Speaker", "Accent", "Takes", "Consent", "Link")
HERE_ONLY = ("It opens on this machine only: start Voicewright with --host 0.0.0.0 --https, so that the "
             "link opens on a phone or another machine.")
QUIET: dict[str, Any] = {"show_progress": "hidden"}


@dataclass(frozen=True)
class Parts:
    """The components of the card."""

    box: gr.Accordion
    listing: gr.HTML
    name: gr.Dropdown
    accent: gr.Textbox
    notes: gr.Textbox
    save: gr.Button
    link: gr.Button
    close: gr.Button
    made: gr.Textbox
    consent: gr.Textbox
    ask: gr.Button


def build(page: Page, library: Library) -> None:
    """The card; it is not there until a project is open."""
    parts = _layout()
    _wire_list(page, library, parts)
    _wire_speaker(page, library, parts)
    _wire_link(page, library, parts)
    _wire_consent(page, library, parts)


def _layout() -> Parts:
    made: dict[str, Any] = {}
    with gr.Accordion(TITLE, open=False, visible=False, elem_id="speakers") as made["box"]:
        made["listing"] = gr.HTML(elem_id="speakers-list", apply_default_css=False)
        with gr.Row():
            made["name"] = gr.Dropdown([], label="Speaker", info="A name or a code; type a new one.",
                                       allow_custom_value=True, elem_id="speakers-name")
            made["accent"] = gr.Textbox("", label="Accent", info="If they want.", elem_id="speakers-accent",
                                        max_length=speakers.MAX_ACCENT)
        made["notes"] = gr.Textbox("", label="Notes", lines=2, max_length=speakers.MAX_NOTES,
                                   elem_id="speakers-notes")
        with gr.Row():
            made["save"] = gr.Button("Keep this", elem_id="speakers-save")
            made["link"] = gr.Button("Make a recording link", variant="primary", elem_id="speakers-link")
            made["close"] = gr.Button("Close the link", elem_id="speakers-close")
        made["made"] = gr.Textbox("", label=LINK_LABEL, interactive=False, buttons=["copy"], visible=False,
                                  elem_id="speakers-made")
        made["consent"] = gr.Textbox("", label="What speakers are asked to agree to", info=CONSENT_INFO,
                                     lines=4, max_length=speakers.MAX_CONSENT, elem_id="speakers-consent")
        made["ask"] = gr.Button("Ask for this", elem_id="speakers-ask")
    return Parts(**made)


def _drawn(library: Library, project: Project) -> list[Any]:
    found = speakers.described(library, project)
    return [listing_of(found), gr.update(choices=[one.speaker.name for one in found])]


def _wire_list(page: Page, library: Library, parts: Parts) -> None:
    @shown
    def show(slug: str) -> list[Any]:
        project = opened(library, slug)
        if project is None:
            return [gr.update(visible=False), "", gr.update(choices=[], value=None), ""]
        asked = library.consents.text_of(project.id)
        return [gr.update(visible=True), *_drawn(library, project), asked.text if asked else ""]

    for event in (page.project.change, page.blocks.load):
        event(show, page.project, [parts.box, parts.listing, parts.name, parts.consent], **QUIET)


def _wire_speaker(page: Page, library: Library, parts: Parts) -> None:
    @shown
    def choose(slug: str, who: str | None, accent: str, notes: str) -> list[Any]:
        project = opened(library, slug)
        told = {s.name: [s.accent, s.notes] for s in library.speakers.of(project.id)} if project else {}
        # of a new name nothing is known: what somebody may be typing stays, what another speaker had goes
        unknown = ["", ""] if [accent, notes] in told.values() else [gr.skip(), gr.skip()]
        return [*told.get(who or "", unknown), gr.update(visible=False)]

    @shown
    def keep(slug: str, who: str | None, accent: str, notes: str) -> list[Any]:
        project = needed(library, slug)
        speakers.describe(library, project, who or "", accent, notes)
        gr.Info(f"{who} is kept.")
        return _drawn(library, project)

    told = [parts.accent, parts.notes]
    parts.name.change(choose, [page.project, parts.name, *told], [*told, parts.made], **QUIET)
    parts.save.click(keep, [page.project, parts.name, *told], [parts.listing, parts.name], **QUIET)


def _wire_link(page: Page, library: Library, parts: Parts) -> None:
    @shown
    def make(slug: str, who: str | None, request: gr.Request) -> list[Any]:
        project = needed(library, slug)
        token = speakers.open_booth(library, project, who or "")
        info = HERE_ONLY if page.is_local else None
        link = gr.update(value=f"{address_of(request)}{LINK}/{token}/", info=info, visible=True)
        return [*_drawn(library, project), link]

    @shown
    def shut(slug: str, who: str | None) -> list[Any]:
        project = needed(library, slug)
        speakers.close_booth(library, project, who or "")
        gr.Info(f"The link of {who} is closed.")
        return [*_drawn(library, project), gr.update(value="", visible=False)]

    drawn = [parts.listing, parts.name, parts.made]
    parts.link.click(make, [page.project, parts.name], drawn, **QUIET)
    parts.close.click(shut, [page.project, parts.name], drawn, **QUIET)


def _wire_consent(page: Page, library: Library, parts: Parts) -> None:
    @shown
    def ask(slug: str, text: str, who: str) -> list[Any]:
        project = needed(library, slug)
        version = speakers.ask_consent(library, project, text, who)
        gr.Info(f"Speakers are asked for version {version}." if version else "Speakers are asked nothing.")
        return _drawn(library, project)

    given = [page.project, parts.consent, page.who]
    parts.ask.click(ask, given, [parts.listing, parts.name], **QUIET)


def address_of(request: gr.Request) -> str:
    """Where the browser found this page: scheme, host and port."""
    return str(request.headers.get("origin") or f"http://{request.headers['host']}").rstrip("/")


def listing_of(found: list[Described]) -> str:
    """The speakers as a table."""
    if not found:
        return "<p>Nobody has recorded yet. Takes recorded without a name belong to “me”.</p>"
    return table(HEADS, [_row(one) for one in found], "Speakers", "vw-speakers")


def _row(one: Described) -> list[str]:
    takes = f"{count(one.n_takes, 'take')}, {duration(one.seconds)}"
    link = "open" if one.token else "–"
    told = [one.speaker.name, one.speaker.accent or "–", takes, one.consented, link]
    return [text_of(value) for value in told]
