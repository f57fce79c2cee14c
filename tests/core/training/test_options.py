"""Options: defaults, preset, own values; every mistake is one sentence that names it."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import BadInput
from core.families import named
from core.training.options import resolve

CTC = named("ctc")


def test_own_values_go_over_the_preset_and_the_preset_over_the_defaults() -> None:
    assert resolve(CTC).model_dump() == CTC.options().model_dump()
    quick = resolve(CTC, "Quick")
    assert quick.steps == CTC.presets["Quick"]["steps"]
    mine = resolve(CTC, "Quick", {"steps": 7})
    assert mine.steps == 7 and mine.lr == quick.lr


@pytest.mark.parametrize("preset", list(CTC.presets))
def test_every_preset_is_valid(preset: str) -> None:
    assert resolve(CTC, preset).steps >= 100


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"stepz": 5}, "There is no option “stepz”"),
        ({"steps": 0}, "Option “steps” is 0, but should be greater than or equal to 1"),
        ({"lr": "fast"}, "Option “lr” is 'fast', but should be a valid number"),
        ({"schedule": "wild"}, "Option “schedule” is 'wild', but should be 'linear'"),
        ({"tempo": 0.9}, "Option “tempo” is 0.9"),
    ],
)
def test_a_mistake_is_named(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BadInput) as told:
        resolve(CTC, "", values)
    assert sentence in str(told.value)


def test_two_mistakes_are_two_sentences() -> None:
    with pytest.raises(BadInput) as told:
        resolve(CTC, "", {"steps": 0, "rank": 0})
    assert "“steps”" in str(told.value) and "“rank”" in str(told.value)


def test_an_unknown_preset_lists_those_there_are() -> None:
    with pytest.raises(BadInput, match="Quick, Careful"):
        resolve(CTC, "Quickly")


def test_options_cannot_be_changed_and_every_field_says_what_it_is() -> None:
    options = resolve(CTC)
    with pytest.raises(ValueError, match="frozen"):
        options.steps = 3
    assert all(field.description for field in CTC.options.model_fields.values())
