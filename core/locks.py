"""File locks that the system frees when their process ends, however it ends; they outlast sleep only."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path
from typing import IO

from core.errors import Unavailable

# POSIX drops a process's lock as soon as *any* handle of the file is closed in it. So a process never opens
# a file that it has locked: it looks here first. The pid keeps a forked child from thinking it holds one, and
# the handle is kept here so that a lock nobody remembers is not freed by the garbage collector.
_GUARD = threading.Lock()
_OURS: dict[str, tuple[int, IO[str]]] = {}


class FileLock:
    """An exclusive lock on one file, held until `release` or the end of the process."""

    def __init__(self, key: str, handle: IO[str]) -> None:
        self._key = key
        self._handle = handle

    @classmethod
    def try_take(cls, path: Path) -> FileLock | None:
        """The lock on `path` (made when missing), or None when anybody, also this process, holds it."""
        key = os.path.realpath(path)
        with _GUARD:
            if _is_ours(key):
                return None
            handle = open(path, "a+", encoding="utf-8")
            if not _lock(handle, fcntl.LOCK_EX, path):
                handle.close()
                return None
            _OURS[key] = os.getpid(), handle
            return cls(key, handle)

    @classmethod
    def take_within(cls, path: Path, seconds: float) -> FileLock | None:
        """The lock on `path`, tried for as many seconds; None when somebody keeps it longer."""
        until = time.monotonic() + seconds
        while (lock := cls.try_take(path)) is None and time.monotonic() < until:
            time.sleep(0.01)
        return lock

    def release(self) -> None:
        """Free the lock; a second call does nothing."""
        with _GUARD:
            if not self._handle.closed:
                self._handle.close()
                _OURS.pop(self._key, None)


def is_held(path: Path) -> bool:
    """Whether a living process (this one too) holds the lock on `path`."""
    key = os.path.realpath(path)
    with _GUARD:
        if _is_ours(key):
            return True
        try:
            handle = open(path, encoding="utf-8")
        except FileNotFoundError:
            return False
        with handle:
            return not _lock(handle, fcntl.LOCK_SH, path)


def _is_ours(key: str) -> bool:
    return key in _OURS and _OURS[key][0] == os.getpid()


def _lock(handle: IO[str], kind: int, path: Path) -> bool:
    try:
        fcntl.lockf(handle, kind | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # EAGAIN or EACCES, by system: somebody holds it
        return False
    except OSError as error:
        handle.close()
        raise Unavailable(
            f"The disk that holds {path.parent} cannot lock files ({error.strerror}); "
            "put the data folder on a local disk with --data."
        ) from error
    return True
