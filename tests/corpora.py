"""Small made corpora, and FLAC files that are nothing but a header, for tests of large folders."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile


def bare_flac(path: Path, seconds: float, rate: int = 16_000) -> Path:
    """The mark and STREAMINFO of a FLAC file (42 bytes), whose blocks have different lengths."""
    packed = rate << 44 | 0 << 41 | 15 << 36 | round(seconds * rate)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"fLaC" + struct.pack(">IHH3s3sQ16s", 0x80000022, 16, 4096, b"", b"", packed, b""))
    return path


def libri_light(folder: Path) -> None:
    """Two speakers, three books; beside each sound what the corpus tells of it."""
    books = (("100", "emma_64kb", 600.0), ("100", "sea_fairies", 30.0), ("23", "x", 1.5))
    for speaker, book, seconds in books:
        sound = bare_flac(folder / "small" / speaker / book / f"{book}_01.flac", seconds)
        told = {"speaker": speaker, "snr": 9.5, "voice_activity": [[0.2, 1.1]], "book_meta": {}}
        sound.with_suffix(".json").write_text(json.dumps(told))



def sound(path: Path, seconds: float, rate: int = 16_000, channels: int = 1, pitch: float = 300.0) -> Path:
    """A tone that rises from `pitch` all the way, so that no part of a file sounds as another does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    time_s = np.arange(round(seconds * rate)) / rate
    tone = 0.3 * np.sin(2 * np.pi * (pitch + 40 * time_s) * time_s)
    samples = np.stack([tone * (1 - 0.5 * n) for n in range(channels)], 1).astype(np.float32)
    soundfile.write(path, samples, rate)
    return path


def spoken_libri_light(folder: Path, seconds: Sequence[float]) -> list[Path]:
    """A chapter of so many seconds for each speaker; beside it what the corpus tells of it. No texts."""
    made = []
    for number, length in enumerate(seconds):
        speaker = str(100 + number)
        book = folder / "small" / speaker / "book_64kb"
        path = sound(book / "part_01.flac", length, pitch=200 + 50 * number)
        told = {"speaker": speaker, "snr": 9.5, "voice_activity": [[0.0, length]], "book_meta": {}}
        path.with_suffix(".json").write_text(json.dumps(told))
        made.append(path)
    return made


def spoken_librispeech(folder: Path, texts: Sequence[str], per_speaker: int = 1) -> list[Path]:
    """Utterances of SPEAKER/CHAPTER, whose texts stand in one file a chapter; long enough for every text."""
    made: list[Path] = []
    for first in range(0, len(texts), per_speaker):
        speaker, lines = str(10 + first), []
        chapter = folder / "train-clean-5" / speaker / "7"
        for number, text in enumerate(texts[first : first + per_speaker]):
            name = f"{speaker}-7-{number:04d}"
            made.append(sound(chapter / f"{name}.flac", 1.0 + 0.1 * len(text), pitch=200 + 40 * len(made)))
            lines.append(f"{name} {text.upper()}")
        (chapter / f"{speaker}-7.trans.txt").write_text("\n".join(lines) + "\n")
    return made


def spoken_dailytalk(folder: Path, texts: Sequence[str], seconds: float) -> list[Path]:
    """Dialogues of `seconds` in two channels, of which the left says its words evenly, and a list of all."""
    made, rows = [], []
    for number, text in enumerate(texts):
        path = sound(folder / "data_stereo" / f"{number}.wav", seconds, 24_000, 2, 200 + 50 * number)
        words, step = text.split(), seconds / (len(text.split()) + 1)
        said = [[word, [at * step + 0.1, at * step + 0.3], "SPEAKER_MAIN"] for at, word in enumerate(words)]
        path.with_suffix(".json").write_text(json.dumps({"alignments": said}))
        rows.append(json.dumps({"path": f"data_stereo/{number}.wav", "duration": seconds}))
        made.append(path)
    (folder / "dailytalk.jsonl").write_text("\n".join(rows) + "\n")
    return made
