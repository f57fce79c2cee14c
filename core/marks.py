"""A mark that a process takes and its child inherits: held until the last of them has let go or ended."""

from __future__ import annotations

import fcntl
import time
from pathlib import Path
from typing import IO


def take(path: Path, patience: float = 0.5) -> IO[str] | None:
    """The mark on `path`, or None when somebody holds it; one who only looks is waited for.

    `flock` and not `lockf` (see core/locks.py): it belongs to the open file, which a child inherits, and not
    to a process.
    """
    until = time.monotonic() + patience
    while (mark := _try(path, fcntl.LOCK_EX)) is None and time.monotonic() < until:
        time.sleep(0.02)
    return mark


def is_held(path: Path) -> bool:
    """Whether a living process holds the mark on `path`."""
    if not path.exists():
        return False
    mark = _try(path, fcntl.LOCK_SH)
    if mark is not None:
        mark.close()
    return mark is None


def _try(path: Path, kind: int) -> IO[str] | None:
    mark = open(path, "a", encoding="utf-8")
    try:
        fcntl.flock(mark, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        mark.close()
        return None
    return mark
