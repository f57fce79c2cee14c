"""What a command gives back: it prints nothing itself, so that a test or another program can call it too."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Tell = Callable[[str], None]
"""Hears lines of progress; a command whose first parameter is `tell: Tell` is given one."""


@dataclass(frozen=True)
class Told:
    """`value` for a program (JSON), `text` for a person (None: the value is shown to them too), and the exit
    code: 0 when done, 1 when something is left that a person has to look at."""

    value: Any
    text: str | None = None
    code: int = 0
