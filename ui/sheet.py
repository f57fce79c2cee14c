"""Many options as one part of the page: when a page of Gradio loads, it goes through all its events once for
each of its parts. ui/static/sheet.js drives it."""
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import gradio as gr
from pydantic import BaseModel

from ui import form
from ui import view as show
from ui.form import Field
from ui.look import static
from ui.texts.retold import retold


def build(fields: Mapping[str, Field], prefix: str, values: Mapping[str, Any], elem_id: str) -> gr.HTML:
    """The fields, in the surrounding Blocks; each has the id `<prefix>-<key>`, with - for _.

    The value of the part is {key: what the input holds}, as `form.to_input` makes it. Keys that it lacks are
    hidden.
    """
    rows = "".join(_row(f"{prefix}-{key.replace('_', '-')}", key, field) for key, field in fields.items())
    return gr.HTML(value=dict(values), html_template=_literal(rows), js_on_load=static("sheet.js"),
                   elem_id=elem_id, elem_classes="vw-sheet", apply_default_css=False)


def keyed(fields: Iterable[Field]) -> dict[str, Field]:
    """Fields by their names; those of a name that came before (other kinds of models have it, too, but mean
    something else) by `name_2`, `name_3`."""
    made: dict[str, Field] = {}
    for field in fields:
        key, n = field.name, 1
        while key in made:
            key, n = f"{field.name}_{n + 1}", n + 1
        made[key] = field
    return made


def shown(fields: Mapping[str, Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """The value of a part that shows `fields` as `values`, which are by the names of the options, have them;
    an option that is not named has its default."""
    return dict(zip(fields, form.shown_values(list(fields.values()), values), strict=True))


def entered(fields: Mapping[str, Field], value: Mapping[str, Any] | None) -> list[Any]:
    """What stands in `fields`, in their order; one that is not in the value of the part has its default."""
    given = value or {}
    return [given.get(key, form.to_input(field, field.default)) for key, field in fields.items()]


def read(options: type[BaseModel], fields: Mapping[str, Field], value: Mapping[str, Any] | None) -> BaseModel:
    """The checked model that a part makes; BadInput names the field, what was entered and its range."""
    return form.read(options, list(fields.values()), entered(fields, value))


def _row(elem_id: str, key: str, field: Field) -> str:
    title, info = show.text_of(retold(field.title)), show.text_of(field.info)
    named = f'data-key="{show.text_of(key)}" id="{elem_id}"'
    about = f'<small id="{elem_id}-info">{info}</small>'
    if field.kind == "bool":
        box = _input(elem_id, field, 'type="checkbox"')
        return f'<div class="vw-option vw-check" {named} hidden><label>{box} {title}</label>{about}</div>'
    head = f'<label for="{elem_id}-in">{title}</label>{about}'
    return f'<div class="vw-option" {named} hidden>{head}{_field(elem_id, field, title)}</div>'


def _field(elem_id: str, field: Field, title: str) -> str:
    if field.kind == "choice":
        choices = "".join(f"<option>{show.text_of(choice)}</option>" for choice in field.choices)
        return f"<select {_shared(elem_id, field)}>{choices}</select>"
    if field.kind not in ("int", "float"):
        hint = show.words("form.commas") if field.kind == "list" else ""
        typed = 'type="text" autocomplete="off" spellcheck="false"'
        return _input(elem_id, field, f'{typed} placeholder="{hint}"')
    # no min= and max= at what is typed: the sentence that refuses it is ours
    number = _input(elem_id, field, f'type="number" step="{_step(field)}"')
    if not form.is_narrow(field):
        return number
    span = f'min="{field.low:g}" max="{field.high:g}" step="1"'
    return f'<span class="vw-narrow">{number}<input type="range" {span} aria-label="{title}"></span>'


def _input(elem_id: str, field: Field, kind: str) -> str:
    return f"<input {kind} {_shared(elem_id, field)}>"


def _shared(elem_id: str, field: Field) -> str:
    return f'id="{elem_id}-in" data-kind="{field.kind}" aria-describedby="{elem_id}-info"'


def _step(field: Field) -> str:
    """How far an arrow key goes; any other number can be typed, as nothing is validated here."""
    if field.kind == "int":
        return "1"
    return "0.0001" if field.default is not None and 0 < field.default < 0.01 else "0.01"


def _literal(html: str) -> str:
    """HTML that a template, whose signs these are, leaves as it is."""
    return re.sub(r"[`${}\\]", lambda found: f"&#{ord(found[0])};", html)
