"""LJSpeech: metadata.csv without a header, `id|text|normalised text`, and the sound in wavs/."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from core.audio.header import ENDINGS
from core.datasets.formats.base import Found, each_row, sound_named, tables, within
from core.datasets.formats.texts import clean, first_line, lines, write_lines
from core.errors import BadInput

_FOLDERS = ("wavs", ".", "wav", "audio", "clips")


def claims(path: Path) -> bool:
    """A metadata file whose first line is divided by |, or a folder that holds one."""
    return bool(_tables(path))


def read(path: Path, root: Path) -> Iterator[Found]:
    """One sound file a line; the normalised text (numbers in words) is what was said."""
    for table in _tables(path):
        yield from each_row(table, _rows(table), partial(_found, table, root))


def _tables(path: Path) -> list[Path]:
    return tables(path, ("metadata*.csv", "metadata*.txt"), lambda table: "|" in first_line(table))


def _rows(table: Path) -> Iterator[dict[str, Any] | BadInput]:
    try:
        for number, line in enumerate(lines(table), 1):
            name, *texts = line.strip().split("|")
            if not line.strip():
                continue
            if not 1 <= len(texts) <= 2:
                yield BadInput(f"Line {number} of {table.name} has {len(texts)} texts behind its name: "
                               "write id|text or id|text|normalised text.")
                continue
            yield {"name": name, "text": texts[-1] if texts[-1].strip() else texts[0]}
    except BadInput as error:
        yield error


def _found(table: Path, root: Path, row: dict[str, Any]) -> Found:
    name = row["name"].strip()
    return Found(_sound(name, table, root), clean(row["text"], f"{name} in {table.name}"))


def _sound(name: str, table: Path, root: Path) -> Path:
    """Where the sound of that id lies; the usual place when it lies nowhere, so that the refusal names it."""
    within(root, table, name)
    for folder in _FOLDERS:
        place = within(root, table, f"{folder}/{name}")
        if Path(name).suffix.lower() in ENDINGS and place.is_file():
            return place
        if found := sound_named(place):
            return found
    return within(root, table, f"wavs/{name}" + ("" if Path(name).suffix.lower() in ENDINGS else ".wav"))


def write(folder: Path, found: Iterable[Found]) -> None:
    """metadata.csv; the sounds lie in wavs/. There is no way to write a text that holds a |."""
    write_lines(folder / "metadata.csv", (f"{one.audio.stem}|{one.text}|{one.text}" for one in found))
