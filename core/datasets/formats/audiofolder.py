"""Hugging Face audiofolder: metadata.csv or metadata.jsonl with the columns file_name and transcription."""
from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from core.datasets.formats.base import Found, each_row, known, tables, within
from core.datasets.formats.texts import clean, first_json, header, json_rows, table_rows

_TEXTS = ("transcription", "text", "sentence", "transcript", "normalized_text")
_SPEAKERS = ("speaker", "speaker_id", "client_id")
_LANGUAGES = ("language", "lang", "locale")


def claims(path: Path) -> bool:
    """A table with a column `file_name`, or a folder that holds one."""
    return bool(_tables(path))


def read(path: Path, root: Path) -> Iterator[Found]:
    """One sound file a row."""
    for table in _tables(path):
        rows = json_rows(table) if table.suffix == ".jsonl" else table_rows(table, ",", quoted=True)
        yield from each_row(table, rows, partial(_found, table, root))


def _tables(path: Path) -> list[Path]:
    return tables(path, ("*.csv", "*.jsonl"), _names_files)


def _names_files(table: Path) -> bool:
    return "file_name" in (first_json(table) if table.suffix == ".jsonl" else header(table, ","))


def _found(table: Path, root: Path, row: dict[str, Any]) -> Found:
    audio = within(root, table, row.get("file_name"))
    text = next((row[name] for name in _TEXTS if row.get(name) is not None), None)
    return Found(
        audio,
        clean(text, f"The row of {audio.name} in {table.name}"),
        speaker=_first(row, _SPEAKERS),
        language=_first(row, _LANGUAGES),
    )


def _first(row: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((known(row[name]) for name in names if known(row.get(name))), "")
