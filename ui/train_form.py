"""What a new run is made of: model, preset, dataset, advanced options; its estimate and its preflight."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
from gradio.events import Dependency

from core.errors import BadInput, StudioError
from core.families.base import Trains
from core.library import Library, Project
from core.modelling.offered import Offer
from core.steps import devices, preflight, train
from ui import form, sheet
from ui import view as show
from ui.badge import badged
from ui.page import Page
from ui.texts import named, say
from ui.texts.retold import retold

DEVICES = ["auto", "cpu", "mps", "cuda:0"]
PRECISIONS = ["auto", "fp32", "bf16", "fp16"]
ACCEPTED = ""
"""The dataset choice that stands for: what is accepted now."""
N_INPUTS = 8
"""How many inputs `wish` reads."""


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

    @property
    def learned(self) -> preflight.Wish:
        """The part that decides what is learned, as the preflight takes it."""
        return preflight.Wish(self.family, self.base, self.preset, self.overrides, self.dataset)


@dataclass(frozen=True)
class TrainForm:
    """The inputs. `options` is one part (ui/sheet.py) for all options that any of `families` has; what the
    chosen family lacks is hidden. `fields` has for each family its own, by their keys there."""

    families: list[Trains]
    family: gr.Radio
    base: gr.Dropdown
    preset: gr.Radio
    dataset: gr.Dropdown
    device: gr.Dropdown
    precision: gr.Dropdown
    devices: gr.Number
    edited: gr.Textbox
    options: gr.HTML
    fields: dict[str, dict[str, form.Field]]

    @property
    def all(self) -> list[gr.components.Component]:
        """Every input, as `wish` reads them."""
        return [self.family, self.base, self.preset, self.dataset, self.device, self.precision, self.devices,
                self.options]

    def wish(self, values: Sequence[Any]) -> Wish:
        """What was chosen; BadInput for an option out of its range, or without a base."""
        family, base, preset, dataset, device, precision, devices, given = values[:N_INPUTS]
        if not base:
            raise BadInput(say("train.no_base"))
        options, presets = train.form(family)
        if preset not in presets:
            train.options_of(family, preset)  # says which there are
        fields = list(self.fields[family].values())
        entered = sheet.entered(self.fields[family], given)
        form.read(options, fields, entered)
        changed = form.overrides(fields, entered, presets[preset])
        return Wish(family, base, preset, dataset or None, changed, device, precision, int(devices or 1))

    def preset_values(self, family: str, preset: str, said: Mapping[str, Any] | None = None
                      ) -> dict[str, Any]:
        """The value of `options` when a preset of a family is chosen, with what is `said` over it."""
        known = next(each for each in self.families if each.name == family)
        return sheet.shown(self.fields[family], {**known.presets.get(preset, {}), **(said or {})})

    def given(self, family: str, before: Mapping[str, Any], option: str, value: Any) -> dict[str, Any]:
        """The value of `options` with one of a family's set, and the others as they were before."""
        keys = [key for key, field in self.fields[family].items() if field.name == option]
        return {**before, **dict.fromkeys(keys, value)}


def build() -> TrainForm:
    """The inputs, in the surrounding Blocks."""
    families = train.families()
    titles = [(f.title, f.name) for f in families]
    family = gr.Radio(titles, value=titles[0][1], label=say("train.kind"), visible=len(titles) > 1,
                      elem_id="train-family")
    with gr.Row():
        base = form.unchecked(gr.Dropdown([], label=say("train.base"), info=say("train.base_info"),
                                          min_width=280, elem_id="train-base"))
        dataset = gr.Dropdown([], label=say("train.dataset"), elem_id="train-dataset", min_width=280,
                              info=say("train.dataset_info"))
    presets = preset_choices(families[0])
    preset = form.unchecked(gr.Radio(presets, value=presets[0][1], label=say("train.preset_label"),
                                     elem_id="train-preset"))
    with gr.Accordion(say("train.advanced"), open=False, elem_id="train-advanced"):
        device, precision, devices = _hardware()
        known, fields = shared(families)
        first = next(iter(families[0].presets.values()))
        with gr.Group():
            options = sheet.build(known, "train-option", sheet.shown(fields[families[0].name], first),
                                  "train-options")
    edited = gr.Textbox("", elem_id="train-edited")  # train.css hides it: a panel that comes up shows all
    return TrainForm(families, family, base, preset, dataset, device, precision, devices, edited, options,
                     fields)


SETTLING = "(...given) => { voicewright.isSettling = true; return given; }"
"""As `js` of an event that changes family, base and preset: until all are there, the form is not read."""
SETTLED = "voicewright.isSettling = false;"
FORGET = """async (before) => {
  %s
  const mine = voicewright.edits = (voicewright.edits || 0) + 1;
  await new Promise((done) => setTimeout(done, 100)); // a preset changes many inputs, one after the other
  // a tab that is opened looks anew; its panel may come up later than this
  const tab = document.querySelector("#voicewright-tabs [role=tab][data-tab-id=Train]");
  const isSeen = tab?.getAttribute("aria-selected") === "true";
  const isLast = mine === voicewright.edits && !voicewright.isSettling;
  return [%s, isSeen && isLast ? String(performance.now()) : before || ""];
}"""


def watch(page: Page, form: TrainForm, found: list[gr.HTML], settling: Sequence[Dependency]) -> None:
    """Each change of an input takes away what was `found` for other choices, and makes `edited` change where
    the form is seen: what takes all inputs is slow, and a page that is loading has other things to do.

    `settling` are the events, each with `SETTLING`, that give a family its base and preset: before they are
    done, these do not fit together.
    One event for all inputs: while a page of Gradio loads it goes through all inputs of all events once for
    each of its parts. In the browser, so that no late answer takes away what was found since.
    """
    emptied = ", ".join("''" for _ in found)
    changes = [part.change for part in form.all if part is not form.family]
    gr.on([page.project.change, *changes], None, form.edited, [*found, form.edited],
          js=FORGET % ("", emptied), show_progress="hidden")
    for event in settling:
        event.then(None, form.edited, [*found, form.edited], js=FORGET % (SETTLED, emptied),
                   show_progress="hidden")


def shared(families: Sequence[Trains]
           ) -> tuple[dict[str, form.Field], dict[str, dict[str, form.Field]]]:
    """All fields of one form for all families by their keys, and for each family its own: what several have
    stands there once.

    An option is the same when its name, its kind, its range and what is said of it are; defaults may differ.
    A family's own stand behind the option that they follow in that family.
    """
    order: list[form.Field] = []
    made = {family.name: form.fields_of(family.options) for family in families}
    for fields in made.values():
        at = 0
        for field in map(_without_default, fields):
            if field not in order:
                order.insert(at, field)
            at = order.index(field) + 1
    every = dict.fromkeys(_without_default(field) for fields in made.values() for field in fields)
    keys = {field: key for key, field in sheet.keyed(every).items()}
    own = {name: {keys[_without_default(field)]: field for field in fields} for name, fields in made.items()}
    return {keys[field]: field for field in order}, own


def _without_default(field: form.Field) -> form.Field:
    return replace(field, default=None)


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
    return named(f"train.preset.{name}", name)


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
    lacks = show.note(named(f"train.lacks.{wish.family}", ""))
    return show.note(retold(expected.sentence)) + licence + lacks, show.findings(found)
