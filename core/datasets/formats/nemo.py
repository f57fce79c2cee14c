"""NeMo manifest: one JSON object a line with audio_filepath, duration, text and, for a part, offset."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from core.datasets.formats.base import Found, each_row, known, length_of, name_in, seconds, tables, within
from core.datasets.formats.texts import clean, first_json, json_rows, write_json_lines


def claims(path: Path) -> bool:
    """A manifest, or a folder that holds one."""
    return bool(_tables(path))


def read(path: Path, root: Path) -> Iterator[Found]:
    """One sound file, or one part of it, a row."""
    for table in _tables(path):
        yield from each_row(table, json_rows(table), partial(_found, table, root))


def _tables(path: Path) -> list[Path]:
    return tables(path, ("*.jsonl", "*manifest*.json"), lambda table: "audio_filepath" in first_json(table))


def _found(table: Path, root: Path, row: dict[str, Any]) -> Found:
    audio = within(root, table, row.get("audio_filepath"))
    where = f"The row of {audio.name} in {table.name}"
    start, end = 0.0, None
    if row.get("offset") is not None:
        start = seconds(row["offset"], "offset", where)
        end = round(start + seconds(row.get("duration"), "duration", where), 6)
    return Found(
        audio,
        clean(row.get("text"), where),
        speaker=known(row.get("speaker")),
        language=known(row.get("lang") or row.get("source_lang")),
        start=start,
        end=end,
    )


def write(folder: Path, found: Iterable[Found]) -> None:
    """manifest.json, one sound or part of a sound a row."""
    write_json_lines(folder / "manifest.json", (_row(folder, one) for one in found))


def _row(folder: Path, found: Found) -> dict[str, Any]:
    row: dict[str, Any] = {"audio_filepath": name_in(folder, found.audio), "duration": length_of(found),
                           "text": found.text, "speaker": found.speaker, "lang": found.language}
    return row if found.end is None else {**row, "offset": found.start}
