"""The figures of one clip that a spot-check sorts and limits by: of its sound, of its text, of both."""
from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from core.quality.clip import ClipQuality
from core.quality.risk import edge_error_rate

SHORTEST = 0.1
"""Seconds of speech that a rate takes at least."""
SOUND = ("seconds", "snr_db", "speech_dbfs", "rms_dbfs", "peak_dbfs", "clipped_ratio", "bandwidth_hz", "lead",
         "trail", "longest_silence", "silence_ratio", "dynamic_range_db", "centroid_hz", "rolloff_hz",
         "flatness", "dc_offset")
METRICS = ("seconds", "snr_db", "speech_dbfs", "loudness_lufs", "rms_dbfs", "peak_dbfs", "clipped_ratio",
           "bandwidth_hz", "lead", "trail", "longest_silence", "silence_ratio", "words_per_second",
           "characters_per_second", "edge_cer", "dynamic_range_db", "centroid_hz", "rolloff_hz", "flatness",
           "dc_offset")
_FIELDS = {field.name for field in dataclasses.fields(ClipQuality)}


@dataclass(frozen=True)
class Material:
    """What the figures of a clip are made of. `quality`: what was measured when it came in, in JSON; `heard`:
    what a recogniser wrote, its numbers as the text has them; `loudness_lufs`: None while nobody measured."""

    quality: str
    text: str | None = None
    heard: str | None = None
    loudness_lufs: float | None = None


def figure(clip: Material, name: str) -> float | None:
    """One of METRICS; None where it was not measured or cannot be."""
    if name == "loudness_lufs":
        return clip.loudness_lufs
    if name == "edge_cer":
        return None if clip.heard is None or not clip.text else _edges(clip.text, clip.heard)
    found = read_quality(clip.quality)
    if found is None:
        return None
    if name in SOUND:
        value = getattr(found, name)
        return None if value is None else float(value)
    return _rates(found, clip.text or "")[name]


def quality_of(clip: Material) -> ClipQuality | None:
    """The measured figures with the speaking rate of the words that are known now; None for none."""
    found = read_quality(clip.quality)
    return found and dataclasses.replace(
        found, words_per_second=_rates(found, clip.text or "")["words_per_second"] or found.words_per_second)


@lru_cache(maxsize=65536)
def read_quality(written: str) -> ClipQuality | None:
    """The figures of a clip as its column holds them; fields that an older version wrote are left out."""
    known = json.loads(written)
    return ClipQuality(**{name: value for name, value in known.items() if name in _FIELDS}) if known else None


def _rates(quality: ClipQuality, text: str) -> Mapping[str, float | None]:
    """Words and letters a second, from the first to the last sound."""
    if not text.strip() or not quality.seconds:
        return {"words_per_second": None, "characters_per_second": None}
    spoken = max(quality.seconds - quality.lead - quality.trail, SHORTEST)
    words = text.split()
    return {"words_per_second": len(words) / spoken,
            "characters_per_second": sum(map(len, words)) / spoken}


@lru_cache(maxsize=65536)
def _edges(text: str, heard: str) -> float | None:
    return edge_error_rate(text, heard)
