"""Speakers on the Project tab: what is told of them, what they agree to, and a recording link for each."""
from __future__ import annotations

from typing import Any

import gradio as gr

from core.library import Library, Project
from core.steps import speakers
from core.steps.speakers import Described
from ui.booth import LINK
from ui.errors import shown
from ui.page import Page
from ui.state import needed, opened
from ui.view import count, duration, table, text_of, when

HEADS = ("Speaker", "Accent", "Takes", "Consent", "Link")
HERE_ONLY = ("It opens on this machine only: start Voicewright with --host 0.0.0.0 --https, so that the "
             "link opens on a phone or another machine.")
QUIET: dict[str, Any] = {"show_progress": "hidden"}


def build(page: Page, library: Library) -> None:
    """The card; it is empty until a project is open."""
    with gr.Accordion("Speakers and recording links", open=False, visible=False, elem_id="speakers") as box:
        listing = gr.HTML(elem_id="speakers-list", apply_default_css=False)
        with gr.Row():
            name = gr.Dropdown([], label="Speaker", info="A name or a code; type a new one.",
                               allow_custom_value=True, elem_id="speakers-name")
            accent = gr.Textbox("", label="Accent", info="If they want.", max_length=speakers.MAX_ACCENT,
                                elem_id="speakers-accent")
        notes = gr.Textbox("", label="Notes", lines=2, max_length=speakers.MAX_NOTES, elem_id="speakers-notes")
        with gr.Row():
            save = gr.Button("Keep this", elem_id="speakers-save")
            link = gr.Button("Make a recording link", variant="primary", elem_id="speakers-link")
            close = gr.Button("Close the link", elem_id="speakers-close")
        made = gr.Textbox("", label="Link for this speaker: it opens the recording room and nothing else",
                          interactive=False, buttons=["copy"], visible=False, elem_id="speakers-made")
        consent = gr.Textbox("", label="What speakers are asked to agree to", lines=4, elem_id="speakers-consent",
                             info="Empty: nothing is asked. A new wording is a new version and is asked again.",
                             max_length=speakers.MAX_CONSENT)
        ask = gr.Button("Ask for this", elem_id="speakers-ask")

    def drawn(project: Project) -> list[Any]:
        found = speakers.described(library, project)
        names = [one.speaker.name for one in found]
        return [listing_of(found), gr.update(choices=names)]

    def show(slug: str) -> list[Any]:
        project = opened(library, slug)
        if project is None:
            return [gr.update(visible=False), "", gr.update(choices=[], value=None), ""]
        asked = library.consents.text_of(project.id)
        return [gr.update(visible=True), *drawn(project), asked.text if asked else ""]

    def choose(slug: str, who: str | None) -> list[Any]:
        known = {one.speaker.name: one for one in speakers.described(library, needed(library, slug))}
        found = known.get(who or "")
        told = [found.speaker.accent, found.speaker.notes] if found else ["", ""]
        return [*told, gr.update(value="", visible=False)]

    @shown
    def keep(slug: str, who: str | None, spoken: str, said: str) -> list[Any]:
        project = needed(library, slug)
        speakers.describe(library, project, who or "", spoken, said)
        gr.Info(f"{who} is kept.")
        return drawn(project)

    @shown
    def make(slug: str, who: str | None, request: gr.Request) -> list[Any]:
        project = needed(library, slug)
        token = speakers.open_booth(library, project, who or "")
        where = address_of(request)
        said = gr.update(value=f"{where}{LINK}/{token}/", info=HERE_ONLY if page.is_local else None, visible=True)
        return [*drawn(project), said]

    @shown
    def shut(slug: str, who: str | None) -> list[Any]:
        project = needed(library, slug)
        found = [one for one in speakers.described(library, project) if one.speaker.name == who and one.token]
        for one in found:
            library.booths.close(one.speaker.id)
        gr.Info(f"The link of {who} is closed." if found else "There is no open link for this speaker.")
        return [*drawn(project), gr.update(value="", visible=False)]

    @shown
    def wording(slug: str, text: str, who: str) -> list[Any]:
        project = needed(library, slug)
        version = speakers.ask_consent(library, project, text, who)
        gr.Info(f"Speakers are asked for version {version}." if version else "Speakers are asked nothing.")
        return drawn(project)

    listed = [listing, name]
    for event in (page.project.change, page.blocks.load):
        event(shown(show), page.project, [box, *listed, consent], **QUIET)
    name.change(shown(choose), [page.project, name], [accent, notes, made], **QUIET)
    save.click(keep, [page.project, name, accent, notes], listed, **QUIET)
    link.click(make, [page.project, name], [*listed, made], **QUIET)
    close.click(shut, [page.project, name], [*listed, made], **QUIET)
    ask.click(wording, [page.project, consent, page.who], listed, **QUIET)


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
    return [text_of(one.speaker.name), text_of(one.speaker.accent or "–"), takes, text_of(_consent(one)), link]


def _consent(one: Described) -> str:
    if one.consent is None:
        return "–"
    word = "agreed" if one.consent.given else "taken back"
    return f"{word} {when(one.consent.at)}, version {one.consent.version}"
