"""What this machine can do for a run: its memory, and the device that is really used. Row 19 of the table."""

from __future__ import annotations

import os
from typing import Any

from core.errors import StudioError
from core.families.base import Estimate
from core.modelling import devices
from core.modelling.devices import Machine
from core.training.checks import Check, passed, refused, warned

TIGHT = 0.8
"""Share of the memory past which other programs have to make room."""


def memory_gb() -> float:
    """All memory of this machine."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9


def memory(expected: Estimate, there_is: float) -> Check:
    """Whether what a run is expected to take is here."""
    figures: dict[str, Any] = {"needs_gb": expected.memory_gb, "has_gb": there_is}
    if expected.memory_gb > TIGHT * there_is:
        return warned("memory", f"A run takes about {expected.memory_gb:.1f} GB of memory and this machine"
                      f" has {there_is:.1f} GB: choose fewer clips at once, or a smaller model.", **figures)
    return passed("memory", f"A run takes about {expected.memory_gb:.1f} GB of memory and this machine has"
                  f" {there_is:.1f} GB.", **figures)


def device(asked: str, precision: str, machine: Machine | None = None) -> Check:
    """On what a run would really compute, said where it is not what was asked for. Loads torch unless
    `machine` is given."""
    try:
        choice = devices.choose(asked, precision, machine, training=True)
    except StudioError as error:
        return refused("device", str(error), device=asked, precision=precision)
    is_other = precision not in ("auto", choice.precision)
    return (warned if is_other else passed)("device", choice.sentence, device=choice.device,
                                           precision=choice.precision)
