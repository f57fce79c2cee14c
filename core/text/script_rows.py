"""The rows of a prompt file before they are checked: lines of text, a table with columns, a JSON list."""
from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.errors import BadInput

TEXT_KEYS = ("text", "prompt", "sentence")
MORE_KEYS = ("group", "language", "must")
_GAP = re.compile(r"[\s,]*")


@dataclass(frozen=True)
class Line:
    """One row as it stands in the file: the number of its line, and the cells still as text."""

    number: int
    text: str
    group: str = ""
    language: str = ""
    must: str = ""


def rows_of(text: str, name: str, notes: list[str]) -> Iterator[Line]:
    """The rows of a .csv, .tsv or .json file, else one a line; `notes` gets what a person should know.

    Raises BadInput, with the file's name and the line, for a table or a list that cannot be read.
    """
    ending = name.lower().rpartition(".")[2]
    if ending in ("csv", "tsv"):
        return _table(text, name, ending, notes)
    return _entries(text, name) if ending == "json" else _plain(text)


def _plain(text: str) -> Iterator[Line]:
    lines = re.split(r"\r\n|\n|\r", text)
    if not lines[-1].strip():  # the newline that ends the last line begins no other
        lines.pop()
    return (Line(number, line) for number, line in enumerate(lines, 1))


def _table(text: str, name: str, ending: str, notes: list[str]) -> Iterator[Line]:
    """Rows of a table; a list of sentences with commas that was merely named .csv is read line by line."""
    head = text.split("\n", 1)[0]
    delimiter = "\t" if ending == "tsv" else max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise BadInput(f"Line {reader.line_num} of {name} cannot be read as a table: {error}.") from error
    header = [cell.strip().casefold() for cell in rows[0][1]] if rows else []
    if any(key in header for key in TEXT_KEYS):
        return _cells(rows[1:], name, header)
    if len(header) > 1 and (found := [key for key in MORE_KEYS if key in header]):
        raise BadInput(
            f"Line 1 of {name} names the column “{found[0]}” but none called text or prompt: name the column "
            "that holds the prompts."
        )
    if '"' not in text and len({len(row) for _, row in rows if row}) > 1:
        notes.append(
            f"{name} has no column named text or prompt and its rows differ in length, so each line is "
            f"one prompt."
        )
        return _plain(text)
    return (Line(number, row[0] if row else "") for number, row in rows)


def _cells(rows: list[tuple[int, list[str]]], name: str, header: list[str]) -> Iterator[Line]:
    column = next(header.index(key) for key in TEXT_KEYS if key in header)
    more = {key: header.index(key) for key in MORE_KEYS if key in header}
    for number, row in rows:
        if len(row) > len(header):
            raise BadInput(
                f"Line {number} of {name} has {len(row)} columns and the first line has {len(header)}: "
                "put quotes around a prompt that holds the separator."
            )
        padded = [*row, *[""] * (len(header) - len(row))]
        yield Line(number, padded[column], **{key: padded[at] for key, at in more.items()})


def _entries(text: str, name: str) -> Iterator[Line]:
    """The entries of a JSON list; each is read by itself, so that the line where it begins is known."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(
            f"Line {getattr(error, 'lineno', 1)} of {name} cannot be read as JSON: "
            f"{getattr(error, 'msg', 'it is nested too deeply or holds too long a number')}."
        ) from error
    if not isinstance(whole, list):
        raise BadInput(
            f'{name} is no list: write the prompts as ["…", "…"] or as [{{"text": "…", "group": "…"}}].'
        )
    decoder, at, number = json.JSONDecoder(), text.index("[") + 1, 1 + text.count("\n", 0, text.index("["))
    for entry in whole:
        begin = _end_of_gap(text, at)
        number += text.count("\n", at, begin)
        yield _entry(entry, number, name)
        at = decoder.raw_decode(text, begin)[1]
        number += text.count("\n", begin, at)


def _end_of_gap(text: str, at: int) -> int:
    gap = _GAP.match(text, at)
    return gap.end() if gap else at


def _entry(entry: Any, number: int, name: str) -> Line:
    cells = {"text": entry} if isinstance(entry, str) else entry
    text = next((cells[key] for key in TEXT_KEYS if key in cells), None) if isinstance(cells, dict) else None
    if not isinstance(text, str):
        raise BadInput(
            f"Line {number} of {name} holds no prompt: each entry must be a text, or an object with “text” "
            "or “prompt”."
        )
    more = {key: cells[key] for key in MORE_KEYS if cells.get(key) is not None}
    if odd := [key for key, value in more.items() if not isinstance(value, str | bool | int)]:
        raise BadInput(f"Line {number} of {name} has a “{odd[0]}” that is no text: put it in quotes.")
    return Line(number, text, **{key: str(value) for key, value in more.items()})
