"""A training example frame by frame on the Train tab, below the labels that are read back: for models that
learn which token stands at which frame."""
from __future__ import annotations

from typing import Any

import gradio as gr

from core.errors import StudioError
from core.library import Library
from core.steps import frames as step
from core.steps.frames import Shown
from ui import view as show
from ui.errors import shown
from ui.form import AS_SENT
from ui.page import Page
from ui.state import needed, opened
from ui.texts import say
from ui.train_form import TrainForm

HEADS = ("time", "token", "word", "energy")


def build(page: Page, library: Library, form: TrainForm) -> None:
    """The fold, in the surrounding Blocks: there only for families that have frames to show."""
    with gr.Accordion(say("frames.title"), open=False, visible=False, elem_id="train-frames") as fold:
        gr.HTML(f"<p>{show.words('frames.info')}</p>", apply_default_css=False)
        with gr.Row(equal_height=False):
            clip = gr.Dropdown([], label=say("frames.clip"), elem_id="frames-clip")
            button = gr.Button(say("frames.show"), scale=0, min_width=180, elem_id="frames-show")
        drawn = gr.HTML(elem_id="frames-drawn", apply_default_css=False)

    @shown
    def offer(slug: str, before: str | None, *values: Any) -> list[Any]:
        return offers(library, slug, before, form, values)

    @shown
    def look(slug: str, chosen: str | None, *values: Any) -> str:
        return picture(step.of_clip(library, needed(library, slug), form.wish(values).learned, chosen or ""))

    given = [page.project, clip, *form.all]
    form.edited.change(offer, given, [fold, clip, drawn], trigger_mode="always_last", **AS_SENT)
    page.entered.change(offer, given, [fold, clip, drawn], **AS_SENT)
    button.click(look, given, drawn, show_progress_on=button, concurrency_limit=1)


def offers(library: Library, slug: str, before: str | None, form: TrainForm, values: Any) -> list[Any]:
    """The fold, the clips to choose from, and nothing drawn: what was shown was learned otherwise."""
    project = opened(library, slug)
    if project is None or not step.can_show(str(values[0])):
        return [gr.update(visible=False), gr.skip(), ""]
    try:
        found = step.clips(library, project, form.wish(values).learned)
    except StudioError:  # said where it is looked for
        found = []
    known = [clip for _, clip in found]
    value = before if before in known else next(iter(known), None)
    return [gr.update(visible=bool(found)), gr.update(choices=found, value=value), ""]


def picture(found: Shown) -> str:
    """A row a frame; those at which something is written stand out, and the sound is a bar."""
    most = max(frame.energy for frame in found.frames) or 1.0
    rows = [[show.decimal(frame.time, 2), _token(frame.token), show.text_of(frame.word),
             _bar(frame.energy / most, frame.energy)] for frame in found.frames]
    heads = [say(f"frames.head.{name}") for name in HEADS]
    n_written = sum(bool(frame.word) for frame in found.frames)
    told = say("frames.told", name=found.name, n=len(found.frames), written=n_written)
    sound = (f'<audio controls preload="none" aria-label="{show.text_of(found.name)}"'
             f' src="/audio/{show.text_of(found.id)}"></audio>')
    return show.note(told) + sound + show.table(heads, rows, say("frames.table"), "vw-frames")


def _token(token: str) -> str:
    """A piece as a word would be written; the two marks in grey."""
    if token in ("PAD", "EPAD"):
        return f'<span class="vw-quiet">{token}</span>'
    return f"<code>{show.text_of(token)}</code>"


def _bar(share: float, energy: float) -> str:
    return (f'<span class="vw-energy" title="{show.decimal(energy, 1)}">'
            f'<i style="width:{100 * share:.0f}%"></i></span>')
