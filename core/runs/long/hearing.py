"""A long recording, heard piece by piece: log-probabilities and levels are kept, nothing is heard twice."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.alignment.anchors import Anchor
from core.audio.levels import FLOOR_DBFS, HOP_SECONDS, frame_levels
from core.audio.read import read
from core.cache import ArrayCache
from core.errors import BadInput, StudioError, Unavailable
from core.families.base import Emitter

# Seconds; what lies beside a piece is heard with it and cut away. The first layers of a Wav2Vec2 take about
# 28 MB a second: with the starter pieces of 30 s came to 1.17 GB in all, and were heard no better (ten
# minutes of made speech: 13.5 % of the words wrong, and 12.9 % at 20 s).
PIECE, CONTEXT = 20.0, 2.0
IMPOSSIBLE = -30.0  # nats: no letter is written where the sound cannot be read
Tell = Callable[[int, int], None]
Piece = tuple[npt.NDArray[np.float16], npt.NDArray[np.float32]]


@dataclass(frozen=True)
class Source:
    """A recording of an order: where its sound lies, its hash, and its length in seconds."""

    id: str
    name: str
    path: Path
    sha256: str
    seconds: float


@dataclass(frozen=True)
class Unreadable:
    """Seconds of a recording that could not be read, and why."""

    start: float
    end: float
    sentence: str


@dataclass(frozen=True)
class Heard:
    """`log_probs` (frames, vocabulary) float16 of a whole recording, `levels` (n,) in dBFS every 10 ms."""

    log_probs: npt.NDArray[np.float16]
    levels: npt.NDArray[np.float32]
    unreadable: tuple[Unreadable, ...]

    def free(self, emitter: Emitter) -> list[Anchor]:
        """The words that the model writes by itself."""
        words = emitter.words(np.asarray(self.log_probs, np.float32))
        return [Anchor(word.text, word.start, word.end, word.score, emitter.engine) for word in words]


def hear(source: Source, emitter: Emitter, cache: ArrayCache, tell: Tell) -> Heard:
    """Hear `source` from the first second to the last; a piece that `cache` has is not heard again.

    `tell(done, total)` is called before each piece and may raise to break off. A piece that cannot be read
    is silence in which no letter can be written, and is named; BadInput where none can be read.
    """
    total = math.ceil(source.seconds / PIECE)
    frames, levels, unreadable = [], [], list[Unreadable]()
    for number in range(total):
        tell(number, total)
        start, end = number * PIECE, min((number + 1) * PIECE, source.seconds)
        try:
            piece = _piece(source, start, end, emitter, cache)
        except Unavailable:  # the disk is full: no fault of the sound
            raise
        except StudioError as error:
            unreadable.append(Unreadable(start, end, str(error)))
            piece = _nothing(start, end, emitter)
        frames.append(piece[0])
        levels.append(piece[1])
    width = max(part.shape[1] for part in frames)
    if not width:
        raise BadInput(f"Nothing of {source.name} can be read: {unreadable[0].sentence}")
    nothing = nothing_written(width, emitter)
    whole = [part if part.shape[1] == width else nothing.repeat(len(part), 0) for part in frames]
    return Heard(np.concatenate(whole), np.concatenate(levels), tuple(unreadable))


def _piece(source: Source, start: float, end: float, emitter: Emitter, cache: ArrayCache) -> Piece:
    key = f"{source.sha256} {start:.1f} {end:.3f}"
    kept = cache.get(f"{key} {emitter.identity}"), cache.get(f"{key} levels")
    if kept[0] is not None and kept[1] is not None:
        return kept[0], kept[1]
    samples, begin = _sound(source, start, end, emitter.rate)
    own = samples[round((start - begin) * emitter.rate) : round((end - begin) * emitter.rate)]
    levels = _fitted(frame_levels(own, emitter.rate), _hops(start, end))
    cache.put(f"{key} levels", levels)
    first = round((start - begin) / emitter.seconds_per_frame)
    n_frames = _frames(start, end, emitter)
    emitted = emitter.emit(samples)[first : first + n_frames]
    lacking = np.repeat(nothing_written(emitted.shape[1], emitter), n_frames - len(emitted), 0)
    heard = np.concatenate([emitted, lacking]).astype(np.float16)
    cache.put(f"{key} {emitter.identity}", heard)
    return heard, levels


def _sound(source: Source, start: float, end: float, rate: int) -> tuple[npt.NDArray[np.float32], float]:
    """Samples of a piece with what lies beside it, and the second at which they begin; the piece alone where
    what lies beside it cannot be read."""
    begin, stop = max(0.0, start - CONTEXT), min(source.seconds, end + CONTEXT)
    try:
        return read(source.path, begin, stop, rate=rate).samples, begin
    except Unavailable:
        raise
    except StudioError:
        return read(source.path, start, end, rate=rate).samples, start


def _frames(start: float, end: float, emitter: Emitter) -> int:
    """Frames of a stretch, so that those of all pieces together are those of the whole."""
    return round(end / emitter.seconds_per_frame) - round(start / emitter.seconds_per_frame)


def _hops(start: float, end: float) -> int:
    return round(end / HOP_SECONDS) - round(start / HOP_SECONDS)


def _fitted(levels: npt.NDArray[np.float32], n: int) -> npt.NDArray[np.float32]:
    """Exactly `n` levels: the last frame reaches over the end of the piece."""
    return np.pad(levels[:n], (0, max(0, n - len(levels))), mode="edge")


def _nothing(start: float, end: float, emitter: Emitter) -> Piece:
    silent = np.full(_hops(start, end), FLOOR_DBFS, np.float32)
    return np.zeros((_frames(start, end, emitter), 0), np.float16), silent


def nothing_written(width: int, emitter: Emitter) -> npt.NDArray[np.float16]:
    """A frame (1, `width`) in which the model can write nothing."""
    row = np.full((1, width), IMPOSSIBLE, np.float16)
    if width:
        row[0, emitter.blank] = 0.0
    return row
