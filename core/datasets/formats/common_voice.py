"""Common Voice: a .tsv with the columns client_id, path and sentence; the sound lies in clips/."""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from core.datasets.formats.base import Found, each_row, known, tables, within
from core.datasets.formats.texts import clean, header, table_rows, write_lines

_COLUMNS = ("client_id", "path", "sentence", "up_votes", "down_votes", "age", "gender", "accents", "locale",
            "segment")
_CHECKED, _UNUSABLE = "validated.tsv", ("invalidated.tsv", "reported.tsv", "other.tsv")


def claims(path: Path) -> bool:
    """A table with the columns path and sentence, or a folder that holds one."""
    return bool(_tables(path))


def read(path: Path, root: Path) -> Iterator[Found]:
    """One sound file a row.

    Of a folder with validated.tsv only that is read (train, dev and test are its parts); what listeners
    turned down or have not heard yet comes in only when its table is chosen by itself.
    """
    for table in _tables(path):
        rows = table_rows(table, "\t", quoted=False)
        yield from each_row(table, rows, partial(_found, table, root))


def _tables(path: Path) -> list[Path]:
    found = tables(path, ("*.tsv",), lambda table: {"path", "sentence"} <= set(header(table, "\t")))
    if not path.is_dir():
        return found
    checked = [table for table in found if table.name == _CHECKED]
    return checked or [table for table in found if table.name not in _UNUSABLE]


def _found(table: Path, root: Path, row: dict[str, Any]) -> Found:
    audio = within(root, table, row.get("path"))
    in_clips = within(root, table, f"clips/{row['path'].strip()}")
    audio = in_clips if in_clips.is_file() or not audio.is_file() else audio
    return Found(
        audio,
        clean(row.get("sentence"), f"The row of {audio.name} in {table.name}"),
        speaker=_speaker(known(row.get("client_id"))),
        language=known(row.get("locale")),
    )


def _speaker(client_id: str) -> str:
    """The id of a person is a hash of 128 signs; sixteen tell them apart as well."""
    return client_id[:16] if re.fullmatch(r"[0-9a-f]{32,}", client_id) else client_id


def write(folder: Path, found: Iterable[Found]) -> None:
    """validated.tsv with the columns of Common Voice; the sounds lie in clips/."""
    write_lines(folder / _CHECKED, _lines(found))


def _lines(found: Iterable[Found]) -> Iterator[str]:
    yield "\t".join(_COLUMNS)
    for one in found:
        cells = {"client_id": one.speaker, "path": one.audio.name, "sentence": one.text,
                 "locale": one.language, "up_votes": "0", "down_votes": "0"}
        yield "\t".join(cells.get(name, "") for name in _COLUMNS)
