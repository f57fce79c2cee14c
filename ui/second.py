"""A blind second review, below the spot-check: clip by clip without the first decision, then the result."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.errors import Stale
from core.library import Library, Project, Second
from core.steps import second_review as step
from core.steps.second_review import Difference, Standing
from ui import view as show
from ui.errors import shown
from ui.page import Page
from ui.state import needed, opened
from ui.texts import say
from ui.texts.retold import retold

QUIET: dict[str, Any] = {"show_progress": "hidden", "concurrency_id": "second", "concurrency_limit": 1}


@dataclass(frozen=True)
class Parts:
    """The components of the card; `clip` is the row of the sample that is shown, 0 for none."""

    box: gr.Accordion
    n: gr.Number
    seed: gr.Number
    start: gr.Button
    clip: gr.State
    shown: gr.HTML
    accept: gr.Button
    reject: gr.Button
    back: gr.Button
    result: gr.HTML

    @property
    def drawn(self) -> list[Any]:
        """What `paint` gives values for."""
        return [self.box, self.clip, self.shown, self.accept, self.reject, self.result]


def paint(lib: Library, project: Project | None, plays: bool = False) -> list[Any]:
    """The values of `Parts.drawn`; with `plays` the clip that is shown is heard at once."""
    off = gr.update(interactive=False)
    if project is None:
        return [gr.update(visible=False), 0, "", off, off, ""]
    one, found = step.following(lib, project), step.standing(lib, project)
    drawn = clip_of(lib, one, found, plays) if one else ""
    can = gr.update(interactive=one is not None)
    return [gr.update(visible=True), one.id if one else 0, drawn, can, can, result(found)]


def clip_of(lib: Library, one: Second, found: Standing, plays: bool) -> str:
    """A clip with its sound, its text as the first reviewer had it, and its prompt; no decision."""
    view = lib.clips.view(one.clip_id)
    where = show.words("second.place", place=found.n_done + 1, n=found.n)
    sound = (f'<audio controls {"autoplay" if plays else ""} preload="auto" src="audio/{one.clip_id}" '
             f'aria-label="{show.words("second.sound")}"></audio>')
    lines = [(say("second.text"), one.first_text), (say("second.prompt"), view.prompt or "")]
    said = "".join(f'<dt>{show.text_of(head)}</dt><dd dir="auto">{show.text_of(text)}</dd>'
                   for head, text in lines if text)
    return f'<div class="vw-second" role="status"><p><b>{where}</b></p>{sound}<dl>{said}</dl></div>'


def result(found: Standing) -> str:
    """How far the two agree and where they differ, once all clips are decided: before, it would tell."""
    if found.agreement is None or found.n_done < found.n:
        return ""
    told = show.note(retold(found.agreement.sentence))
    if not found.differences:
        return told
    heads = [say(f"second.head.{head}") for head in ("take", "first", "second", "state")]
    rows = [_row(one) for one in found.differences]
    return told + show.table(heads, rows, say("second.differences", n=len(rows)))


def _row(one: Difference) -> list[str]:
    chips = [show.chip(say(f"second.{decision}"), decision) for decision in (one.first, one.second)]
    state = show.chip(say("second.settled"), "done") if one.is_settled else show.chip(
        say("second.open"), "queued")
    return [show.text_of(one.name), *chips, state]


def build(page: Page, library: Library) -> None:
    """The card; it is not there until a project is open."""
    parts = _layout()

    @shown
    def enter(slug: str) -> list[Any]:
        return paint(library, opened(library, slug))

    @shown
    def start(slug: str, who: str, n: float | None, seed: float | None) -> list[Any]:
        project = needed(library, slug)
        step.start(library, project, int(n or 0), who, int(seed or 0))
        return paint(library, project, plays=True)

    page.entered.change(enter, page.project, parts.drawn, **QUIET)
    parts.start.click(start, [page.project, page.who, parts.n, parts.seed], parts.drawn, **QUIET)
    given = [page.project, page.who, parts.clip]
    for button, decision in ((parts.accept, "accepted"), (parts.reject, "rejected")):
        button.click(_decide(library, decision), given, parts.drawn, **QUIET)

    @shown
    def back(slug: str, who: str) -> list[Any]:
        project = needed(library, slug)
        if not step.take_back(library, project, who):
            gr.Info(say("second.nothing_back"), duration=4)
        return paint(library, project, plays=True)

    parts.back.click(back, [page.project, page.who], parts.drawn, **QUIET)


def _decide(library: Library, decision: str) -> Callable[[str, str, int], list[Any]]:
    @shown
    def decide(slug: str, who: str, clip: int) -> list[Any]:
        project = needed(library, slug)
        try:
            step.decide(library, project, clip, decision, who)
        except Stale as error:
            gr.Warning(retold(str(error)))
        return paint(library, project, plays=True)

    return decide


def _layout() -> Parts:
    made: dict[str, Any] = {"clip": gr.State(0)}
    with gr.Accordion(say("second.title"), open=False, visible=False, elem_id="second") as made["box"]:
        gr.Markdown(say("second.info"))
        with gr.Row(equal_height=True):
            made["n"] = gr.Number(30, precision=0, minimum=1, label=say("second.n"), elem_id="second-n")
            made["seed"] = gr.Number(1, precision=0, label=say("tools.seed"), elem_id="second-seed")
            made["start"] = gr.Button(say("second.start"), elem_id="second-start")
        made["shown"] = gr.HTML(elem_id="second-clip", apply_default_css=False)
        with gr.Row(elem_classes="vw-decide"):
            made["reject"] = gr.Button(say("second.reject"), interactive=False,
                                       elem_id="spot-check-second-reject")
            made["accept"] = gr.Button(say("second.accept"), variant="primary", interactive=False,
                                       elem_id="spot-check-second-accept")
            made["back"] = gr.Button(say("second.back"), elem_id="second-back")
        made["result"] = gr.HTML(elem_id="second-result", apply_default_css=False)
    return Parts(**made)
