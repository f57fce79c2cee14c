"""Sets from elsewhere and for elsewhere, one file a format: each claims what it knows and says what it found;
writers.py tells what can be written."""
from __future__ import annotations

from core.datasets.formats import (
    audacity,
    audiofolder,
    chatml,
    common_voice,
    kaldi,
    lhotse,
    librispeech,
    ljspeech,
    moshi,
    nemo,
    plain_text,
    sidecar_json,
    subtitles,
    textgrid,
)
from core.datasets.formats.base import Format, Found

__all__ = ["FORMATS", "TABLES", "TITLES", "Format", "Found"]

# In the order in which they are asked; each knows its tables by what stands in them.
TABLES: dict[str, Format] = {
    "audiofolder": audiofolder,
    "ljspeech": ljspeech,
    "common_voice": common_voice,
    "librispeech": librispeech,
    "nemo": nemo,
    "moshi": moshi,
    "kaldi": kaldi,
    "lhotse": lhotse,
    "chatml": chatml,
}
FORMATS: dict[str, Format] = {
    **TABLES, "json": sidecar_json, "textgrid": textgrid, "subtitles": subtitles, "audacity": audacity,
    "text": plain_text,
}
"""All formats: the tables, which speak for a whole folder, and the texts beside one sound."""
TITLES = {
    "audiofolder": "Hugging Face audiofolder", "ljspeech": "LJSpeech", "common_voice": "Common Voice",
    "librispeech": "LibriSpeech", "nemo": "NeMo manifest", "moshi": "moshi-finetune",
    "kaldi": "Kaldi data folder", "lhotse": "Lhotse manifests", "textgrid": "Praat TextGrid",
    "audacity": "Audacity labels", "chatml": "ChatML", "srt": "SubRip (.srt)", "vtt": "WebVTT (.vtt)",
}
"""What the formats are called, by the names that commands take."""
