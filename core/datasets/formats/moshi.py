"""moshi-finetune: a .jsonl of {path, duration}, and beside each sound a .json with its words and times."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from core.datasets.formats.base import Found, each_row, length_of, name_in, tables, within
from core.datasets.formats.sidecars import beside
from core.datasets.formats.texts import first_json, json_rows, write_json_lines
from core.files import write_json


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


def write(folder: Path, found: Iterable[Found]) -> None:
    """data.jsonl, and beside each sound its words: {"alignments": [[word, [start, end], "SPEAKER_MAIN"]]}.

    The text, the speaker and the language stand beside the alignments, which alone moshi-finetune reads.
    """
    write_json_lines(folder / "data.jsonl", (_row(folder, one) for one in found))


def _row(folder: Path, found: Found) -> dict[str, Any]:
    said = [[word.text, [word.start, word.end], "SPEAKER_MAIN"] for word in found.words]
    write_json(found.audio.with_suffix(".json"), {
        "alignments": said, "text": found.text, "speaker": found.speaker, "language": found.language})
    return {"path": name_in(folder, found.audio), "duration": length_of(found)}
