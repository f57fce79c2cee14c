"""The nouns that every room shares. Seconds are floats; counts of samples are ints and say so."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Split = Literal["train", "val", "test"]
Level = Literal["ok", "warn", "refuse"]


@dataclass(frozen=True)
class Word:
    """One spoken word: `start` and `end` in seconds from the start of the clip, `score` 0..1 or None."""

    text: str
    start: float
    end: float
    score: float | None = None


@dataclass(frozen=True)
class Row:
    """One line of a dataset manifest. `audio` is relative to the manifest; `start`/`end` in seconds within
    it. A file that lies elsewhere, in a corpus, has a `stamp` (core/stamps.py) in place of a `sha256`."""

    id: str
    audio: str
    start: float
    end: float
    sample_rate: int
    text: str
    split: Split
    words: tuple[Word, ...] = ()
    speaker: str = ""
    prompt_id: str = ""
    language: str = "en"
    sha256: str = ""
    stamp: str = ""

    @property
    def seconds(self) -> float:
        """Length of the clip in seconds."""
        return self.end - self.start


@dataclass(frozen=True)
class Prediction:
    """What a model made of one clip."""

    id: str
    text: str
    words: tuple[Word, ...] = ()
    score: float | None = None


@dataclass(frozen=True)
class Finding:
    """One thing noticed about a clip or a set: `code` is stable, `sentence` is for a person."""

    code: str
    level: Level
    sentence: str
    value: float | None = None
    ids: tuple[str, ...] = ()
