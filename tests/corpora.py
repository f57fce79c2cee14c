"""Small made corpora, and FLAC files that are nothing but a header, for tests of large folders."""

from __future__ import annotations

import json
import struct
from pathlib import Path


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

