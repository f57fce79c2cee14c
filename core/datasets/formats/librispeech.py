"""LibriSpeech: `84-121123.trans.txt` beside its sound, one `84-121123-0000 TEXT` a line."""
from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from core.datasets.formats.base import Found, each_row, sound_named, tables, within
from core.datasets.formats.texts import clean, lines
from core.errors import BadInput


def claims(path: Path) -> bool:
    """A .trans.txt, or a folder that holds one."""
    return bool(_tables(path))


def read(path: Path, root: Path) -> Iterator[Found]:
    """One sound file a line; the number before the first dash of its name is the speaker."""
    for table in _tables(path):
        yield from each_row(table, _rows(table), partial(_found, table, root))


def _tables(path: Path) -> list[Path]:
    return tables(path, ("*.trans.txt",), lambda _: True)


def _rows(table: Path) -> Iterator[dict[str, Any] | BadInput]:
    try:
        for line in lines(table):
            if line.strip():
                name, _, text = line.strip().partition(" ")
                yield {"name": name, "text": text}
    except BadInput as error:
        yield error


def _found(table: Path, root: Path, row: dict[str, Any]) -> Found:
    name = row["name"]
    place = within(root, table, name)
    audio = sound_named(place) or within(root, table, f"{name}.flac")
    return Found(audio, clean(row["text"], f"{name} in {table.name}"), speaker=name.partition("-")[0])
