"""What a generator of prompts can be asked for: one model for all, and which fields each of them heeds."""
from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from core.errors import BadInput
from core.text import names
from core.text.numerals import has_number
from core.text.script_file import MOST_CHARS
from core.text.spoken import digit_strings

MARK = "{}"
HEEDED: dict[str, tuple[str, ...]] = {
    "orders": ("digits",),
    "locations": ("digits",),
    "phones": ("digits",),
    "codes": ("digits", "letters", "spelling"),
    "dates": (),
    "amounts": ("digits", "currency"),
}
"""The options that each generator heeds beside n, language and carriers: what a form shows."""


class Options(BaseModel):
    """What a generator is asked for; the form and `--set` come from these fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    n: int = Field(default=20, ge=1, le=2000, description="Prompts wanted.")
    language: str = Field(
        default="en", min_length=1, max_length=35, description="Language of the prompts, as a code."
    )
    carriers: tuple[str, ...] = Field(
        default=(),
        max_length=50,
        description="Phrases around the number, each with {} in its place; empty: the usual ones in English, "
        "the number alone elsewhere.",
    )
    digits: int = Field(
        default=0,
        ge=0,
        le=15,
        description="Digits in each code, or before the point of an amount; 0: as many as is usual.",
    )
    letters: int = Field(default=2, ge=1, le=6, description="Letters before the digits.")
    spelling: Literal["letters", "radio"] = Field(
        default="letters", description="Letters by their own names, or as alpha, bravo, charlie."
    )
    currency: Literal["USD", "EUR", "GBP"] = Field(default="USD", description="Dollars, euros or pounds.")

    @field_validator("carriers", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """A form and `--set` hand in one line with commas."""
        return value if not isinstance(value, str) else [part.strip() for part in value.split(",") if part]

    @field_validator("carriers")
    @classmethod
    def _sound(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for carrier in value:
            if carrier.count(MARK) != 1 or has_number(carrier) or digit_strings(carrier):
                raise ValueError(f"“{carrier}” must hold {MARK} once and no other number")
            if len(carrier) > MOST_CHARS // 2:
                raise ValueError(f"“{carrier[:40]}…” has more than {MOST_CHARS // 2} characters")
        return value

    @property
    def english(self) -> bool:
        """Whether the usual carriers can be used; BadInput for a language without number names."""
        return names.must_know(self.language).startswith("en")


def options_for(name: str, **values: Any) -> Options:
    """The options of the generator `name`; BadInput names what is unknown, does not fit or is not heeded."""
    if name not in HEEDED:
        raise BadInput(f"There is no generator “{name}”; choose one of: {', '.join(HEEDED)}.")
    known = ("n", "language", "carriers", *HEEDED[name])
    if strange := [key for key in values if key not in known]:
        raise BadInput(f"“{name}” has no option “{strange[0]}”; its options are: {', '.join(known)}.")
    try:
        return Options(**values)
    except ValidationError as error:
        first = error.errors()[0]
        said = str(first["msg"]).removeprefix("Value error, ")
        raise BadInput(f"The option “{first['loc'][0]}” cannot be “{first['input']}”: {said}.") from error
