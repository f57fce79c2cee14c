"""Samples of a model that goes on with what it hears: sounds in the run folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.families.base import Example
from core.families.base.speaking import GoesOn
from core.training.speaking import FOLDER, file_name, keep

if TYPE_CHECKING:
    from core.training.session import Session


def sounds(session: Session, examples: Sequence[Example]) -> list[str]:
    """For each of `examples` the place in the run folder of the WAV file that goes on with it, which is
    written there; [] for a family that does not go on."""
    family, plan = session.family, session.plan
    if not isinstance(family, GoesOn):
        return []
    said = family.go_on(session.model, examples, plan.prepared, plan.base)
    names = [f"{FOLDER}/step-{session.progress.step:06d}/{file_name(each.id)}.wav" for each in examples]
    if session.ranks.lead:
        for name, spoken in zip(names, said, strict=True):
            session.report.room.keep_trying(
                lambda name=name, spoken=spoken: keep(session.run.path / name, spoken))  # type: ignore[misc]
    return names
