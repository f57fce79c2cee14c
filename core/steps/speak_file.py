"""Speak without a project: a text in the voice of a sound, into a WAV file."""
from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.audio.header import info
from core.config import STARTER
from core.errors import BadInput, NotFound, Refused
from core.families.base import Clip, Recogniser
from core.families.base.speaking import SpeakOptions
from core.library import Library
from core.quality.pace_of_speech import pace_of
from core.runs.recognisers import open_recogniser
from core.runs.saying import Manner, join, open_voice, reference_of, say
from core.steps.speak import plan, speaking_model
from core.steps.speak_like import of_file

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Spoken:
    """What was written: the file, its seconds, what was taken for the text of the reference, and a row of
    figures a sentence."""

    out: Path
    seconds: float
    reference_text: str
    sentences: tuple[dict[str, Any], ...]

    @property
    def n_endless(self) -> int:
        """Sentences that did not stop by themselves."""
        return sum(not row["stopped"] for row in self.sentences)


def speak(lib: Library, model: str, text: str, sound: Path, said: str, out: Path, options: SpeakOptions,
          language: str = "en", device: str = "auto", tell: Tell | None = None) -> Spoken:
    """Say `text` like `sound`, in which `said` is spoken (else what the .txt beside it says, else what the
    starter hears in it), into `out`. Raises StudioError for what cannot be spoken, or is there already."""
    if out.exists():
        raise Refused(f"{out} is there already, and sounds are never overwritten: name another file.")
    choice = speaking_model(lib, model)
    listener = _starter(language)
    said = _said(sound, said, listener)
    reference = of_file(sound, said)
    pieces = plan(text, language, pace_of([(said, info(sound).seconds)]))
    voice = open_voice(choice.family, choice.path, device)
    manner, rows = Manner(reference_of(reference), options), []
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".speaking-") as folder:
        for number, piece in enumerate(pieces):
            if tell:
                tell(f"{number + 1} of {len(pieces)}: {piece.text}")
            rows.append(say(voice, piece, manner, Path(folder) / f"{number:03}.wav", listener))
        made = sorted(Path(folder).glob("*.wav"))
        if not made:
            raise BadInput(f"{choice.title} said nothing at all: try another seed, or another reference.")
        return Spoken(out, join(made, out), said, tuple(rows))


def _starter(language: str) -> Recogniser | None:
    """What hears English here; of other languages nothing is heard."""
    return open_recogniser({"family": "ctc", "model": str(STARTER)}) if language == "en" else None


def _said(sound: Path, given: str, listener: Recogniser | None) -> str:
    if not sound.is_file():
        raise NotFound(f"There is no file {sound}: check the path.")
    beside = sound.with_suffix(".txt")
    if given.strip() or not (beside.is_file() or listener):
        return given
    if beside.is_file():
        return beside.read_text(encoding="utf-8").strip()
    return listener.transcribe(Clip(sound.stem, sound)).text if listener else ""
