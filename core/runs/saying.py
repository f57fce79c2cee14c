"""One piece of a text said by a loaded voice, heard by a recogniser, and written beside its figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.audio.read import read, resample
from core.audio.write import write_pcm
from core.errors import NotFound
from core.evaluation.rates import cer
from core.families.base import Clip, Recogniser
from core.families.base.speaking import Reference, SpeakOptions, Speaks, Voice
from core.quality.made_speech import measure

PAUSE = 0.3
"""Seconds of silence between two pieces that are joined."""


@dataclass(frozen=True)
class Piece:
    """What is said in one go: its text, the seconds that its speaker would take, and the most that it may."""

    text: str
    expected: float
    most: float


@dataclass(frozen=True)
class Manner:
    """How everything in one go of a run is said: in the voice of `reference` where there is one."""

    reference: Reference | None
    options: SpeakOptions


def open_voice(family: str, model: str, device: str = "auto", precision: str = "auto") -> Voice:
    """Load a model to speak. Raises NotFound for a family that does not, Unavailable with the file to put
    where."""
    from core.families import named, that

    found = named(family)
    if not isinstance(found, Speaks):
        able = ", ".join(sorted(that(Speaks))) or "none here"
        raise NotFound(f"The model family “{found.name}” does not speak; these do: {able}.")
    return found.voice(model, device, precision)


def reference_of(given: dict[str, Any] | None) -> Reference | None:
    """The reference of an order: {id, audio, start, end, text}."""
    if not given:
        return None
    clip = Clip(given["id"], Path(given["audio"]), given.get("start") or 0.0, given.get("end"))
    return Reference(clip, given["text"])


def say(voice: Voice, piece: Piece, manner: Manner, out: Path, listener: Recogniser | None = None,
        tell: Callable[[float], None] | None = None) -> dict[str, Any]:
    """Say a piece and write it to `out` (16-bit WAV); returns its figures, and with a `listener` also what
    was heard and its CER. Where nothing was said there is no file, and `seconds` is 0."""
    spoken = voice.speak(piece.text, manner.reference, manner.options, piece.most, tell)
    made = measure(spoken.samples, spoken.sample_rate, spoken.codes, spoken.codebook_size, voice.frame_rate,
                   spoken.stopped, piece.expected)
    row: dict[str, Any] = {"text": piece.text, **made.row()}
    if len(spoken.samples):
        write_pcm(out, spoken.samples, spoken.sample_rate)
    return {**row, **_heard(listener, piece.text, out if len(spoken.samples) else None)}


def _heard(listener: Recogniser | None, text: str, path: Path | None) -> dict[str, Any]:
    if listener is None:
        return {}
    heard = listener.transcribe(Clip(path.stem, path)).text if path else ""
    return {"heard": heard, "cer": round(cer([text], [heard]).rate, 4)}


def join(paths: Sequence[Path], out: Path) -> float:
    """Write the sounds one after the other with short pauses, at the rate of the first; returns seconds."""
    sounds = [read(path) for path in paths]
    rate = sounds[0].rate
    pause = np.zeros(round(PAUSE * rate), np.float32)
    parts = [part for sound in sounds for part in (pause, resample(sound.samples, sound.rate, rate))][1:]
    joined = np.concatenate(parts)
    write_pcm(out, joined, rate)
    return len(joined) / rate
