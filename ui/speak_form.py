"""What is to be spoken: the text, the models, whose voice, how freely; with what is known of each."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from core.errors import BadInput, NotFound
from core.families.base.speaking import SpeakOptions
from core.library import Library, Project
from core.quality.references import Candidate
from core.runs import listing
from core.steps import speak, speak_like
from core.steps.speak import BASE, Wish
from core.steps.speak_like import Like
from core.steps.transcribe import ModelChoice
from ui import form, run_card, sheet
from ui import view as show
from ui.texts import named, say
from ui.texts.retold import retold
from ui.train_form import DEVICES

OWN, FREE = "own", "free"
"""Whose voice, where it is not a speaker's: that of a sound that is handed in, and the model's own."""
SPEAKER = "speaker:"
MOST_TAKES = 20
"""Takes that are offered, the best ones."""
WIDE = 320
"""Pixels that a choice needs; where two do not fit they stand below each other."""
FIELDS = sheet.keyed(form.fields_of(SpeakOptions))
HIDDEN: dict[str, Any] = gr.update(visible=False)


@dataclass(frozen=True)
class SpeakForm:
    """The inputs, and what is told of the model and the take that are chosen."""

    text: gr.Textbox
    model: gr.Dropdown
    beside: gr.Dropdown
    about: gr.HTML
    who: gr.Dropdown
    take: gr.Dropdown
    reason: gr.HTML
    own: gr.Column
    sound: gr.Audio
    said: gr.Textbox
    options: gr.HTML
    device: gr.Dropdown
    blind: gr.Checkbox
    start: gr.Button

    @property
    def inputs(self) -> list[Any]:
        """What `wish` reads, in its order."""
        return [self.text, self.model, self.beside, self.who, self.take, self.sound, self.said, self.blind,
                self.device, self.options]

    @property
    def of_model(self) -> list[Any]:
        """What `of_model` gives values for."""
        return [self.beside, self.about, self.blind]

    @property
    def of_voice(self) -> list[Any]:
        """What `of_voice` gives values for."""
        return [self.take, self.reason, self.own]


def layout() -> SpeakForm:
    """The inputs, in the surrounding Blocks."""
    made: dict[str, Any] = {}
    made["text"] = gr.Textbox(lines=4, label=say("speak.text"), info=say("speak.text_info"),
                              placeholder=say("speak.text_hint"), elem_id="speak-text")
    with gr.Row(equal_height=False):
        made["model"] = form.unchecked(gr.Dropdown([], label=say("speak.model"), min_width=WIDE,
                                                   elem_id="speak-model"))
        made["beside"] = form.unchecked(gr.Dropdown([(say("speak.alone"), "")], value="", min_width=WIDE,
                                                    label=say("speak.beside"), elem_id="speak-beside"))
    made["about"] = gr.HTML(elem_id="speak-about", apply_default_css=False)
    with gr.Row(equal_height=False):
        made["who"] = form.unchecked(gr.Dropdown([], label=say("speak.who"), min_width=WIDE,
                                                 elem_id="speak-who"))
        made["take"] = form.unchecked(gr.Dropdown([], label=say("speak.take"), visible=False,
                                                  min_width=WIDE, elem_id="speak-take"))
    made["reason"] = gr.HTML(elem_id="speak-reason", apply_default_css=False)
    with gr.Column(visible=False) as made["own"]:
        made["sound"] = gr.Audio(sources=["upload", "microphone"], type="filepath", format="wav",
                                 label=say("speak.sound"), elem_id="speak-sound", buttons=[])
        made["said"] = gr.Textbox(label=say("speak.said"), info=say("speak.said_info"), elem_id="speak-said")
    with gr.Accordion(say("speak.advanced"), open=False, elem_id="speak-advanced"):
        with gr.Group(elem_classes="vw-options"):
            made["options"] = sheet.build(FIELDS, "speak", sheet.shown(FIELDS, {}), "speak-options")
            made["device"] = gr.Dropdown(DEVICES, value="auto", label=say("train.device"),
                                         info=say("train.device_info"), allow_custom_value=True,
                                         elem_id="speak-device")
    made["blind"] = gr.Checkbox(False, label=say("speak.blind"), info=say("speak.blind_info"), visible=False,
                                elem_id="speak-blind")
    made["start"] = gr.Button(say("speak.start"), variant="primary", elem_id="speak-start")
    return SpeakForm(**made)


def wish(values: Sequence[Any]) -> Wish:
    """What `SpeakForm.inputs` ask for. Raises BadInput with the field that lacks something."""
    text, model, beside, who, take, sound, said, blind, device, given = values
    if not (text or "").strip():
        raise BadInput(say("speak.no_text"))
    if not model:
        raise BadInput(say("speak.no_model"))
    if who == OWN and not sound:
        raise BadInput(say("speak.no_sound"))
    is_speaker = str(who or "").startswith(SPEAKER)
    if is_speaker and not take:
        raise BadInput(say("speak.no_take"))
    like = Like(sound=Path(sound), said=said or "") if who == OWN else Like(take if is_speaker else "")
    chosen = sheet.read(SpeakOptions, FIELDS, given)
    return Wish(text, model, like, beside or "", bool(blind and beside), SpeakOptions(**chosen.model_dump()),
                str(device or "auto").strip())


# --- models

def titles(lib: Library, found: Sequence[ModelChoice]) -> list[tuple[str, str]]:
    """(title, name) of models: a run by what it was, a folder by its name."""
    runs = {card.id: run_card.title(card) for card in listing.runs(lib.root, kind="train")}
    return [(runs.get(choice.name, choice.title), choice.name) for choice in found]


def of_models(lib: Library, project: Project, model: str | None, beside: str | None) -> list[Any]:
    """Values of model, beside, about and blind: what was chosen, else the project's newest run, else the
    first."""
    found = speak.models(lib)
    choices = titles(lib, found)
    names = [choice.name for choice in found]
    own = [choice.name for choice in found
           if choice.where == "run" and Path(choice.path).parents[1].name == project.slug]
    chosen = model if model in names else next(iter([*own, *names]), None)
    return [gr.update(choices=choices, value=chosen), *of_model(lib, found, chosen, beside)]


def of_model(lib: Library, found: list[ModelChoice], model: str | None, beside: str | None) -> list[Any]:
    """Values of `SpeakForm.of_model` for the model that is chosen."""
    choice = next((one for one in found if one.name == model), None)
    if choice is None:
        return [gr.update(choices=[(say("speak.alone"), "")], value=""), "", HIDDEN]
    base = [(say("speak.base"), BASE)] if choice.where == "run" else []
    others = titles(lib, [one for one in found if one.name != model])
    choices = [(say("speak.alone"), ""), *base, *others]
    value = beside if beside in [name for _, name in choices] else ""
    return [gr.update(choices=choices, value=value), about(choice), gr.update(visible=bool(value))]


def about(choice: ModelChoice) -> str:
    """What a person should know of a model before they believe what it says."""
    family = named(f"speak.family.{choice.family}", "")
    licence = named(f"speak.licence.{choice.family}", retold(speak.licence(choice)))
    return show.note(family) + show.note(licence)


# --- whose voice

def of_speakers(lib: Library, project: Project, who: str | None, take: str | None) -> list[Any]:
    """Values of who, take, reason and own: what was chosen, else the first speaker, else the model's own
    voice."""
    speakers = [(name, SPEAKER + name) for name in speak_like.speakers_of(lib, project)]
    choices = [*speakers, (say("speak.own"), OWN), (say("speak.free"), FREE)]
    known = [value for _, value in choices]
    chosen = who if who in known else known[0] if speakers else FREE
    return [gr.update(choices=choices, value=chosen), *of_voice(lib, project, chosen, take)]


def of_voice(lib: Library, project: Project, who: str, take: str | None) -> list[Any]:
    """Values of `SpeakForm.of_voice` for who is chosen: takes to speak like, the best first."""
    if not who.startswith(SPEAKER):
        told = show.note(say("speak.free_info")) if who == FREE else ""
        return [gr.update(visible=False, choices=[], value=None), told, gr.update(visible=who == OWN)]
    found = speak_like.references(lib, project, who.removeprefix(SPEAKER))[:MOST_TAKES]
    ids = [one.clip_id for one in found]
    chosen = take if take in ids else next(iter(ids), None)
    offered = gr.update(visible=True, choices=_takes(lib, found), value=chosen)
    return [offered, reason(lib, found, chosen), HIDDEN]


def _takes(lib: Library, found: Sequence[Candidate]) -> list[tuple[str, str]]:
    titles = []
    for place, one in enumerate(found, 1):
        view = lib.clips.view(one.clip_id)
        titles.append((f"{place}. {view.text} · {view.clip.name}", one.clip_id))
    return titles


def reason(lib: Library, found: Sequence[Candidate], clip: str | None) -> str:
    """The take to hear, and why it serves so well or badly."""
    chosen = next((one for one in found if one.clip_id == clip), None)
    if chosen is None:
        return show.note(say("speak.no_take"), "warn")
    try:
        view = lib.clips.view(chosen.clip_id)
    except NotFound:  # thrown away meanwhile
        return show.note(say("speak.no_take"), "warn")
    name = show.text_of(view.clip.name)
    player = (f'<audio controls preload="none" aria-label="{name}" '
              f'src="/audio/{show.text_of(view.clip.id)}"></audio>')
    why = "".join(f"<li>{show.text_of(retold(each))}</li>" for each in chosen.reasons)
    title = show.words("speak.why", share=100 * chosen.score)
    return (f'<div class="vw-heard-clip">{player}<bdi>{show.text_of(view.text or "")}</bdi></div>'
            f'<details class="vw-why"><summary>{title}</summary><ul>{why}</ul></details>')
