"""What a new run is made of: model, preset, dataset, advanced options; its estimate and its preflight."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.errors import BadInput, StudioError
from core.families.base import Trains
from core.library import Library, Project
from core.steps import train
from ui import form
from ui import view as show

DEVICES = ["auto", "cpu", "mps", "cuda:0"]
PRECISIONS = ["auto", "fp32", "bf16", "fp16"]
NOTHING_ACCEPTED = "No take is accepted yet, so there is nothing to learn from. Accept some on Review."
ACCEPTED = ""
"""The dataset choice that stands for: what is accepted now."""
FIRST = 6
"""How many inputs stand before those of the families."""


@dataclass(frozen=True)
class Wish:
    """A filled-in form."""

    family: str
    base: str
    preset: str
    dataset: str | None
    overrides: dict[str, str]
    device: str
    precision: str


@dataclass(frozen=True)
class TrainForm:
    """The inputs; `groups`, `fields` and `inputs` hold one entry a family, in the order of `families`."""

    families: list[Trains]
    family: gr.Radio
    base: gr.Dropdown
    preset: gr.Radio
    dataset: gr.Dropdown
    device: gr.Dropdown
    precision: gr.Dropdown
    groups: list[gr.Group]
    fields: list[list[form.Field]]
    inputs: list[list[gr.components.Component]]

    @property
    def options(self) -> list[gr.components.Component]:
        """The inputs of all families' options."""
        return [component for group in self.inputs for component in group]

    @property
    def all(self) -> list[gr.components.Component]:
        """Every input, as `wish` reads them."""
        return [self.family, self.base, self.preset, self.dataset, self.device, self.precision, *self.options]

    def wish(self, values: Sequence[Any]) -> Wish:
        """What was chosen; BadInput for an option out of its range, or without a base."""
        family, base, preset, dataset, device, precision = values[:FIRST]
        if not base:
            raise BadInput("There is no model to start from: the starter is missing from the models folder.")
        index = [f.name for f in self.families].index(family)
        options, presets = train.form(family)
        start = FIRST + sum(len(group) for group in self.inputs[:index])
        entered, fields = values[start:start + len(self.inputs[index])], self.fields[index]
        form.read(options, fields, entered)
        changed = form.overrides(fields, entered, presets[preset])
        return Wish(family, base, preset, dataset or None, changed, device, precision)

    def preset_values(self, family: str, preset: str) -> list[Any]:
        """Values of `options` when a preset is chosen; other families' inputs are left alone."""
        made: list[Any] = []
        for known, fields in zip(self.families, self.fields, strict=True):
            mine = form.shown_values(fields, known.presets.get(preset, {}))
            made += mine if known.name == family else [gr.skip()] * len(fields)
        return made


def build() -> TrainForm:
    """The inputs, in the surrounding Blocks."""
    families = train.families()
    titles = [(f.title, f.name) for f in families]
    with gr.Row():
        family = gr.Radio(titles, value=titles[0][1], label="Kind of model", visible=len(titles) > 1,
                          elem_id="train-family")
        base = gr.Dropdown([], label="Start from", info="The model that learns; it is not changed itself.",
                           min_width=280, elem_id="train-base")
        dataset = gr.Dropdown([], label="Learn from", elem_id="train-dataset", min_width=280,
                              info="Your accepted takes, or a dataset of the Data tab.")
    presets = preset_choices(families[0])
    preset = gr.Radio(presets, value=presets[0][1], label="Preset", elem_id="train-preset")
    with gr.Accordion("Advanced", open=False, elem_id="train-advanced"):
        device, precision = _hardware()
        made = [_options(each, is_shown=each is families[0]) for each in families]
    groups, fields, inputs = (list(column) for column in zip(*made, strict=True))
    return TrainForm(families, family, base, preset, dataset, device, precision, groups, fields, inputs)


def _hardware() -> tuple[gr.Dropdown, gr.Dropdown]:
    with gr.Row():
        return (gr.Dropdown(DEVICES, value="auto", label="Device", info="auto takes what works here.",
                            allow_custom_value=True, elem_id="train-device"),
                gr.Dropdown(PRECISIONS, value="auto", label="Precision", elem_id="train-precision",
                            info="auto takes what the device can do safely."))


def _options(family: Trains, is_shown: bool) -> tuple[gr.Group, list[form.Field], list[Any]]:
    fields = form.fields_of(family.options)
    with gr.Group(visible=is_shown, elem_classes="vw-options") as group:
        made = form.inputs(fields, f"train-{family.name}", next(iter(family.presets.values())))
    return group, fields, made


def preset_choices(family: Trains) -> list[tuple[str, str]]:
    """(title, name) of the presets; the title tells the number of steps, and so how long it works."""
    usual = family.options.model_fields["steps"].default
    return [(f"{name} ({show.count(values.get('steps', usual), 'step')})", name)
            for name, values in family.presets.items()]


def choices(lib: Library, project: Project | None, base: str = "", dataset: str = ACCEPTED) -> list[Any]:
    """Updates of the base and the dataset fields; what was chosen stays where it still exists."""
    bases = [(choice.title, choice.name) for choice in train.bases(lib)]
    names = [d.name for d in lib.datasets.of(project.id)] if project else []
    datasets = [("What is accepted now", ACCEPTED), *((f"Dataset {name}", name) for name in names)]
    first = bases[0][1] if bases else None
    known = {name for _, name in bases}
    return [gr.update(choices=bases, value=base if base in known else first),
            gr.update(choices=datasets, value=dataset if dataset in names else ACCEPTED)]


def forecast(lib: Library, project: Project | None, wish: Wish) -> tuple[str, str]:
    """(estimate, preflight) as HTML: how long it takes, and what would spoil it."""
    if project is None:
        return "", ""
    if not wish.dataset and not lib.clips.views(project.id, role="target", decision="accepted"):
        return show.note(NOTHING_ACCEPTED, "warn"), ""
    try:
        options = train.options_of(wish.family, wish.preset, wish.overrides)
        expected = train.estimate(lib, project, wish.family, wish.base, options)
        found = train.preflight(lib, project, wish.family, wish.base, wish.preset, wish.overrides)
    except StudioError as error:
        return show.note(str(error), "warn"), ""
    return show.note(expected.sentence), show.findings(found)
