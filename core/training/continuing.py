"""Samples of a model that goes on with what it hears: sounds in the run folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.audio.write import wav_bytes
from core.families.base import Example
from core.families.base.speaking import GoesOn, Spoken
from core.files import write_atomic

if TYPE_CHECKING:
    from core.training.session import Session

FOLDER = "samples"


def sounds(session: Session, examples: Sequence[Example]) -> list[str]:
    """For each of `examples` the place in the run folder of the WAV file that goes on with it, which is
    written there; [] for a family that does not go on."""
    family, plan = session.family, session.plan
    if not isinstance(family, GoesOn):
        return []
    said = family.go_on(session.model, examples, plan.prepared, plan.base)
    names = [f"{FOLDER}/step-{session.progress.step:06d}/{_file_name(each.id)}.wav" for each in examples]
    if session.ranks.lead:
        for name, spoken in zip(names, said, strict=True):
            session.report.room.keep_trying(
                lambda name=name, spoken=spoken: _keep(session.run.path / name, spoken))  # type: ignore[misc]
    return names


def _file_name(clip: str) -> str:
    """A clip's id as a file may be called."""
    return re.sub(r"[^\w.-]", "_", clip)


def _keep(path: Path, spoken: Spoken) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, wav_bytes(spoken.samples, spoken.sample_rate))
