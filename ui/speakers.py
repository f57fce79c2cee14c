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
from ui.texts import say
from ui.view import duration, table, text_of, when, words

HEADS = ("speaker", "accent", "takes", "consent", "link")
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
    with gr.Accordion(say("speakers.title"), open=False, visible=False, elem_id="speakers") as made["box"]:
        made["listing"] = gr.HTML(elem_id="speakers-list", apply_default_css=False)
        with gr.Row():
            made["name"] = gr.Dropdown([], label=say("speakers.speaker"), info=say("speakers.speaker_info"),
                                       allow_custom_value=True, elem_id="speakers-name")
            made["accent"] = gr.Textbox("", label=say("speakers.accent"), info=say("speakers.if_they_want"),
                                        elem_id="speakers-accent", max_length=speakers.MAX_ACCENT)
        made["notes"] = gr.Textbox("", label=say("speakers.notes"), lines=2, max_length=speakers.MAX_NOTES,
                                   elem_id="speakers-notes")
        with gr.Row():
            made["save"] = gr.Button(say("speakers.keep"), elem_id="speakers-save")
            made["link"] = gr.Button(say("speakers.make_link"), variant="primary", elem_id="speakers-link")
            made["close"] = gr.Button(say("speakers.close_link"), elem_id="speakers-close")
        made["made"] = gr.Textbox("", label=say("speakers.link_label"), interactive=False, buttons=["copy"],
                                  visible=False, elem_id="speakers-made")
        made["consent"] = gr.Textbox("", label=say("speakers.consent"), info=say("speakers.consent_info"),
                                     lines=4, max_length=speakers.MAX_CONSENT, elem_id="speakers-consent")
        made["ask"] = gr.Button(say("speakers.ask"), elem_id="speakers-ask")
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

    page.showing.change(show, page.project, [parts.box, parts.listing, parts.name, parts.consent], **QUIET)


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
        gr.Info(say("speakers.kept", who=who))
        return _drawn(library, project)

    told = [parts.accent, parts.notes]
    parts.name.change(choose, [page.project, parts.name, *told], [*told, parts.made], **QUIET)
    parts.save.click(keep, [page.project, parts.name, *told], [parts.listing, parts.name], **QUIET)


def _wire_link(page: Page, library: Library, parts: Parts) -> None:
    @shown
    def make(slug: str, who: str | None, request: gr.Request) -> list[Any]:
        project = needed(library, slug)
        token = speakers.open_booth(library, project, who or "")
        info = say("speakers.here_only") if page.is_local else None
        link = gr.update(value=f"{address_of(request)}{LINK}/{token}/", info=info, visible=True)
        return [*_drawn(library, project), link]

    @shown
    def shut(slug: str, who: str | None) -> list[Any]:
        project = needed(library, slug)
        speakers.close_booth(library, project, who or "")
        gr.Info(say("speakers.closed", who=who))
        return [*_drawn(library, project), gr.update(value="", visible=False)]

    drawn = [parts.listing, parts.name, parts.made]
    parts.link.click(make, [page.project, parts.name], drawn, **QUIET)
    parts.close.click(shut, [page.project, parts.name], drawn, **QUIET)


def _wire_consent(page: Page, library: Library, parts: Parts) -> None:
    @shown
    def ask(slug: str, text: str, who: str) -> list[Any]:
        project = needed(library, slug)
        version = speakers.ask_consent(library, project, text, who)
        gr.Info(say("speakers.asked", version=version) if version else say("speakers.asked_nothing"))
        return _drawn(library, project)

    given = [page.project, parts.consent, page.who]
    parts.ask.click(ask, given, [parts.listing, parts.name], **QUIET)


def address_of(request: gr.Request) -> str:
    """Where the browser found this page: scheme, host and port."""
    return str(request.headers.get("origin") or f"http://{request.headers['host']}").rstrip("/")


def listing_of(found: list[Described]) -> str:
    """The speakers as a table."""
    if not found:
        return f"<p>{words('speakers.nobody')}</p>"
    heads = [say(f"speakers.head.{head}") for head in HEADS]
    return table(heads, [_row(one) for one in found], say("speakers.table"), "vw-speakers")


def _row(one: Described) -> list[str]:
    takes = f"{say('view.takes', n=one.n_takes)}, {duration(one.seconds)}"
    link = say("speakers.open") if one.token else "–"
    told = [one.speaker.name, one.speaker.accent or "–", takes, _consent(one), link]
    return [text_of(value) for value in told]


def _consent(one: Described) -> str:
    if one.consent is None:
        return "–"
    key = "speakers.agreed" if one.consent.given else "speakers.taken_back"
    return say(key, when=when(one.consent.at), version=one.consent.version)
