"""Sound on frames: rate, size, and the silence that every clip stands in, with the id under which codes are
kept. Without torch."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from core.families.kyutai.layouts import CODEC, Source
from core.modelling import weights
from core.modelling.kyutai.stream import FRAME_RATE

RATE = 24_000
"""Of every published Mimi, which makes 12.5 frames a second of it."""
FRONT = 13
"""Frames of silence before a clip: a second."""
BEHIND = 1.5  # seconds of silence behind it, beyond the delay
_SAMPLED = 1 << 12


def tail(source: Source) -> int:
    """Frames of silence behind a clip, in which the delayed text still comes."""
    return source.delay_frames + 1 + round(BEHIND * FRAME_RATE)


def encoder_id(source: Source) -> str:
    """Changes with the weights of the codec, and with the silence around a clip."""
    told = tuple((file, file.stat().st_mtime_ns, file.stat().st_size) for file in source.codec)
    return f"mimi-1-{source.shape.codebooks}-{FRONT}-{tail(source)}-{_codec_id(told)}"


@lru_cache(maxsize=8)
def _codec_id(files: tuple[tuple[Path, int, int], ...]) -> str:
    """Twelve hex digits of the codec's weights: names, shapes and the beginning of each tensor."""
    digest = hashlib.sha256()
    for file, _, _ in files:
        entries = weights.header(file)
        inside = [name for name in sorted(entries) if name.startswith(CODEC)] or sorted(entries)
        with open(file, "rb") as handle:
            begin = 8 + int.from_bytes(handle.read(8), "little")
            for name in inside:
                first, last = entries[name]["data_offsets"]
                handle.seek(begin + first)
                digest.update(json.dumps([name, entries[name]["shape"]]).encode())
                digest.update(handle.read(min(_SAMPLED, last - first)))
    return digest.hexdigest()[:12]
