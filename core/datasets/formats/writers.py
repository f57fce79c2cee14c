"""What can be written, and how much each format carries: every export read again is equal as far as that."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from core.datasets.formats import (
    audacity,
    audiofolder,
    chatml,
    common_voice,
    kaldi,
    lhotse,
    ljspeech,
    moshi,
    nemo,
    subtitles,
    textgrid,
)
from core.datasets.formats.base import Found


@dataclass(frozen=True)
class Writer:
    """`write(folder, found)` writes tables or sidecars for sounds that lie in `folder / sounds` already.

    What the format carries beside text: the `speaker`, the `language`, `words` with times, their `scores`,
    `parts` of a longer sound. `needs_words`: worth nothing without them. `never`: signs that no text may
    hold.
    """

    write: Callable[[Path, Iterable[Found]], None]
    sounds: str
    speaker: bool = False
    language: bool = False
    words: bool = False
    scores: bool = False
    parts: bool = False
    needs_words: bool = False
    never: str = ""


WRITERS: dict[str, Writer] = {
    "audiofolder": Writer(audiofolder.write, "data", speaker=True, language=True, words=True, scores=True),
    "nemo": Writer(nemo.write, "audio", speaker=True, language=True, parts=True),
    "moshi": Writer(moshi.write, "data", speaker=True, language=True, words=True, needs_words=True),
    "ljspeech": Writer(ljspeech.write, "wavs", never="|"),
    "textgrid": Writer(textgrid.write, ".", speaker=True, words=True, parts=True),
    "audacity": Writer(audacity.write, ".", parts=True),
    "srt": Writer(subtitles.write_srt, ".", parts=True),
    "vtt": Writer(subtitles.write_vtt, ".", speaker=True, parts=True),
    "kaldi": Writer(kaldi.write, "audio", speaker=True, language=True, parts=True),
    "lhotse": Writer(lhotse.write, "audio", speaker=True, language=True, words=True, scores=True, parts=True),
    "common_voice": Writer(common_voice.write, "clips", speaker=True, language=True),
    "chatml": Writer(chatml.write, "audio", speaker=True, language=True, words=True, scores=True, parts=True),
}
LABELS = ("textgrid", "audacity", "srt", "vtt")
"""Written beside whole sounds; the others name sounds that are cut to their clips."""
