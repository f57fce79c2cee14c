"""Samples of a model that learns to speak: sounds in the run folder, measured and heard by the starter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.audio.silence import silence
from core.audio.write import wav_bytes
from core.config import STARTER
from core.errors import StudioError
from core.families.base import Clip, Example, Recogniser
from core.families.base.speaking import LearnsToSpeak, Spoken
from core.files import write_atomic
from core.types import Row

if TYPE_CHECKING:
    from core.training.session import Session

HEARS = "en"
"""The language of the starter; of others no error rate is told, because it would be the starter's own."""
FOLDER = "samples"


def show(session: Session, family: LearnsToSpeak, examples: Sequence[Example], rows: Sequence[Row]) -> None:
    """What the model says for `examples` (their `rows`) as WAV files below `samples/step-N/`, and a `sample`
    event for each. Called where nothing that is drawn is missed later."""
    spoken = family.say(session.model, examples, session.plan.prepared)
    if not session.ranks.lead:
        return
    step = session.progress.step
    for example, row, said in zip(examples, rows, spoken, strict=True):
        name = f"{FOLDER}/step-{step:06d}/{file_name(example.id)}.wav"
        session.report.room.keep_trying(lambda name=name, said=said: keep(session.run.path / name, said))  # type: ignore[misc]
        session.report.event("sample", step, id=example.id, reference=example.text, audio=name,
                             **figures(session.run.path / name, said, row))


def file_name(clip: str) -> str:
    """A clip's id as a file may be called."""
    return re.sub(r"[^\w.-]", "_", clip)


def sound_in(folder: Path, clip: str) -> Path:
    """Where the sound that belongs to a clip lies in `folder`."""
    return folder / f"{file_name(clip)}.wav"


def verdict_sound(run: Path, clip: str, role: str) -> Path:
    """Where a run keeps what `role` (base or tuned) said of a held-out clip."""
    return run / FOLDER / "verdict" / f"{file_name(clip)}-{role}.wav"


def keep(path: Path, said: Spoken) -> None:
    """Write a sound, whole or not at all. Raises Unavailable when the disk is full."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, wav_bytes(said.samples, said.sample_rate))


def figures(path: Path, said: Spoken, row: Row) -> dict[str, Any]:
    """What is told of a sound that lies in `path` and says `row`: its length in seconds and against the real
    take, its silent share, how many codes differ, whether it ended by itself, and what is heard in it."""
    from core.evaluation.rates import cer

    seconds = len(said.samples) / said.sample_rate
    text = heard(path, row.language) if len(said.samples) else ""
    return {
        "prediction": text or "",
        "seconds": round(seconds, 3),
        "duration_ratio": round(seconds / max(row.seconds, 1e-6), 4),
        "silence": round(silence(said.samples, said.sample_rate).ratio, 4) if len(said.samples) else 1.0,
        "diversity": round(diversity(said), 4),
        "stopped": said.stopped,
        "cer": round(cer([row.text], [text or ""]).rate, 4) if text is not None else None,
    }


def diversity(said: Spoken) -> float:
    """Distinct codes by frames, the mean of the codebooks: silence and loops have few."""
    if not len(said.codes):
        return 0.0
    return float(np.mean([len(np.unique(book)) / len(book) for book in said.codes.T]))


def heard(path: Path, language: str) -> str | None:
    """What the starter hears in a sound; None in a language that it does not know, or where it is missing."""
    ears = _ears() if language == HEARS else None
    if ears is None:
        return None
    try:
        return ears.transcribe(Clip(path.stem, path)).text
    except StudioError:  # too short to hold a word
        return ""


@lru_cache(maxsize=1)
def _ears() -> Recogniser | None:
    """The starter on the processor, opened once: it is small, and the graphics card has other work."""
    from core.families import named

    try:
        recogniser: Recogniser = named("ctc").recogniser(str(STARTER), "cpu")
    except StudioError:
        return None
    return recogniser
