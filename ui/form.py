"""An Options model's fields as a form needs them (ui/sheet.py draws it), and what was entered as a checked
model again: no form by hand."""
from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import annotated_types as limits
import gradio as gr
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from core.errors import BadInput
from ui.texts import figure, language, say
from ui.texts.retold import retold

Kind = Literal["bool", "int", "float", "choice", "list", "text"]
SLIDER_SPAN = 64
"""A whole number whose range is at most this wide is a slider; a wider one is typed."""

TITLES = {"lr": "Learning rate", "n": "How many", "carriers": "Phrases"}
"""Titles of fields whose names do not say them."""


@dataclass(frozen=True)
class Field:
    """One field of an Options model, as a form needs it; `low`/`high` are None where there is no limit.

    `above`/`below` say that the limit itself is not allowed.
    """

    name: str
    kind: Kind
    title: str
    description: str
    default: Any
    low: float | None = None
    high: float | None = None
    above: bool = False
    below: bool = False
    choices: tuple[str, ...] = ()

    @property
    def limits(self) -> str:
        """The range in words ("1 to 256", "above 0, at most 1"), or nothing."""
        low, high = self.low, self.high
        if low is not None and high is not None and not (self.above or self.below):
            return say("form.between", low=_short(low), high=_short(high))
        parts = [_limit("above" if self.above else "at_least", low)] if low is not None else []
        parts += [_limit("below" if self.below else "at_most", high)] if high is not None else []
        return ", ".join(parts)

    @property
    def info(self) -> str:
        """The line under the input: what it does, and its range."""
        what = retold(self.description)
        return f"{what} ({self.limits})" if self.limits else what


def fields_of(options: type[BaseModel], names: Sequence[str] | None = None) -> list[Field]:
    """The fields of `options` in their order, or only those in `names`, in that order."""
    known = options.model_fields
    return [_field(name, known[name]) for name in (names if names is not None else known)]


def _field(name: str, raw: FieldInfo) -> Field:
    kind, choices = _kind(raw.annotation)
    found: dict[str, Any] = {}
    for mark in raw.metadata:
        if isinstance(mark, limits.Ge | limits.Gt):
            is_open = isinstance(mark, limits.Gt)
            found |= {"low": mark.gt if isinstance(mark, limits.Gt) else mark.ge, "above": is_open}
        elif isinstance(mark, limits.Le | limits.Lt):
            is_open = isinstance(mark, limits.Lt)
            found |= {"high": mark.lt if isinstance(mark, limits.Lt) else mark.le, "below": is_open}
    title = raw.title or TITLES.get(name) or name.replace("_", " ").capitalize()
    default = raw.get_default(call_default_factory=True)
    return Field(name, kind, title, raw.description or "", default, choices=choices, **found)


def _kind(annotation: Any) -> tuple[Kind, tuple[str, ...]]:
    """What kind of input an annotation asks for; an optional one is asked for as its type."""
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return _kind(next(a for a in inner if a is not type(None)))
    if origin is Literal:
        return "choice", tuple(str(a) for a in inner)
    if origin in (tuple, list, set, frozenset) or annotation in (tuple, list):
        return "list", ()
    simple: dict[Any, Kind] = {bool: "bool", int: "int", float: "float"}
    return simple.get(annotation, "text"), ()


AS_SENT: dict[str, Any] = {"show_progress": "hidden", "preprocess": False}
"""For an event that comes by itself: another event may have changed the choices of a field by the time that
its value arrives, and Gradio would show an error that nobody can do anything about. The handler checks."""
C = TypeVar("C", gr.Dropdown, gr.Radio)


def unchecked(choice: C) -> C:
    """A choice whose value comes as it is to a handler, which has to check it, until an event has changed its
    choices: then a session has a field of its own. Events that come by themselves take values `AS_SENT`."""
    choice.preprocess = lambda payload: payload  # type: ignore[method-assign]
    return choice


# --- to the page

def is_narrow(field: Field) -> bool:
    """Whether a whole number is chosen on a line, and not only typed."""
    return (field.kind == "int" and field.low is not None and field.high is not None
            and field.high - field.low <= SLIDER_SPAN)


def to_input(field: Field, value: Any) -> Any:
    """A model's value as its input shows it."""
    if field.kind == "list":
        return ", ".join(str(v) for v in value or ())
    return "" if value is None and field.kind == "text" else value


def shown_values(fields: Sequence[Field], values: Mapping[str, Any]) -> list[Any]:
    """What the inputs show for `values` (a preset); a field that it does not name gets its default."""
    return [to_input(field, values.get(field.name, field.default)) for field in fields]


# --- and back

def read(options: type[BaseModel], fields: Sequence[Field], values: Sequence[Any]) -> BaseModel:
    """The checked model that the inputs make; BadInput names the field, what was entered and its range."""
    raw = {field.name: from_input(field, value) for field, value in zip(fields, values, strict=True)}
    try:
        return options(**raw)
    except ValidationError as error:
        raise BadInput(_sentence(error, {field.name: field for field in fields})) from error


def from_input(field: Field, value: Any) -> Any:
    """What the model should be given for what an input holds; an emptied field is its default again."""
    if field.kind == "list":
        return tuple(part.strip() for part in str(value or "").split(",") if part.strip())
    if field.kind in ("int", "float") and value is None:
        return field.default
    if field.kind == "int" and isinstance(value, float) and value.is_integer():
        return int(value)
    return field.default if field.kind == "text" and value in ("", None) else value


def overrides(fields: Sequence[Field], values: Sequence[Any], preset: Mapping[str, Any]) -> dict[str, str]:
    """What differs from the preset (else from the defaults), as the commands' `--set` writes it."""
    changed: dict[str, str] = {}
    for field, value in zip(fields, values, strict=True):
        new = from_input(field, value)
        if new != preset.get(field.name, field.default):
            changed[field.name] = ",".join(new) if field.kind == "list" else str(new)
    return changed


def _sentence(error: ValidationError, fields: Mapping[str, Field]) -> str:
    first = error.errors()[0]
    field = fields.get(str(first["loc"][0])) if first["loc"] else None
    if field is None:
        return say("form.together", why=retold(first["msg"]))
    entered = f"“{first['input']}”" if isinstance(first["input"], str) else _short(first["input"])
    choices = say("form.one_of", choices=", ".join(field.choices)) if field.choices else ""
    wanted = field.limits or choices
    reason = say("form.must", wanted=wanted) if wanted else retold(first["msg"])
    return say("form.cannot", title=retold(field.title), entered=entered, reason=reason)


def _limit(key: str, value: float) -> str:
    return say(f"form.{key}", value=_short(value))


def _short(value: Any) -> str:
    """A number without a tail of zeros, thousands apart."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    made = f"{int(value):,}" if float(value).is_integer() else f"{value:g}"
    return figure(made, language())
