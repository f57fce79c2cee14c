"""Checks of what spoils a model in silence, one a row of the table of silent failures.

Each is a plain function of labels, rows, or a family with its loaded model, and gives a `Check`: families,
the preflight and tests call the same ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from core.types import Finding, Level

Outcome = Literal["passed", "warned", "refused"]
IGNORE = -100
"""The label of a place that is not supervised, as transformers writes it."""
_OUTCOMES: dict[Level, Outcome] = {"ok": "passed", "warn": "warned", "refuse": "refused"}


@dataclass(frozen=True)
class Check:
    """What one named check found: its outcome, why in one sentence, its figures, the clips it is about."""

    name: str
    outcome: Outcome
    sentence: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    ids: tuple[str, ...] = ()


def passed(name: str, sentence: str, **figures: Any) -> Check:
    """A check that found nothing wrong."""
    return Check(name, "passed", sentence, figures)


def warned(name: str, sentence: str, ids: Sequence[str] = (), **figures: Any) -> Check:
    """A check that found what a person should know before the start."""
    return Check(name, "warned", sentence, figures, tuple(ids))


def refused(name: str, sentence: str, ids: Sequence[str] = (), **figures: Any) -> Check:
    """A check that found what would spoil the run."""
    return Check(name, "refused", sentence, figures, tuple(ids))


def of_finding(finding: Finding, name: str = "") -> Check:
    """A finding as a check, under the name of its code unless another is given."""
    figures: dict[str, Any] = {} if finding.value is None else {"n": finding.value}
    return Check(name or finding.code, _OUTCOMES[finding.level], finding.sentence, figures, finding.ids)


def worst(checks: Sequence[Check]) -> Outcome:
    """The worst outcome of them; passed where there are none."""
    ranked: tuple[Outcome, ...] = ("refused", "warned")
    return next((o for o in ranked if any(check.outcome == o for check in checks)), "passed")


def some(ids: Sequence[str]) -> str:
    """The first five of them, and how many more there are."""
    return ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
