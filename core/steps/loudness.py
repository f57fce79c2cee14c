"""Loudness of the clips of a project: measured in the background, kept beside the library by the hash of the
sound.

It comes from the sound alone and can be made again, so it is no part of the library: older clips get it too,
a trim asks for another one, and nothing that a person undoes is in its way.
"""
from __future__ import annotations

import json
import time
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from core.audio.read import read
from core.config import DataRoot
from core.errors import StudioError
from core.files import inside, make_folder, told
from core.library import Check, Library, Project
from core.quality.loudness import loudness_lufs

NAME = "loudness.jsonl"


class _Known(NamedTuple):
    """What was read of a file so far: up to that byte, LUFS by the key of a sound."""

    n_bytes: int
    values: dict[str, float | None]


_read: dict[Path, _Known] = {}
_lock = Lock()


def key_of(clip: Check) -> str:
    """The stretch of a sound that a clip is, whatever it is called."""
    return f"{clip.sha256[:32]}:{clip.start:.3f}:{clip.end:.3f}"


def known(root: DataRoot) -> dict[str, float | None]:
    """LUFS by `key_of`, None for sounds that have none; only what is new in the file is read."""
    path = root.cache / NAME
    with _lock:
        before = _read.get(path, _Known(0, {}))
        size = path.stat().st_size if path.exists() else 0
        if size < before.n_bytes:  # somebody emptied the cache
            before = _Known(0, {})
        if size > before.n_bytes:
            before = _read_on(path, before)
        _read[path] = before
        return before.values


def _read_on(path: Path, before: _Known) -> _Known:
    """A half line at the end waits for its other half; a line that is none is left out."""
    with open(path, "rb") as file:
        file.seek(before.n_bytes)
        new, _, half = file.read().rpartition(b"\n")
    for line in new.split(b"\n"):
        try:
            key, value = json.loads(line)
            before.values[key] = value
        except (ValueError, TypeError):
            continue
    return _Known(path.stat().st_size - len(half), before.values)


def missing(lib: Library, project: Project) -> list[Check]:
    """The clips whose loudness nobody has measured yet."""
    values = known(lib.root)
    return [clip for clip in lib.clips.checks(project.id) if key_of(clip) not in values]


def measure(lib: Library, clip: Check) -> float | None:
    """Measure one clip and keep it; a sound that cannot be read has none, and is tried again another time.
    Raises Unavailable for a full disk."""
    try:
        sound = read(inside(lib.root.path, Path(clip.audio)), clip.start, clip.end)
    except StudioError:
        return None
    value = loudness_lufs(sound.samples, sound.rate)
    path = lib.root.cache / NAME
    make_folder(path.parent)
    try:
        with open(path, "ab") as file:  # one short line in one write: two processes do not mix theirs
            file.write(json.dumps([key_of(clip), value]).encode() + b"\n")
    except OSError as error:
        raise told(error, path) from error
    return value


def measure_missing(lib: Library, project: Project, breath: float = 0.0) -> int:
    """Measure all that are missing, with a pause of `breath` seconds after each for whoever else works here;
    returns how many."""
    todo = missing(lib, project)
    for clip in todo:
        measure(lib, clip)
        time.sleep(breath)
    return len(todo)
