"""moshi-finetune: a .jsonl of {path, duration}, and beside each sound a .json with its words and times."""
from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from core.datasets.formats.base import Found, each_row, tables, within
from core.datasets.formats.sidecars import beside
from core.datasets.formats.texts import first_json, json_rows


def claims(path: Path) -> bool:
    """A table of paths and durations, or a folder that holds one."""
    return bool(_tables(path))


def read(path: Path, root: Path) -> Iterator[Found]:
    """One sound file a row, with what lies beside it; also the tables that `app.py index` writes."""
    for table in _tables(path):
        for found in each_row(table, json_rows(table), partial(_found, table, root)):
            yield from [found] if found.problem else beside(found.audio)


def _tables(path: Path) -> list[Path]:
    return tables(path, ("*.jsonl",), lambda table: {"path", "duration"} <= first_json(table).keys())


def _found(table: Path, root: Path, row: dict[str, Any]) -> Found:
    return Found(within(root, table, row.get("path")))
