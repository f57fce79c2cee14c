"""What a file is recognised by that lies where somebody else may move it: its size, and three places in it.

A whole hash of sixty thousand hours takes days to read; three places are read in the time of an open file.
The beginning of a FLAC file holds the checksum of all its sound.
"""
from __future__ import annotations

import hashlib
import os
from pathlib import Path

BLOCK = 16 << 10
"""Bytes of each place: the beginning, the middle and the end."""


def stamp_of(path: Path) -> str:
    """`SIZE-DIGEST` of a file. Raises OSError where it cannot be read."""
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        digest = hashlib.sha256()
        for place in (0, size // 2, max(0, size - BLOCK)):
            file.seek(place)
            digest.update(file.read(BLOCK))
    return f"{size}-{digest.hexdigest()[:32]}"


def size_in(stamp: str) -> int:
    """The size in bytes that a stamp tells."""
    return int(stamp.partition("-")[0])


def gone_or_resized(path: Path, stamp: str) -> str:
    """What became of a file since it was stamped, without opening it: "" where nothing can be seen."""
    try:
        size = path.stat().st_size
    except OSError:
        return f"{path.name} is gone, or cannot be looked at"
    before = size_in(stamp)
    return "" if size == before else f"{path.name} had {before:,} bytes and has {size:,} now"


def changed(path: Path, stamp: str) -> str:
    """What became of a file since it was stamped: "" where it is as it was."""
    if what := gone_or_resized(path, stamp):
        return what
    try:
        return "" if stamp_of(path) == stamp else f"{path.name} is as large as it was, but another sound"
    except OSError as error:
        return f"{path.name} cannot be read any more ({error.strerror})"
