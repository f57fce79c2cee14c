"""Options from a preset and a person's own values, with a sentence for each mistake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from core.errors import BadInput
from core.families.base import Trains
from core.families.base.options import LoopOptions


def resolve(family: Trains, preset: str = "", values: Mapping[str, Any] | None = None) -> LoopOptions:
    """The family's options: its defaults, then the preset, then `values`. Raises BadInput
    naming what does not fit."""
    if preset and preset not in family.presets:
        raise BadInput(
            f"There is no preset “{preset}” for {family.title}; choose one of: {', '.join(family.presets)}."
        )
    given = {**family.presets.get(preset, {}), **(values or {})}
    try:
        return family.options(**given)
    except ValidationError as error:
        raise BadInput(" ".join(_sentence(family, dict(problem)) for problem in error.errors())) from error


def _sentence(family: Trains, problem: dict[str, Any]) -> str:
    name = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return (
            f"There is no option “{name}” for {family.title}; the options are:"
            f" {', '.join(family.options.model_fields)}."
        )
    said = str(problem["msg"]).removeprefix("Input should be ").removeprefix("Value error, ")
    return f"Option “{name}” is {problem['input']!r}, but should be {said}."
