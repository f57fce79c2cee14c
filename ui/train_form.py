"""What a new run is made of: model, preset, dataset, advanced options; its estimate and its preflight."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.errors import BadInput, StudioError
from core.families.base import Trains
from core.library import Library, Project
from core.modelling.offered import Offer
from core.steps import devices, train
from ui import form
from ui import view as show
from ui.badge import badged
from ui.texts import language, say, texts
from ui.texts.retold import retold

DEVICES = ["auto", "cpu", "mps", "cuda:0"]
PRECISIONS = ["auto", "fp32", "bf16", "fp16"]
ACCEPTED = ""
"""The dataset choice that stands for: what is accepted now."""
FIRST = 7
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
    devices: int


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
    devices: gr.Number
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
        return [self.family, self.base, self.preset, self.dataset, self.device, self.precision, self.devices,
                *self.options]

    def wish(self, values: Sequence[Any]) -> Wish:
        """What was chosen; BadInput for an option out of its range, or without a base."""
        family, base, preset, dataset, device, precision, devices = values[:FIRST]
        if not base:
            raise BadInput(say("train.no_base"))
        index = [f.name for f in self.families].index(family)
        options, presets = train.form(family)
        start = FIRST + sum(len(group) for group in self.inputs[:index])
        entered, fields = values[start:start + len(self.inputs[index])], self.fields[index]
        form.read(options, fields, entered)
        changed = form.overrides(fields, entered, presets[preset])
        return Wish(family, base, preset, dataset or None, changed, device, precision, int(devices or 1))

    def preset_values(self, family: str, preset: str, said: Mapping[str, Any] | None = None) -> list[Any]:
        """Values of `options` when a preset is chosen, with what is `said` over it; other families' inputs
        are left alone."""
        made: list[Any] = []
        for known, fields in zip(self.families, self.fields, strict=True):
            mine = form.shown_values(fields, {**known.presets.get(preset, {}), **(said or {})})
            made += mine if known.name == family else [gr.skip()] * len(fields)
        return made


def build() -> TrainForm:
    """The inputs, in the surrounding Blocks."""
    families = train.families()
    titles = [(f.title, f.name) for f in families]
    with gr.Row():
        family = gr.Radio(titles, value=titles[0][1], label=say("train.kind"), visible=len(titles) > 1,
                          elem_id="train-family")
        base = gr.Dropdown([], label=say("train.base"), info=say("train.base_info"),
                           min_width=280, elem_id="train-base")
        dataset = gr.Dropdown([], label=say("train.dataset"), elem_id="train-dataset", min_width=280,
                              info=say("train.dataset_info"))
    presets = preset_choices(families[0])
    preset = gr.Radio(presets, value=presets[0][1], label=say("train.preset_label"), elem_id="train-preset")
    with gr.Accordion(say("train.advanced"), open=False, elem_id="train-advanced"):
        device, precision, devices = _hardware()
        made = [_options(each, is_shown=each is families[0]) for each in families]
    groups, fields, inputs = (list(column) for column in zip(*made, strict=True))
    return TrainForm(families, family, base, preset, dataset, device, precision, devices, groups,
                     fields, inputs)


def _hardware() -> tuple[gr.Dropdown, gr.Dropdown, gr.Number]:
    with gr.Row():
        return (gr.Dropdown(device_choices(0.0), value="auto", label=say("train.device"),
                            info=say("train.device_info"), allow_custom_value=True, elem_id="train-device",
                            min_width=320),
                gr.Dropdown(PRECISIONS, value="auto", label=say("train.precision"), elem_id="train-precision",
                            info=say("train.precision_info")),
                # no minimum= here: Gradio's own message would be in English
                gr.Number(value=1, precision=0, label=say("train.devices"), info=say("train.devices_info"),
                          elem_id="train-devices"))


def device_choices(patience: float) -> list[tuple[str, str]]:
    """(name with its free memory, key) of the devices here; waits so many seconds for a newer look."""
    found = [(_device(one), one.key) for one in devices.offers(patience)]
    return [(say("train.device_auto"), "auto"), *found]


def _device(one: Offer) -> str:
    name = say("train.processor", n=one.cores) if one.key == "cpu" else f"{one.name} ({one.key})"
    if one.free is None or one.total is None:
        return name
    return say("train.device_free", name=name, free=round(one.free), total=round(one.total))


def _options(family: Trains, is_shown: bool) -> tuple[gr.Group, list[form.Field], list[Any]]:
    fields = form.fields_of(family.options)
    with gr.Group(visible=is_shown, elem_classes="vw-options") as group:
        made = form.inputs(fields, f"train-{family.name}", next(iter(family.presets.values())))
    return group, fields, made


def preset_choices(family: Trains) -> list[tuple[str, str]]:
    """(title, name) of the presets; the title tells its steps or epochs, and so how long it works."""
    return [(_preset_title(family, name, values), name) for name, values in family.presets.items()]


def _preset_title(family: Trains, name: str, values: dict[str, Any]) -> str:
    epochs = sum(value for option, value in values.items() if option.endswith("_epochs"))
    if epochs:
        return say("train.preset_epochs", name=preset_name(name), n=epochs)
    usual = family.options.model_fields["steps"].default
    return say("train.preset_steps", name=preset_name(name), n=values.get("steps", usual))


def preset_name(name: str) -> str:
    """What a preset is called on the page; one that no text knows keeps its name."""
    key = f"train.preset.{name}"
    return say(key) if key in texts(language()) else name


def bases_of(lib: Library, family: str, base: str | None = "") -> Any:
    """The update of the base field: the models of a family; what was chosen stays where it is one of them."""
    bases = [(badged(lib, choice), choice.name) for choice in train.bases(lib, family)]
    names = [name for _, name in bases]
    return gr.update(choices=bases, value=base if base in names else next(iter(names), None))


def choices(lib: Library, project: Project | None, base: str = "", dataset: str = ACCEPTED,
            family: str = "") -> list[Any]:
    """Updates of the base, the dataset and the device fields; what was chosen stays where it still exists."""
    names = [d.name for d in lib.datasets.of(project.id)] if project else []
    datasets = [(say("train.accepted_now"), ACCEPTED),
                *((say("train.dataset_named", name=name), name) for name in names)]
    return [bases_of(lib, family, base),
            gr.update(choices=datasets, value=dataset if dataset in names else ACCEPTED),
            gr.update(choices=device_choices(1.0))]


def forecast(lib: Library, project: Project | None, wish: Wish) -> tuple[str, str]:
    """(estimate, preflight) as HTML: how long it takes, and what would spoil it."""
    if project is None:
        return "", ""
    if not wish.dataset and not lib.clips.views(project.id, role="target", decision="accepted"):
        return show.note(say("train.nothing_accepted"), "warn"), ""
    try:
        options = train.options_of(wish.family, wish.preset, wish.overrides)
        expected = train.estimate(lib, project, wish.family, wish.base, options)
        found = train.preflight(lib, project, wish.family, wish.base, wish.preset, wish.overrides,
                                wish.dataset)
    except StudioError as error:
        return show.note(retold(str(error)), "warn"), ""
    licence = show.note(retold(train.licence(lib, wish.base)), "warn")
    return show.note(retold(expected.sentence)) + licence, show.findings(found)
