"""Who comes when: the places that people gave to waiting runs, in one file that workers only read."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core.config import DataRoot
from core.errors import BadInput, Refused
from core.files import make_folder, read_json, write_json
from core.locks import FileLock

log = logging.getLogger(__name__)
PATIENCE = 5.0
Rank = tuple[int, int]


def path_of(data: DataRoot) -> Path:
    """The file: a list of run ids, first come first. Those that it does not name follow by their age."""
    return data.path / "queue.json"


def listed(data: DataRoot) -> list[str]:
    """The ids in the file; none where it is missing or was damaged: then age decides again."""
    try:
        held: Any = read_json(path_of(data))
    except FileNotFoundError:
        return []
    except BadInput as error:
        log.warning("%s", error)
        return []
    return [str(each) for each in held] if isinstance(held, list) else []


def ranking(data: DataRoot) -> Callable[[str, int], Rank]:
    """`rank(id, age)`, smaller comes first; `age` is what the order says, nanoseconds since 1970."""
    known = {name: place for place, name in enumerate(listed(data))}
    return lambda name, age: (known[name], age) if name in known else (len(known), age)


def rearrange(data: DataRoot, change: Callable[[], Sequence[str]]) -> None:
    """Write the order that `change` gives; one at a time, so that two pages do not undo each other's."""
    make_folder(data.locks)
    until = time.monotonic() + PATIENCE
    while (lock := FileLock.try_take(data.locks / "queue")) is None:
        if time.monotonic() >= until:
            raise Refused("The queue is being changed by somebody else just now; try again.")
        time.sleep(0.05)
    try:
        write_json(path_of(data), list(change()))
    finally:
        lock.release()
