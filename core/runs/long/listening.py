"""What a recogniser of any family hears in a long recording, piece by piece, kept as it comes."""

from __future__ import annotations

import hashlib
import logging
import math
from pathlib import Path
from typing import Any

from core.alignment.anchors import Anchor
from core.errors import BadInput, StudioError, Unavailable
from core.families.base import Clip, Recogniser
from core.files import read_json, write_json
from core.runs.long.hearing import Source, Tell

log = logging.getLogger(__name__)

PIECE, CONTEXT = 26.0, 2.0  # seconds: a piece with what lies beside it fills one window of a Whisper, 30 s


def listen(source: Source, recogniser: Recogniser, engine: str, folder: Path, tell: Tell) -> list[Anchor]:
    """The words that `recogniser` hears in `source`; a piece that lies in `folder` is not heard again.

    `engine` names the model ("whisper:small") and what it was asked for. `tell(done, total)` is called before
    each piece and may raise to break off. A piece that cannot be read gives no words.
    """
    total, found = math.ceil(source.seconds / PIECE), list[Anchor]()
    for number in range(total):
        tell(number, total)
        start, end = number * PIECE, min((number + 1) * PIECE, source.seconds)
        key = hashlib.sha256(f"{source.sha256} {engine} {start:.1f} {end:.3f}".encode()).hexdigest()[:40]
        kept = folder / key[:2] / f"{key}.json"
        rows = _kept(kept)
        if rows is None:
            rows = _heard(source, start, end, recogniser)
            write_json(kept, rows)
        found += [Anchor(text, begin, stop, score, engine) for text, begin, stop, score in rows]
    return found


def _kept(path: Path) -> list[Any] | None:
    try:
        return list(read_json(path)) if path.exists() else None
    except BadInput:  # half a file: it is made again
        return None


def _heard(source: Source, start: float, end: float, recogniser: Recogniser) -> list[Any]:
    """The words whose middle lies in the piece, which is heard with what is beside it."""
    begin = max(0.0, start - CONTEXT)
    clip = Clip(source.id, source.path, begin, min(source.seconds, end + CONTEXT))
    try:
        words = recogniser.transcribe(clip).words
    except Unavailable:  # no room on the disk, no memory: no fault of the sound
        raise
    except StudioError as error:
        log.warning("%s from %.0f s on: %s", source.name, start, error)
        return []
    timed = [(word.text, round(begin + word.start, 3), round(begin + word.end, 3), word.score)
             for word in words]
    return [[*word] for word in timed if start <= (word[1] + word[2]) / 2 < end]
