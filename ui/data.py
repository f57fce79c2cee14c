"""Data: freeze accepted takes into a dataset, see the ones there are, export them, and the trash."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.errors import BadInput
from core.library import Library, Project, View
from core.steps import dataset, review
from ui import form
from ui import view as show
from ui.errors import shown
from ui.page import Page, is_opened
from ui.state import needed, opened, stamp

TITLE = "Data"
SPLITS = {"train": "to learn from", "val": "to watch while training", "test": "for the verdict, read once"}
RATES = {"16 kHz": 16000, "24 kHz": 24000}
NAME = form.fields_of(dataset.Options, ["name"])
REST = form.fields_of(dataset.Options, [name for name in dataset.Options.model_fields if name != "name"])
ASK = "() => window.confirm('Remove everything in the trash for good? Its audio is deleted for ever.')"
NO_DATASET = ("There is no dataset yet. Training makes one by itself from the accepted takes; "
              "here you can choose how it is divided.")
NOTHING_ACCEPTED = ("No take is accepted yet, so there is nothing to make a dataset of. "
                    "Accept takes on the Review tab.")
QUIET: dict[str, Any] = {"show_progress": "hidden"}


# --- HTML

def counts_in_words(counts: dict[str, Any]) -> str:
    """What a dataset holds, part by part, as a sentence without its full stop."""
    parts = [f"{show.count(counts[name]['clips'], 'take')} ({show.duration(counts[name]['seconds'])}) {why}"
             for name, why in SPLITS.items() if name in counts]
    ordinary = counts.get("regression", {})
    if not ordinary.get("clips"):
        return f"{', '.join(parts)}; no ordinary sentences, so harm to other speech will not be measured"
    words = show.count(ordinary["words"], "word")
    beside = f"{show.count(ordinary['clips'], 'ordinary sentence')} of {words}"
    rehearsed = counts.get("rehearsed", 0)
    again = f" ({rehearsed} of the takes above are ordinary ones, rehearsed against forgetting)"
    return (f"{', '.join(parts)}; beside them {beside}, to see that other speech is unharmed"
            f"{again if rehearsed else ''}")


def listing(lib: Library, project: Project) -> str:
    """The datasets, newest first; the newest says whether it still is what is accepted."""
    found = lib.datasets.of(project.id)
    if not found:
        return show.note(NO_DATASET)
    current = dataset.current(lib, project)
    fresh = {current.id: f" {show.chip('up to date', 'done')}"} if current else {}
    rows = [[f"<b>{show.text_of(d.name)}</b>{fresh.get(d.id, '')}", show.when(d.created_at),
             show.text_of(counts_in_words(d.counts)), f"<code>{show.text_of(d.fingerprint)}</code>"]
            for d in found]
    return show.table(["Name", "Made", "Holds", "Fingerprint"], rows, "Datasets of this project")


def ready(lib: Library, project: Project) -> str:
    """How many accepted takes a new dataset would be made of."""
    accepted = lib.clips.views(project.id, role="target", decision="accepted")
    if not accepted:
        return show.note(NOTHING_ACCEPTED, "warn")
    speech = show.duration(sum(v.clip.end - v.clip.start for v in accepted))
    return show.note(f"{show.count(len(accepted), 'accepted take')}, {speech} of speech, are ready.")


def trash_label(view: View) -> str:
    """A trashed take as one line."""
    said = view.prompt or view.text or "no text"
    return f"{view.clip.name} · {view.clip.end - view.clip.start:.1f} s · {said}"


def trash_note(n: int) -> str:
    """What lies in the trash, and what that means."""
    takes = show.count(n, "take")
    said = f"{takes} in the trash; the audio stays on the disk until you empty it."
    return show.note(said if n else "The trash is empty.")


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
    return [*glance(lib, project), gr.update(choices=names, value=names[0] if names else None),
            gr.update(choices=choices, value=[], visible=bool(trashed)), trash_note(len(trashed)),
            gr.update(visible=bool(trashed))]


def build(page: Page, library: Library) -> None:
    """The tab."""
    with gr.Column(elem_classes="vw-tab"):
        empty = gr.HTML(elem_id="data-empty", apply_default_css=False)
        with gr.Column(visible=False, elem_id="data-panel") as panel:
            heading("Make a dataset")
            ready_html = gr.HTML(elem_id="data-ready", apply_default_css=False)
            fields = form.inputs(NAME, "data")
            with gr.Accordion("How it is divided", open=False):
                fields += form.inputs(REST, "data")
            make = gr.Button("Make the dataset", variant="primary", elem_id="data-make")
            made = gr.HTML(elem_id="data-made", apply_default_css=False)
            heading("Datasets")
            listing_html = gr.HTML(elem_id="data-list", apply_default_css=False)
            which = _export(page, library)
            heading("Trash")
            said, trash, buttons, restore, remove = _trash()
    parts = Parts(panel, empty, ready_html, listing_html, which, trash, said, buttons)
    _wire_make(page, library, parts, fields, make, made)
    _wire_trash(page, library, parts, restore, remove)
    _wire_refresh(page, library, parts)


def heading(title: str) -> gr.HTML:
    """A heading between parts of a tab."""
    return gr.HTML(f'<h2 class="vw-h">{title}</h2>', apply_default_css=False)


def _wire_make(page: Page, library: Library, parts: Parts, fields: list[Any], button: gr.Button,
               said: gr.HTML) -> None:
    @shown
    def make(slug: str, *values: Any) -> list[Any]:
        project = needed(library, slug)
        options = dataset.Options.model_validate(form.read(dataset.Options, [*NAME, *REST], values))
        done = dataset.make(library, project, options)
        news = show.note(f"“{done.dataset.name}” is made: {counts_in_words(done.counts)}.", "ok")
        return [news + "".join(map(show.note, done.notes)), "", *paint(library, project)]

    button.click(make, [page.project, *fields], [said, fields[0], *parts.drawn], show_progress_on=button)


def _export(page: Page, library: Library) -> gr.Dropdown:
    """The line that exports a dataset; returns the field that names it."""
    with gr.Row(equal_height=False):
        which = gr.Dropdown([], label="Export", elem_id="data-export-name",
                            info="The takes as WAV files with a manifest; the originals stay as they are.")
        rate = gr.Radio(list(RATES), value="16 kHz", label="Mono, 16 bit, at", elem_id="data-export-rate")
        button = gr.Button("Export", elem_id="data-export", scale=0, min_width=120)
    said = gr.HTML(elem_id="data-exported", apply_default_css=False)

    @shown
    def export(slug: str, name: str | None, title: str) -> str:
        project = needed(library, slug)
        if not name:
            raise BadInput("There is no dataset to export yet; make one first.")
        folder = dataset.export(library, project, name, RATES[title])
        where = f"“{name}” lies in {folder}: WAV files of 16 bit at {title}, and manifest.jsonl."
        return show.note(where, "ok")

    button.click(export, [page.project, which, rate], said, show_progress_on=button)
    return which


def _trash() -> tuple[gr.HTML, gr.CheckboxGroup, gr.Row, gr.Button, gr.Button]:
    said = gr.HTML(elem_id="data-trash-note", apply_default_css=False)
    chosen = gr.CheckboxGroup([], label="Choose what to bring back", elem_id="data-trash", visible=False)
    with gr.Row(visible=False) as buttons:
        restore = gr.Button("Bring back what is chosen", elem_id="data-restore")
        remove = gr.Button("Empty trash", variant="stop", elem_id="data-empty-trash", scale=0, min_width=200)
    return said, chosen, buttons, restore, remove


def _wire_trash(page: Page, library: Library, parts: Parts, restore: gr.Button, empty: gr.Button) -> None:
    @shown
    def bring_back(slug: str, who: str, chosen: list[str]) -> list[Any]:
        project = needed(library, slug)
        if not chosen:
            raise BadInput("Nothing is chosen; tick the takes that should come back.")
        review.restore(library, project, chosen, who)
        gr.Info(f"{show.count(len(chosen), 'take is', 'takes are')} back.")
        return paint(library, project)

    @shown
    def remove(slug: str, is_sure: bool) -> list[Any]:
        project = needed(library, slug)
        if is_sure:
            n = review.empty_trash(library, project)
            gr.Info(f"{show.count(n, 'take was', 'takes were')} removed for good.")
        return paint(library, project)

    sure = gr.Checkbox(visible=False)
    restore.click(bring_back, [page.project, page.who, parts.trash], parts.drawn, **QUIET)
    empty.click(None, None, sure, js=ASK).then(remove, [page.project, sure], parts.drawn, **QUIET)


def _wire_refresh(page: Page, library: Library, parts: Parts) -> None:
    @shown
    def refresh(slug: str) -> list[Any]:
        return paint(library, opened(library, slug))

    @shown
    def enter(slug: str, event: gr.SelectData) -> list[Any]:
        return refresh(slug) if is_opened(TITLE, event) else [gr.skip()] * len(parts.drawn)

    @shown
    def look(slug: str, before: str) -> list[Any]:
        now = stamp(library, slug)
        unchanged = [gr.skip()] * (len(parts.watched) + 1)
        return unchanged if now == before else [*glance(library, opened(library, slug)), now]

    last = gr.State("")
    page.project.change(refresh, page.project, parts.drawn, **QUIET)
    page.tabs.select(enter, page.project, parts.drawn, **QUIET)
    page.tick.tick(look, [page.project, last], [*parts.watched, last], queue=False, **QUIET)
