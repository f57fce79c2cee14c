"""Find the text: model, settings, the run as it stands with Cancel and Resume, what it says."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.errors import BadInput
from core.families import that
from core.families.base import Emits
from core.library import Library, Project
from core.run_dir import RunDir
from core.runs.listing import RunCard
from core.steps import recordings, timeline, transcribe
from core.steps.recordings import Options
from ui import form, sheet
from ui import view as show
from ui.models import titled
from ui.run_card import log_tail
from ui.texts import say
from ui.texts.retold import retold
from ui.train_form import DEVICES

WRONG = 0.1
"""Of the speech: below it the text is another one."""


@dataclass(frozen=True)
class Finding:
    """The inputs, and what shows the run."""

    model: gr.Dropdown
    device: gr.Dropdown
    listener: gr.Dropdown
    language: gr.Textbox
    fields: dict[str, form.Field]
    options: gr.HTML
    find: gr.Button
    state: gr.HTML
    cancel: gr.Button
    resume: gr.Button

    @property
    def inputs(self) -> list[Any]:
        """What `begin` reads."""
        return [self.model, self.device, self.listener, self.language, self.options]


def layout() -> Finding:
    """Model and button, the settings folded up, the run below."""
    fields = sheet.keyed(form.fields_of(Options))
    with gr.Row(equal_height=True, elem_classes="vw-toolbar"):
        model = gr.Dropdown([(say("long.own_model"), "")], value="", label=say("long.model"),
                            info=say("long.model_info"), allow_custom_value=True, scale=3,
                            elem_id="recordings-model")
        find = gr.Button(say("long.find"), variant="primary", scale=1, min_width=180,
                         elem_id="recordings-find")
    with gr.Accordion(say("long.advanced"), open=False, elem_id="recordings-advanced"):
        with gr.Group(elem_classes="vw-options"):
            options = sheet.build(fields, "recordings", sheet.shown(fields, {}), "recordings-options")
            device = gr.Dropdown(DEVICES, value="auto", label=say("train.device"), allow_custom_value=True,
                                 info=say("train.device_info"), elem_id="recordings-device")
            listener = gr.Dropdown([(say("long.listener_none"), "")], value="", allow_custom_value=True,
                                   label=say("long.listener_model"), info=say("long.listener_info"),
                                   elem_id="recordings-listener")
            language = gr.Textbox("", label=say("long.listener_language"), max_lines=1,
                                  info=say("long.listener_language_info"), elem_id="recordings-language")
    state = gr.HTML(elem_id="recordings-state", apply_default_css=False)
    with gr.Row(elem_classes="vw-decide"):
        cancel = gr.Button(say("long.cancel"), visible=False, scale=0, min_width=180,
                           elem_id="recordings-cancel")
        resume = gr.Button(say("long.resume"), variant="primary", visible=False, scale=0, min_width=180,
                           elem_id="recordings-resume")
    return Finding(model, device, listener, language, fields, options, find, state, cancel, resume)


def models(library: Library) -> list[tuple[str, str]]:
    """Those that can listen to long recordings; first: what the project would take by itself."""
    able = {family.name for family in that(Emits).values()}
    found = [one for one in transcribe.models(library) if one.family in able]
    return [(say("long.own_model"), ""), *titled(library, found)]


def listeners(library: Library) -> list[tuple[str, str]]:
    """All that transcribe; first: none."""
    return [(say("long.listener_none"), ""), *titled(library, transcribe.listeners(library))]


def begin(library: Library, project: Project, finding: Finding, values: Sequence[Any],
          only: Sequence[str] = (), within: recordings.Stretch | None = None) -> RunDir:
    """Start a run with what the form says, perhaps for one stretch (`within`) of the recording in `only`;
    BadInput for a setting out of its range, and while one runs."""
    card = newest(library, project)
    if card and card.state in ("running", "queued"):
        raise BadInput(say("long.working"))
    model, device, listener, language, given = values
    options = sheet.read(Options, finding.fields, given)
    return recordings.start(library, project, str(model or "").strip(), device or "auto",
                            Options(**options.model_dump()), only, listener=str(listener or "").strip(),
                            listener_language=str(language or "").strip(), within=within)


def newest(library: Library, project: Project | None) -> RunCard | None:
    """The run that the page shows."""
    return next(iter(timeline.cards(library, project)), None) if project else None


def picture(card: RunCard | None) -> list[Any]:
    """Values of state, Cancel and Resume."""
    hidden = gr.update(visible=False)
    if card is None:
        return ["", hidden, hidden]
    is_working = card.state in ("running", "queued")
    return [state(card), gr.update(visible=is_working),
            gr.update(visible=card.state in ("stopped", "failed", "lost"))]


def state(card: RunCard) -> str:
    """The run as HTML; what a finished one has to say stands in the notes."""
    if card.state in ("failed", "lost"):
        return show.failure(card, log_tail(card.run))
    again = show.note(say("long.again_later")) if card.state == "stopped" else ""
    said = say("long.done", when=show.when(card.started)) if card.state == "done" else None
    return show.progress(card, said) + again


def notes(card: RunCard | None) -> str:
    """The sentences of a finished run, the bad ones first."""
    if card is None or card.state != "done":
        return ""
    told: list[tuple[int, str]] = []
    rest = card.message
    for row in timeline.rows_of(card).values():
        bad = row["figures"]["speech_covered"] < WRONG or bool(row["figures"]["unreadable"])
        told += [(0 if bad else 1, sentence) for sentence in row["sentences"]]
        for sentence in row["sentences"]:
            rest = rest.replace(sentence, "").strip()
    covered = card.figures.get("text_covered", 1.0)
    told.append((0 if covered < WRONG else 2, rest))
    kinds = ("bad", "warn", "info")
    return "".join(show.note(retold(sentence), kinds[kind]) for kind, sentence in sorted(told))
