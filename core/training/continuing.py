"""Samples of a model that goes on with what it hears: sounds in the run folder, with what was measured of
them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.audio.silence import silence
from core.families.base import Example
from core.families.base.speaking import GoesOn, Spoken
from core.training.speaking import FOLDER, diversity, file_name, keep

if TYPE_CHECKING:
    from core.training.session import Session


def sounds(session: Session, examples: Sequence[Example]) -> list[dict[str, Any]]:
    """What a `sample` event says of the sound that goes on with each of `examples`: `audio`, its place in the
    run folder, where it is written, its length, its silent share, and how many codes differ. {} each for a
    family that does not go on."""
    family, plan = session.family, session.plan
    if not isinstance(family, GoesOn):
        return [{} for _ in examples]
    said = family.go_on(session.model, examples, plan.prepared, plan.base)
    names = [f"{FOLDER}/step-{session.progress.step:06d}/{file_name(each.id)}.wav" for each in examples]
    if session.ranks.lead:
        for name, spoken in zip(names, said, strict=True):
            session.report.room.keep_trying(
                lambda name=name, spoken=spoken: keep(session.run.path / name, spoken))  # type: ignore[misc]
    return [{"audio": name, **measured(spoken)} for name, spoken in zip(names, said, strict=True)]


def measured(spoken: Spoken) -> dict[str, float]:
    """Its length in seconds, its silent share, and how many codes differ."""
    return {
        "seconds": round(len(spoken.samples) / spoken.sample_rate, 3),
        "silence": round(silence(spoken.samples, spoken.sample_rate).ratio, 4),
        "diversity": round(diversity(spoken), 4),
    }
