"""Data: freeze accepted takes into a dataset, see the ones there are, export them, and the trash."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.errors import BadInput
from core.library import Library, Project, View
from core.steps import dataset, review
from ui import exports, form, labels, sheet, whole_set
from ui import view as show
from ui.errors import shown
from ui.page import Page
from ui.state import needed, opened, stamp
from ui.texts import say
from ui.texts.retold import retold

TITLE = "Data"
SPLITS = ("train", "val", "test")
(NAME,) = form.fields_of(dataset.Options, ["name"])
REST = sheet.keyed(form.fields_of(dataset.Options,
                                  [name for name in dataset.Options.model_fields if name != "name"]))
ASK = "() => window.confirm(voicewright.t('data.sure'))"
QUIET: dict[str, Any] = {"show_progress": "hidden"}


# --- HTML

def counts_in_words(counts: dict[str, Any]) -> str:
    """What a dataset holds, part by part, as a sentence without its full stop."""
    parts = ", ".join(say(f"data.part.{name}", takes=say("view.takes", n=counts[name]["clips"]),
                          time=show.duration(counts[name]["seconds"])) for name in SPLITS if name in counts)
    ordinary = counts.get("regression", {})
    if not ordinary.get("clips"):
        return say("data.no_ordinary", parts=parts)
    words = say("data.words", n=ordinary["words"])
    beside = say("data.ordinary", parts=parts, words=words, n=ordinary["clips"])
    rehearsed = counts.get("rehearsed", 0)
    return beside + (" " + say("data.rehearsed", n=rehearsed) if rehearsed else "")


def listing(lib: Library, project: Project) -> str:
    """The datasets, newest first; the newest says whether it still is what is accepted."""
    found = lib.datasets.of(project.id)
    if not found:
        return show.note(say("data.no_dataset"))
    current = dataset.current(lib, project)
    fresh = {current.id: f" {show.chip(say('data.fresh'), 'done')}"} if current else {}
    rows = [[f"<b>{show.text_of(d.name)}</b>{fresh.get(d.id, '')}", show.when(d.created_at),
             show.text_of(counts_in_words(d.counts)), f"<code>{show.text_of(d.fingerprint)}</code>"]
            for d in found]
    heads = [say(f"data.head.{head}") for head in ("name", "made", "holds", "fingerprint")]
    return show.table(heads, rows, say("data.table"))


def ready(lib: Library, project: Project) -> str:
    """How many accepted takes a new dataset would be made of."""
    accepted = lib.clips.views(project.id, role="target", decision="accepted")
    if not accepted:
        return show.note(say("data.nothing_accepted"), "warn")
    speech = show.duration(sum(v.clip.end - v.clip.start for v in accepted))
    return show.note(say("data.ready", n=len(accepted), speech=speech))


def trash_label(view: View) -> str:
    """A trashed take as one line."""
    said = view.prompt or view.text or say("data.no_text")
    return f"{view.clip.name} · {say('view.length', seconds=view.clip.end - view.clip.start)} · {said}"


def trash_note(n: int) -> str:
    """What lies in the trash, and what that means."""
    return show.note(say("data.in_trash", n=n) if n else say("data.trash_empty"))


# --- the page

@dataclass(frozen=True)
class Parts:
    """The components that change."""

    panel: gr.Column
    empty: gr.HTML
    ready: gr.HTML
    listing: gr.HTML
    which: gr.Dropdown
    trash: gr.CheckboxGroup
    trash_note: gr.HTML
    trash_buttons: gr.Row

    @property
    def watched(self) -> list[Any]:
        """What the timer may redraw: nothing that a person chooses or types."""
        return [self.panel, self.empty, self.ready, self.listing]

    @property
    def drawn(self) -> list[Any]:
        """What `paint` gives values for."""
        return [*self.watched, self.which, self.trash, self.trash_note, self.trash_buttons]


def glance(lib: Library, project: Project | None) -> list[Any]:
    """The values of `Parts.watched`."""
    if project is None:
        return [gr.update(visible=False), show.project_missing(), "", ""]
    return [gr.update(visible=True), "", ready(lib, project), listing(lib, project)]


def paint(lib: Library, project: Project | None) -> list[Any]:
    """The values of `Parts.drawn`."""
    names = [d.name for d in lib.datasets.of(project.id)] if project else []
    trashed = review.trashed(lib, project) if project else []
    choices = [(trash_label(view), view.clip.id) for view in trashed]
    return [*glance(lib, project),
            gr.update(choices=exports.choices(names), value=names[0] if names else None),
            gr.update(choices=choices, value=[], visible=bool(trashed)), trash_note(len(trashed)),
            gr.update(visible=bool(trashed))]


def build(page: Page, library: Library) -> None:
    """The tab."""
    with gr.Column(elem_classes="vw-tab"):
        empty = gr.HTML(elem_id="data-empty", apply_default_css=False)
        with gr.Column(visible=False, elem_id="data-panel") as panel:
            heading(say("data.make"))
            ready_html = gr.HTML(elem_id="data-ready", apply_default_css=False)
            name = gr.Textbox("", label=retold(NAME.title), info=NAME.info, max_lines=1, elem_id="data-name")
            with gr.Accordion(say("data.divided"), open=False):
                rest = sheet.build(REST, "data", sheet.shown(REST, {}), "data-options")
            make = gr.Button(say("data.make_it"), variant="primary", elem_id="data-make")
            made = gr.HTML(elem_id="data-made", apply_default_css=False)
            heading(say("data.datasets"))
            listing_html = gr.HTML(elem_id="data-list", apply_default_css=False)
            which = exports.build(page, library)
            labels.build(page, library)
            whole_set.build(page, library)
            heading(say("data.trash"))
            said, trash, buttons, restore, remove = _trash()
    parts = Parts(panel, empty, ready_html, listing_html, which, trash, said, buttons)
    _wire_make(page, library, parts, [name, rest], make, made)
    _wire_trash(page, library, parts, restore, remove)
    _wire_refresh(page, library, parts)


def heading(title: str) -> gr.HTML:
    """A heading between parts of a tab."""
    return gr.HTML(show.heading(title), apply_default_css=False)


def _wire_make(page: Page, library: Library, parts: Parts, fields: list[Any], button: gr.Button,
               said: gr.HTML) -> None:
    @shown
    def make(slug: str, name: str, rest: dict[str, Any]) -> list[Any]:
        project = needed(library, slug)
        chosen = sheet.read(dataset.Options, {"name": NAME, **REST}, {"name": name, **rest})
        options = dataset.Options.model_validate(chosen)
        done = dataset.make(library, project, options)
        holds = counts_in_words(done.counts)
        news = show.note(say("data.is_made", name=done.dataset.name, holds=holds), "ok")
        return [news + "".join(show.note(retold(told)) for told in done.notes), "", *paint(library, project)]

    button.click(make, [page.project, *fields], [said, fields[0], *parts.drawn], show_progress_on=button)


def _trash() -> tuple[gr.HTML, gr.CheckboxGroup, gr.Row, gr.Button, gr.Button]:
    said = gr.HTML(elem_id="data-trash-note", apply_default_css=False)
    chosen = gr.CheckboxGroup([], label=say("data.choose"), elem_id="data-trash", visible=False)
    with gr.Row(visible=False) as buttons:
        restore = gr.Button(say("data.restore"), elem_id="data-restore")
        remove = gr.Button(say("data.empty_trash"), variant="stop", elem_id="data-empty-trash", scale=0,
                           min_width=200)
    return said, chosen, buttons, restore, remove


def _wire_trash(page: Page, library: Library, parts: Parts, restore: gr.Button, empty: gr.Button) -> None:
    @shown
    def bring_back(slug: str, who: str, chosen: list[str]) -> list[Any]:
        project = needed(library, slug)
        if not chosen:
            raise BadInput(say("data.none_chosen"))
        review.restore(library, project, chosen, who)
        gr.Info(say("data.back", n=len(chosen)))
        return paint(library, project)

    @shown
    def remove(slug: str, is_sure: bool) -> list[Any]:
        project = needed(library, slug)
        if is_sure:
            n = review.empty_trash(library, project)
            gr.Info(say("data.removed", n=n))
        return paint(library, project)

    sure = gr.Checkbox(visible=False)
    restore.click(bring_back, [page.project, page.who, parts.trash], parts.drawn, **QUIET)
    empty.click(None, None, sure, js=ASK).then(remove, [page.project, sure], parts.drawn, **QUIET)


def _wire_refresh(page: Page, library: Library, parts: Parts) -> None:
    @shown
    def refresh(slug: str) -> list[Any]:
        return paint(library, opened(library, slug))

    @shown
    def look(slug: str, before: str) -> list[Any]:
        now = stamp(library, slug)
        unchanged = [gr.skip()] * (len(parts.watched) + 1)
        return unchanged if now == before else [*glance(library, opened(library, slug)), now]

    last = gr.State("")
    page.entered.change(refresh, page.project, parts.drawn, **QUIET)
    page.tick.tick(look, [page.project, last], [*parts.watched, last], queue=False, **QUIET)
