"""The folder of an export: finished or not there, never over others' files; what broke off goes on."""
from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import Refused, Unavailable
from core.files import make_folder, read_json, write_json
from core.locks import FileLock

MARK = "export.json"
_LOCK, _ORDER = ".lock", ".order.json"


@contextmanager
def writing(folder: Path, about: dict[str, Any], content: str) -> Iterator[Path]:
    """A folder to write to that takes the place of `folder` at the end, with `about` in its export.json.

    Where it breaks off, what was written is there again at the next call with the same `about` and `content`;
    after others it is cleared away. Raises Refused where `folder` is no export, or was changed since, and
    Unavailable while another process writes it.
    """
    refuse_foreign(folder)
    half = folder.with_name(f".{folder.name}.part")
    make_folder(half)
    lock = FileLock.try_take(half / _LOCK)
    if lock is None:
        raise Unavailable(f"Another export is just writing {folder.name}: wait until it is done.")
    try:
        order = f"{about} {content}".encode("utf-8", "surrogateescape")
        _keep_or_clear(half, hashlib.sha256(order).hexdigest())
        yield half
        write_json(half / MARK, {**about, "files": _files(half)})
        _in_place(half, folder)
        (folder / _ORDER).unlink()
        (folder / _LOCK).unlink()
    finally:
        lock.release()


def refuse_foreign(folder: Path) -> None:
    """Refused for a folder that is no export, and for one in which something was changed since."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    mark = folder / MARK
    if not mark.is_file():
        raise Refused(f"{folder} is there already and no export of this app, so it stays as it is: choose "
                      "another folder.")
    known = read_json(mark).get("files", {})
    if changed := sorted(name for name, state in _files(folder).items() if known.get(name) != state):
        raise Refused(f"{changed[0]} in {folder} was changed or added since the export, so the folder stays "
                      "as it is: choose another one, or move it away.")


def _files(folder: Path) -> dict[str, list[int]]:
    """Size and time of change of each file but the mark, by its path in the folder."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place) / name
            state = path.lstat()
            found[path.relative_to(folder).as_posix()] = [state.st_size, state.st_mtime_ns]
    return {name: state for name, state in found.items() if name not in (MARK, _ORDER, _LOCK)}


def _keep_or_clear(half: Path, order: str) -> None:
    """Keep what an export of the same order has left, but for half files; clear what another one left."""
    known = half / _ORDER
    if known.is_file() and read_json(known) == order:
        for broken in half.rglob(".*.tmp"):
            broken.unlink()
        return
    left = [path for path in half.iterdir() if path.name != _LOCK]
    if left and not known.is_file():
        raise Refused(f"{half} is there already and holds no broken off export, so it stays as it is: choose "
                      "another folder.")
    for path in left:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    write_json(known, order)


def _in_place(half: Path, folder: Path) -> None:
    """Let the finished folder take its name; an older export makes room at the last moment."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        os.replace(folder, old)
    os.replace(half, folder)
    shutil.rmtree(old, ignore_errors=True)
