"""A form is its model: fields become inputs, inputs become the model again, and a wrong one is named."""
from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel, Field

from core.errors import BadInput
from core.families.ctc.options import PRESETS, CtcOptions
from core.steps import dataset
from ui import form


class Bag(BaseModel):
    """One field of each kind."""

    times: int = Field(3, ge=1, le=8, description="How often.")
    steps: int = Field(100, ge=1, le=1_000_000, description="How many.")
    lr: float = Field(0.002, gt=0, le=1.0, description="How far.")
    share: float = Field(0.5, ge=0, lt=1)
    loose: float = 2.0
    mood: Literal["calm", "wild"] = "calm"
    is_on: bool = True
    names: tuple[str, ...] = Field((), title="Held out")
    note: str = ""
    limit: int | None = None


FIELDS = {field.name: field for field in form.fields_of(Bag)}


def values_of(**changed: object) -> list[object]:
    """What the inputs hold when only `changed` was touched."""
    shown = dict(zip(FIELDS, form.shown_values(list(FIELDS.values()), {}), strict=True))
    return list({**shown, **changed}.values())


@pytest.mark.parametrize(("name", "limits"), [
    ("times", "1 to 8"), ("steps", "1 to 1,000,000"), ("lr", "above 0, at most 1"),
    ("share", "at least 0, below 1"), ("loose", ""), ("mood", "")])
def test_range_is_told_in_words(name: str, limits: str) -> None:
    assert FIELDS[name].limits == limits
    assert limits in FIELDS[name].info


@pytest.mark.parametrize(("name", "kind", "title"), [
    ("times", "int", "Times"), ("lr", "float", "Learning rate"), ("mood", "choice", "Mood"),
    ("is_on", "bool", "Is on"), ("names", "list", "Held out"), ("note", "text", "Note"),
    ("limit", "int", "Limit")])
def test_kind_and_title_come_from_the_annotation(name: str, kind: str, title: str) -> None:
    assert (FIELDS[name].kind, FIELDS[name].title) == (kind, title)


def test_untouched_form_reads_back_as_the_defaults() -> None:
    assert form.read(Bag, list(FIELDS.values()), values_of()) == Bag()


def test_touched_form_reads_back_as_what_was_entered() -> None:
    entered = values_of(times=5.0, lr=0.5, mood="wild", is_on=False, names=" x , y*,, ", note="hi", limit=4)
    made = form.read(Bag, list(FIELDS.values()), entered)
    assert made == Bag(times=5, lr=0.5, mood="wild", is_on=False, names=("x", "y*"), note="hi", limit=4)


def test_emptied_number_is_its_default_again() -> None:
    made = form.read(Bag, list(FIELDS.values()), values_of(steps=None, loose=None))
    assert made == Bag()


@pytest.mark.parametrize(("name", "value", "sentence"), [
    ("times", 9, "“Times” cannot be 9: it must be 1 to 8."),
    ("steps", 2_000_000, "“Steps” cannot be 2,000,000: it must be 1 to 1,000,000."),
    ("lr", 0, "“Learning rate” cannot be 0: it must be above 0, at most 1."),
    ("share", 1.0, "“Share” cannot be 1: it must be at least 0, below 1."),
    ("mood", "sad", "“Mood” cannot be “sad”: it must be one of calm, wild."),
    ("times", 2.5, "“Times” cannot be 2.5: it must be 1 to 8.")])
def test_wrong_value_is_told_with_field_value_and_range(name: str, value: object, sentence: str) -> None:
    with pytest.raises(BadInput) as told:
        form.read(Bag, list(FIELDS.values()), values_of(**{name: value}))
    assert str(told.value) == sentence


def test_both_ends_of_a_range_are_allowed() -> None:
    for times in (1, 8):
        made = form.read(Bag, list(FIELDS.values()), values_of(times=times))
        assert isinstance(made, Bag) and made.times == times


def test_overrides_hold_only_what_differs_from_the_preset() -> None:
    fields = list(FIELDS.values())
    preset = {"times": 5, "lr": 0.1}
    shown = form.shown_values(fields, preset)
    assert form.overrides(fields, shown, preset) == {}
    changed = dict(zip(FIELDS, shown, strict=True)) | {"times": 6, "names": "a, b", "is_on": False}
    expected = {"times": "6", "names": "a,b", "is_on": "False"}
    assert form.overrides(fields, list(changed.values()), preset) == expected


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_of_the_shipped_family_survive_the_form(preset: str) -> None:
    fields = form.fields_of(CtcOptions)
    shown = form.shown_values(fields, PRESETS[preset])
    assert form.read(CtcOptions, fields, shown) == CtcOptions(**PRESETS[preset])
    assert form.overrides(fields, shown, PRESETS[preset]) == {}


def test_overrides_are_what_the_step_takes_as_options() -> None:
    fields = form.fields_of(CtcOptions)
    shown = dict(zip((f.name for f in fields), form.shown_values(fields, PRESETS["Quick"]), strict=True))
    shown |= {"rank": 4, "train_head": False, "lr": 0.005}
    changed = form.overrides(fields, list(shown.values()), PRESETS["Quick"])
    made = CtcOptions(**{**PRESETS["Quick"], **changed})  # type: ignore[arg-type]
    assert (made.rank, made.train_head, made.lr) == (4, False, 0.005)


def test_every_option_that_ships_is_described() -> None:
    for options in (CtcOptions, dataset.Options):
        assert [f.name for f in form.fields_of(options) if not f.description] == []
