"""Who changed what, and when: the changes of clips as lines of a file that goes with every dataset and
export."""
from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.files import write_atomic
from core.library import Library, Project

NAME = "history.jsonl"
Line = dict[str, Any]


def lines(lib: Library, project: Project, clip_ids: Collection[str]) -> list[Line]:
    """All changes of the clips as {clip, field, before, after, who, at}, in the order in which they came.

    A transcript is its text, a speaker a name, a prompt its text; `at` is in UTC.
    """
    return [_line(change) for change in lib.changes.told(project.id, frozenset(clip_ids))]


def write(lib: Library, project: Project, folder: Path, clip_ids: Collection[str]) -> None:
    """Beside a manifest, whose fingerprint it does not touch: what is learned does not depend on it."""
    told = (json.dumps(line, ensure_ascii=False) for line in lines(lib, project, clip_ids))
    write_atomic(folder / NAME, "".join(f"{line}\n" for line in told))


def _line(change: Line) -> Line:
    at = datetime.fromtimestamp(change.pop("at"), UTC)
    return {**change, "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
