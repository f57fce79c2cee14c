"""A family that speaks in tones, a tone a letter: for what happens around a voice, without a model."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from core.families import FAMILIES
from core.families.base.speaking import Reference, SpeakOptions, Spoken
from core.files import write_json

RATE, FRAMES = 24000, 25.0
SECONDS_A_LETTER = 0.08


@dataclass
class TonesVoice:
    """Each letter is a tone of 0.08 s; a text with `!` never ends. The seed moves the pitch."""

    model: str
    said: list[tuple[str, str, str | None]]
    frame_rate: float = FRAMES

    def speak(self, text: str, reference: Reference | None, options: SpeakOptions, most_seconds: float,
              tell: Callable[[float], None] | None = None) -> Spoken:
        """The letters one after the other, up to the limit."""
        self.said.append((self.model, text, reference.text if reference else None))
        letters = [ord(char) for char in text if char.isalnum()]
        wanted = SECONDS_A_LETTER * len(letters)
        seconds = most_seconds if "!" in text else min(wanted, most_seconds)
        n_frames = round(seconds * FRAMES)
        for frame in range(n_frames):
            if tell:
                tell(frame / FRAMES)
        at = np.arange(round(n_frames / FRAMES * RATE)) / RATE
        which = (at / SECONDS_A_LETTER).astype(int) % max(1, len(letters))
        pitch = 100 + 5 * np.array(letters or [0])[which] + options.seed
        codes = np.repeat(np.array(letters or [0])[np.arange(n_frames) % max(1, len(letters))][:, None], 8, 1)
        return Spoken((0.3 * np.sin(2 * np.pi * pitch * at)).astype(np.float32), RATE, codes, 1024,
                      seconds < most_seconds)


@dataclass
class Tones:
    """The family; `said` are (model, text, text of the reference) in the order in which they were said."""

    name: str = "tones"
    title: str = "Tones"
    said: list[tuple[str, str, str | None]] = field(default_factory=list)

    def claims(self, folder: Path) -> bool:
        """Folders that `make` wrote."""
        return (folder / "tones.json").exists()

    def voice(self, model: str, device: str = "auto", precision: str = "auto") -> TonesVoice:
        """Nothing is loaded."""
        return TonesVoice(Path(model).name, self.said)


def make(folder: Path) -> Path:
    """A model folder of this family."""
    for name in ("config.json", "tones.json"):
        write_json(folder / name, {"model_type": "tones"})
    return folder


@pytest.fixture
def tones(monkeypatch: pytest.MonkeyPatch) -> Tones:
    """The family among those of the app."""
    family = Tones()
    monkeypatch.setitem(FAMILIES, family.name, family)
    return family
