"""The card that checks a run before it starts: passed, warned, refused, each with its reason, what is taught
to read and the clips in question to hear; and whether the model that learns can be trusted here."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.errors import NotFound, StudioError
from core.library import Library
from core.steps import doctor
from core.steps import preflight as step
from core.steps.transcribe import model_named
from core.training.checks import Check
from core.training.checks.spoken import LABELS
from core.training.checks.texts import Decoded
from ui import view as show
from ui.errors import shown
from ui.page import Page
from ui.state import needed
from ui.texts import named, say
from ui.texts.retold import retold
from ui.train_form import TrainForm, Wish, bases_of

HEARD = 5
"""Clips of a check that can be heard in the card."""
ORDER = ("refused", "warned", "passed")


@dataclass(frozen=True)
class Card:
    """The button, and what it fills: checks of the data, then those of the model."""

    button: gr.Button
    data: gr.HTML
    model: gr.HTML

    @property
    def drawn(self) -> list[gr.HTML]:
        """What was found, which holds for the choices that were looked at."""
        return [self.data, self.model]


def build() -> Card:
    """The card, in the surrounding Blocks."""
    with gr.Row(equal_height=False):
        button = gr.Button(say("preflight.start"), elem_id="preflight-start", scale=0, min_width=270)
        gr.HTML(f"<p>{show.words('preflight.info')}</p>", apply_default_css=False)
    data = gr.HTML(elem_id="preflight-data", apply_default_css=False)
    return Card(button, data, gr.HTML(elem_id="preflight-model", apply_default_css=False))


def wire(page: Page, library: Library, form: TrainForm, card: Card) -> None:
    """The button looks at the data at once, and then at the model in a process of its own."""

    @shown
    def look(slug: str, *values: Any) -> list[str]:
        seen = step.look(library, needed(library, slug), form.wish(values).learned)
        return [of_data(library, seen), show.note(say("preflight.loading"))]

    @shown
    def examine(slug: str, *values: Any) -> list[Any]:
        entered = form.wish(values)
        project, wish = needed(library, slug), entered.learned
        checks = step.examine(library, project, wish, entered.device, entered.precision)
        told = of_model(checks, _health(library, entered), library)
        return [told, bases_of(library, entered.family, entered.base)]

    everything = [page.project, *form.all]
    begun = card.button.click(look, everything, card.drawn, show_progress_on=card.button)
    begun.success(examine, everything, [card.model, form.base], show_progress_on=card.button)


def _health(library: Library, entered: Wish) -> doctor.Health | str:
    """What the doctor says of the base, now if he has not seen it here, or why he could not be asked."""
    try:
        health = doctor.known(library, model_named(library, entered.base))
        return health if health.checks else doctor.examine(library, entered.base, entered.device, "auto")
    except StudioError as error:
        return str(error)


def of_data(library: Library, seen: step.Seen) -> str:
    """The checks of the data, and what is taught, as HTML."""
    return _section("preflight.of_data", seen.checks, library) + _decoded(library, seen.decoded)


def of_model(checks: Sequence[Check], health: doctor.Health | str, library: Library | None = None) -> str:
    """The checks of the model as a run would load it, and the doctor's, as HTML; with a `library` clips can
    be heard as they are taught."""
    told = _section("preflight.of_model", checks, library) if checks else ""
    if isinstance(health, str):
        return told + show.note(retold(health), "warn")
    return told + _section("preflight.of_doctor", health.checks)


def title_of(name: str) -> str:
    """What a check is called on the page; one of a family's own keeps its name."""
    return named(f"preflight.check.{name}", name.replace("_", " "))


def _section(title: str, checks: Sequence[Check], library: Library | None = None) -> str:
    counts = " ".join(show.chip(say(f"preflight.{kind}", n=n), f"{kind}-check") for kind in ORDER
                      if (n := sum(check.outcome == kind for check in checks)))
    bad = "".join(_line(check, library) for kind in ORDER[:2] for check in checks if check.outcome == kind)
    fine = [_line(check, library) for check in checks if check.outcome == "passed"]
    more = show.words("preflight.passed", n=len(fine))
    folded = (f'<details{"" if bad else " open"}><summary>{more}</summary><ul class="vw-findings">'
              f'{"".join(fine)}</ul></details>') if fine else ""
    told = f'<ul class="vw-findings">{bad}</ul>' if bad else ""
    return f'<h3 class="vw-h">{show.words(title)} {counts}</h3>{told}{folded}'


def _line(check: Check, library: Library | None) -> str:
    kind = {"refused": "refuse", "warned": "warn", "passed": "ok"}[check.outcome]
    said = f"<b>{show.text_of(title_of(check.name))}</b> {show.text_of(retold(check.sentence))}"
    place = "taught" if check.name == LABELS else "audio"
    heard = "".join(_player(library, clip_id, place) for clip_id in check.ids[:HEARD]) if library else ""
    return f'<li class="vw-{kind}">{said}{heard}</li>'


def _player(library: Library, clip_id: str, place: str = "audio") -> str:
    """One clip to hear, by its name, as it is or as it is taught; nothing for one that is no longer there."""
    try:
        name = show.text_of(library.clips.get(clip_id).name)
    except NotFound:
        return ""
    return (f'<div class="vw-heard-clip"><span class="vw-name">{name}</span> <audio controls preload="none"'
            f' aria-label="{name}" src="/{place}/{show.text_of(clip_id)}"></audio></div>')


def _decoded(library: Library, decoded: Sequence[Decoded]) -> str:
    """Texts beside what their labels say when they are read back."""
    if not decoded:
        return ""
    heads = [say(f"preflight.head.{name}") for name in ("clip", "text", "taught")]
    rows = [[_player(library, each.id), *show.marked(each.text, each.written)] if not each.is_same else
            [_player(library, each.id), show.text_of(each.text), show.text_of(each.written)]
            for each in decoded]
    title = say("preflight.read_back")
    return f'<h3 class="vw-h">{show.text_of(title)}</h3>' + show.table(heads, rows, title)
