"""Recordings: hours of sound and a text of what is said in it; where it is said, on a time line."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.library import Library, Project, View
from core.runs import start as runs
from core.steps import pipeline, timeline
from core.steps.ingest import ingest
from ui import recordings_add, recordings_run, recordings_steps
from ui import view as show
from ui.errors import shown
from ui.look import keys_of, markup, static
from ui.page import Page
from ui.recordings_add import Adding
from ui.recordings_run import Finding
from ui.state import needed, opened, stamp, standing
from ui.texts import say

TITLE = "Recordings"
QUIET: dict[str, Any] = {"show_progress": "hidden", "concurrency_id": "recordings", "concurrency_limit": 1}
PARTS = ("recordings.js", "recordings-play.js", "recordings-retry.js", "recordings-start.js")
"""Scripts that share one scope; the last one starts it."""
PROGRESS = gr.Progress()


@dataclass(frozen=True)
class Parts:
    """The components of the tab."""

    empty: gr.HTML
    panel: gr.Column
    adding: Adding
    finding: Finding
    notes: gr.HTML
    waiting: gr.Row
    said: gr.HTML
    review: gr.Button
    check: gr.Button
    results: gr.Column
    steps: gr.HTML
    line: gr.HTML

    @property
    def watched(self) -> list[Any]:
        """What the timer may draw: none of it can be typed into."""
        return [self.finding.state, self.finding.cancel, self.finding.resume, self.notes, self.waiting,
                self.said, self.results, self.steps, self.line, self.finding.find]

    @property
    def drawn(self) -> list[Any]:
        """What `paint` gives values for."""
        adding = self.adding
        return [self.empty, self.panel, adding.lists, adding.fold, self.finding.model,
                self.finding.listener, *self.watched]


def glance(lib: Library, project: Project) -> list[Any]:
    """The values of `Parts.watched`."""
    card, views = recordings_run.newest(lib, project), timeline.segments(lib, project)
    n_waiting = sum(view.clip.decision == "todo" for view in views)
    is_there = bool(lib.recordings.of(project.id) and (card or views))
    said = show.note(say("long.waiting", n=n_waiting)) if n_waiting else ""
    is_working = card is not None and card.state in ("running", "queued")
    find = gr.update(value=say("long.again" if card else "long.find"), interactive=not is_working)
    return [*recordings_run.picture(card), recordings_run.notes(card), gr.update(visible=bool(n_waiting)),
            said, gr.update(visible=is_there), recordings_steps.card(pipeline.pipeline(lib, project, views)),
            line_value(lib, project, views), find]


def line_value(lib: Library, project: Project, views: Sequence[View] | None = None) -> dict[str, Any]:
    """What the time line is told; it fetches the stretches by itself where `stamp` is another one."""
    found = timeline.results(lib, project)
    views = timeline.segments(lib, project) if views is None else views
    changed = hash((*sorted((item, run) for item, (run, _) in found.items()),
                    *((v.clip.id, v.clip.decision, v.clip.start, v.clip.end, v.version) for v in views)))
    cut = {view.clip.sha256 for view in views}
    sounds = [{"id": one.id, "name": one.name, "seconds": one.seconds}
              for one in lib.recordings.of(project.id) if one.id in found or one.sha256 in cut]
    anchors = [{"id": number, "recording": recording, "at": at, "words": words}
               for number, recording, at, words in timeline.anchored(lib, project)]
    return {"recordings": sounds, "stamp": f"{project.slug} {changed}", "anchors": anchors}


def paint(lib: Library, project: Project | None, gone: str = "") -> list[Any]:
    """The values of `Parts.drawn`; `gone`: a note on what was just taken out."""
    if project is None:
        return [show.project_missing(), gr.update(visible="hidden"), *[gr.skip()] * 14]
    is_whole = bool(lib.recordings.of(project.id) and lib.recordings.sections(project.id))
    return ["", gr.update(visible=True), recordings_add.listed(lib, project, gone),
            gr.update(open=not is_whole), gr.update(choices=recordings_run.models(lib)),
            gr.update(choices=recordings_run.listeners(lib)),
            *glance(lib, project)]


# --- the page

def build(page: Page, library: Library) -> None:
    """The tab."""
    with gr.Column(elem_classes="vw-tab"):
        parts = _layout(page)
    _wire_adding(page, library, parts)
    _wire_run(page, library, parts)
    _wire_line(page, library, parts)
    _wire_refresh(page, library, parts)


def _wire_adding(page: Page, library: Library, parts: Parts) -> None:
    """Sound and text come in; sections get start marks, go and come back."""
    adding = parts.adding

    @shown
    def bring_in(slug: str, who: str, *given: Any, progress: gr.Progress = PROGRESS) -> list[Any]:
        project = needed(library, slug)
        progress(0.0, desc=say("long.adding"))
        refused = recordings_add.bring_in(library, project, who, *given)
        for sentence in refused:
            gr.Warning(sentence, duration=15)
        return [None, None, None, "", *([""] if adding.path else []), *paint(library, project)]

    @shown
    def choose(slug: str, event: gr.EventData) -> list[Any]:
        project, asked = needed(library, slug), event.asked
        return paint(library, project, recordings_add.choose(library, project, asked))

    adding.add.click(bring_in, [page.project, page.who, *adding.inputs], [*adding.inputs, *parts.drawn],
                     concurrency_id="recordings", show_progress_on=adding.lists)
    adding.lists.choose(choose, page.project, parts.drawn, **QUIET)


def _wire_run(page: Page, library: Library, parts: Parts) -> None:
    """Find, Cancel, Resume, and on to Review or Spot-check."""
    finding = parts.finding

    @shown
    def find(slug: str, *values: Any) -> list[Any]:
        project = needed(library, slug)
        recordings_run.begin(library, project, finding, values)
        return paint(library, project)

    def acting(act: Callable[[Any], None], key: str) -> Callable[[str], list[Any]]:
        @shown
        def run(slug: str) -> list[Any]:
            project = needed(library, slug)
            card = recordings_run.newest(library, project)
            if card:
                act(card.run)
                gr.Info(say(key))
            return glance(library, project)

        return run

    finding.find.click(find, [page.project, *finding.inputs], parts.drawn, **QUIET)
    finding.cancel.click(acting(runs.stop, "job.stopping"), page.project, parts.watched, **QUIET)
    finding.resume.click(acting(runs.resume, "long.resumed"), page.project, parts.watched, **QUIET)
    for button, tab in ((parts.review, "Review"), (parts.check, "Spot-check")):
        button.click(lambda tab=tab: gr.Tabs(selected=tab), None, page.tabs, show_progress="hidden")


def _wire_line(page: Page, library: Library, parts: Parts) -> None:
    """Anchors by hand, and another search from the time line."""

    @shown
    def anchor(slug: str, who: str, event: gr.EventData) -> dict[str, Any]:
        project, asked = needed(library, slug), event.asked
        timeline.place(library, project, str(asked["recording"]), int(asked["section"]), int(asked["word"]),
                       float(asked["at"]), who)
        gr.Info(say("long.anchored"))
        return line_value(library, project)

    @shown
    def unanchor(slug: str, who: str, event: gr.EventData) -> dict[str, Any]:
        library.recordings.remove_anchor(int(event.asked["id"]))
        return line_value(library, needed(library, slug))

    @shown
    def again(slug: str, event: gr.EventData, *values: Any) -> list[Any]:
        project, only = needed(library, slug), str(event.asked["recording"])
        start, end = event.asked.get("within") or (None, None)
        within = None if start is None else (float(start), float(end))
        recordings_run.begin(library, project, parts.finding, values, [only] if only else [], within)
        gr.Info(say("long.began_again"))
        return glance(library, project)

    parts.line.anchor(anchor, [page.project, page.who], parts.line, **QUIET)
    parts.line.unanchor(unanchor, [page.project, page.who], parts.line, **QUIET)
    parts.line.again(again, [page.project, *parts.finding.inputs], parts.watched, **QUIET)


def _wire_refresh(page: Page, library: Library, parts: Parts) -> None:
    """Tab chosen, and what runs and other pages change; nothing is read while another tab is open."""

    @shown
    def enter(slug: str) -> list[Any]:
        project = opened(library, slug)
        if project:
            ingest(library, project)
        return paint(library, project)

    @shown
    def look(slug: str, before: str) -> list[Any]:
        project = opened(library, slug)
        card = recordings_run.newest(library, project)
        now = stamp(library, slug) + standing([card] if card else []) if project else ""
        if project is None or now == before:
            return [gr.skip()] * (len(parts.watched) + 1)
        ingest(library, project)
        return [*glance(library, project), now]

    last = gr.State("")
    page.entered.change(enter, page.project, parts.drawn, **QUIET)
    page.tick.tick(look, [page.project, last], [*parts.watched, last], queue=False, **QUIET)


def _layout(page: Page) -> Parts:
    made: dict[str, Any] = {"empty": gr.HTML(elem_id="recordings-empty", apply_default_css=False)}
    with gr.Column(visible="hidden", elem_id="recordings-panel") as made["panel"]:
        _title("long.title.add", "long.lead")
        made["adding"] = recordings_add.layout(page)
        _title("long.title.find", "long.find_lead")
        made["finding"] = recordings_run.layout()
        made["notes"] = gr.HTML(elem_id="recordings-notes", apply_default_css=False)
        with gr.Row(visible=False, elem_classes="vw-decide vw-waiting-row") as made["waiting"]:
            made["said"] = gr.HTML(elem_id="recordings-waiting", apply_default_css=False)
            made["review"] = gr.Button(say("long.to_review"), scale=0, min_width=200,
                                       elem_id="recordings-to-review")
            made["check"] = gr.Button(say("long.to_check"), scale=0, min_width=200,
                                      elem_id="recordings-to-check")
        with gr.Column(visible=False, elem_id="recordings-results") as made["results"]:
            _title("long.steps")
            made["steps"] = gr.HTML(elem_id="recordings-steps", apply_default_css=False)
            _title("long.title.line", "long.line_lead")
            made["line"] = gr.HTML(value={}, html_template=markup("recordings.html"),
                                   js_on_load="".join(map(static, PARTS)), elem_id="recordings-line",
                                   apply_default_css=False)
            gr.HTML(keys_of(TITLE), apply_default_css=False)
    return Parts(**made)


def _title(key: str, lead: str = "") -> None:
    """A heading, and what to do there."""
    said = f'<p class="vw-quiet">{show.words(lead)}</p>' if lead else ""
    gr.HTML(show.heading(say(key)) + said, apply_default_css=False)
