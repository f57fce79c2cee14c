"""A new run with an option changed: the form as it was for a run, and with it what was advised."""
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from core.library import Library, Project
from core.steps import train
from ui import form as fields_form
from ui import train_form
from ui.train_form import TrainForm


def inputs(form: TrainForm) -> list[Any]:
    """What `filled` gives values for."""
    chosen = [form.family, form.base, form.preset, form.dataset, form.device, form.precision]
    return [*chosen, *form.groups, *form.options]


def filled(lib: Library, project: Project, form: TrainForm, order: Mapping[str, Any],
           change: Mapping[str, Any]) -> list[Any]:
    """The form for a run like `order`, with some options changed; what is not there any more (a dataset, a
    base) is left as the form has it."""
    family = next((f for f in form.families if f.name == order.get("family")), form.families[0])
    preset = order.get("preset") if order.get("preset") in family.presets else next(iter(family.presets))
    known = [dataset.name for dataset in lib.datasets.of(project.id)]
    bases = [choice.name for choice in train.bases(lib) if _is_same(choice.path, order.get("base"))]
    dataset = order.get("dataset_name")
    presets = gr.update(choices=train_form.preset_choices(family), value=preset)
    groups = [gr.update(visible=each is family) for each in form.families]
    options = {**(order.get("options") or {}), **change}
    values: list[Any] = []
    for each, fields in zip(form.families, form.fields, strict=True):
        values += fields_form.shown_values(fields, options) if each is family else [gr.skip()] * len(fields)
    hardware = [order.get(name) or "auto" for name in ("device", "precision")]
    return [family.name, bases[0] if bases else gr.skip(), presets,
            dataset if dataset in known else gr.skip(), *hardware, *groups, *values]


def _is_same(path: str, base: Any) -> bool:
    return bool(base) and Path(path).resolve() == Path(str(base)).resolve()
