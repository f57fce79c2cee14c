"""Which is better? One recording through two models, their texts in an order that only the server knows."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from core.errors import BadInput
from core.library import Library
from core.steps import blind
from core.steps.blind import ANSWERS, Hidden, Tally
from core.steps.transcribe import listeners
from ui import view as show
from ui.errors import shown
from ui.models import titled
from ui.page import Page
from ui.texts import say
from ui.texts.retold import retold

QUIET: dict[str, Any] = {"show_progress": "hidden", "concurrency_id": "blind", "concurrency_limit": 1}


@dataclass(frozen=True)
class Parts:
    """The components; `trial` holds the id of what is shown, and nothing of whose texts they are."""

    trial: gr.State
    audio: gr.Audio
    keep: gr.Checkbox
    texts: gr.HTML
    answers: tuple[gr.Button, ...]
    undo: gr.Button
    reveal: gr.Button
    standing: gr.HTML
    result: gr.HTML

    @property
    def drawn(self) -> list[Any]:
        """What `paint` gives values for."""
        return [self.trial, self.texts, *self.answers, self.standing]


def build(page: Page, library: Library, one: gr.Dropdown, other: gr.Dropdown) -> Parts:
    """The card; the models are those that the tab's two fields name."""
    parts = _layout()
    pair, drawn = [one, other, page.who], parts.drawn

    @shown
    def ask(left: str, right: str, who: str, path: str | None, keep: bool) -> list[Any]:
        hear(library, left, right, who, path, keep)
        return [*paint(library, left, right, who), None, ""]

    @shown
    def undo(left: str, right: str, who: str) -> list[Any]:
        blind.undo(library, who)
        return [*paint(library, left, right, who), ""]

    @shown
    def reveal(left: str, right: str, who: str) -> list[Any]:
        found = blind.reveal(library, left, right, who)
        return [result(library, found), standing(library, left, right)]

    @shown
    def look(left: str, right: str, who: str) -> list[Any]:
        return [*paint(library, left, right, who), ""]

    gr.on([parts.audio.stop_recording, parts.audio.upload], ask, [*pair, parts.audio, parts.keep],
          [*drawn, parts.audio, parts.result], show_progress_on=parts.texts, concurrency_limit=1)
    for button, chosen in zip(parts.answers, ANSWERS, strict=True):
        button.click(_giving(library, chosen), [*pair, parts.trial], [*drawn, parts.result], **QUIET)
    parts.undo.click(undo, pair, [*drawn, parts.result], **QUIET)
    parts.reveal.click(reveal, pair, [parts.result, parts.standing], **QUIET)
    gr.on([one.change, other.change], look, pair, [*drawn, parts.result], **QUIET)
    return parts


def _giving(library: Library, chosen: str) -> Callable[..., list[Any]]:
    """What the button of one answer does."""

    @shown
    def answer(left: str, right: str, who: str, trial: str) -> list[Any]:
        blind.answer(library, trial, chosen, who)
        return [*paint(library, left, right, who), ""]

    return answer


def hear(lib: Library, left: str, right: str, who: str, path: str | None, keep: bool) -> None:
    """Let both models hear what was said; the page's own copy of it goes, kept or not."""
    if not path:
        raise BadInput(say("compare.no_audio"))
    if blind.waiting(lib, left, right, who):
        raise BadInput(say("blind.waits"))
    blind.ask(lib, left, right, Path(path), who, keep)
    if Path(path).is_relative_to(lib.root.cache):
        Path(path).unlink(missing_ok=True)


def _layout() -> Parts:
    made: dict[str, Any] = {"trial": gr.State("")}
    with gr.Column(elem_classes="vw-card", elem_id="blind"):
        gr.HTML(show.heading(say("blind.title")) + f"<p>{show.words('blind.info')}</p>",
                apply_default_css=False)
        made["audio"] = gr.Audio(sources=["microphone", "upload"], type="filepath", format="wav",
                                 label=say("compare.audio"), elem_id="blind-audio", buttons=[])
        made["keep"] = gr.Checkbox(False, label=say("blind.keep"), info=say("blind.keep_info"),
                                   elem_id="blind-keep")
        made["texts"] = gr.HTML(elem_id="blind-texts", apply_default_css=False)
        with gr.Row(elem_classes="vw-decide"):
            made["answers"] = tuple(gr.Button(say(f"blind.{name}"), visible=False, elem_id=f"blind-{name}")
                                    for name in ANSWERS)
        made["standing"] = gr.HTML(elem_id="blind-standing", apply_default_css=False)
        with gr.Row(elem_classes="vw-decide"):
            made["undo"] = gr.Button(say("blind.undo"), elem_id="blind-undo")
            made["reveal"] = gr.Button(say("blind.reveal"), elem_id="blind-reveal")
        made["result"] = gr.HTML(elem_id="blind-result", apply_default_css=False)
    return Parts(**made)


def paint(lib: Library, one: str, other: str, who: str) -> list[Any]:
    """The values of `Parts.drawn`: what waits for an answer, if anything does."""
    hidden = gr.update(visible=False)
    if not one or not other or one == other:
        return ["", show.note(say("blind.two")), *[hidden] * len(ANSWERS), standing(lib, one, other)]
    found = next(iter(blind.waiting(lib, one, other, who)), None)
    buttons = [gr.update(visible=found is not None)] * len(ANSWERS)
    return [found.id if found else "", texts(found), *buttons, standing(lib, one, other)]


def texts(found: Hidden | None) -> str:
    """Two panes without a name."""
    if found is None:
        return show.note(say("blind.nothing_yet"))
    left, right = show.marked(found.left, found.right)
    return f'<div class="vw-two">{_pane("blind.side_left", left)}{_pane("blind.side_right", right)}</div>'


def _pane(key: str, html: str) -> str:
    words = html or show.nothing("view.nothing")
    return f'<div class="vw-pane"><h3>{show.words(key)}</h3><p class="vw-words" dir="auto">{words}</p></div>'


def standing(lib: Library, one: str, other: str) -> str:
    """How many answers each pair has, the chosen one first, and nothing of who is ahead."""
    found = blind.pairs(lib)
    if not found:
        return ""
    titles = _titles(lib)
    found.sort(key=lambda each: {each.one, each.other} != {one, other})
    rows = [[show.text_of(f"{titles.get(each.one, each.one)} · {titles.get(each.other, each.other)}"),
             str(each.n), show.words("blind.shown_at", n=each.shown_at) if each.shown_at
             else show.words("blind.never_shown")] for each in found]
    heads = [say("blind.head.pair"), say("blind.head.n"), say("blind.head.shown")]
    return show.table(heads, rows, say("blind.table"), "vw-figures-table")


def result(lib: Library, found: Tally) -> str:
    """Who won how often, and what that proves."""
    titles = _titles(lib)
    rows = [[show.text_of(titles.get(name, name)), f"<b>{n}</b>"]
            for name, n in ((found.one, found.wins), (found.other, found.losses))]
    rows += [[show.words(f"blind.{name}"), str(n)]
             for name, n in (("same", found.same), ("wrong", found.wrong))]
    heads = [say("blind.head.better"), say("blind.head.n")]
    return show.note(retold(found.proof)) + show.table(heads, rows, say("blind.result"), "vw-figures-table")


def _titles(lib: Library) -> dict[str, str]:
    return {name: title for title, name in titled(lib, listeners(lib))}
