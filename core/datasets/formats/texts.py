"""Text from files of any script, UTF-8 or UTF-16, with or without a byte order mark; into files, UTF-8."""
from __future__ import annotations

import codecs
import csv
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from core.errors import BadInput
from core.files import replacing

MOST_BYTES = 64_000_000
"""Of a text beside one sound file; tables are read line by line and may be longer."""
_HEAD = 1 << 16
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def clean(text: Any, where: str) -> str:
    """A text in NFC on one line; "" for none. BadInput for a number, a list or control signs."""
    if text is None:
        return ""
    if not isinstance(text, str):
        raise BadInput(f"{where} gives {str(text)[:40]!r} as the text: put what was said in quotes.")
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    if _CONTROL.search(plain):
        raise BadInput(f"{where} holds control signs in its text: save it again as plain UTF-8 text.")
    return plain


def text_of(path: Path) -> str:
    """The whole text of a file. BadInput, with its name, for what is no text or longer than 64 MB."""
    if (size := path.stat().st_size) > MOST_BYTES:
        raise BadInput(f"{path.name} has {size / 1e6:.0f} MB; a text beside a sound has at most 64 MB.")
    return "".join(lines(path))


def lines(path: Path) -> Iterator[str]:
    """The lines of a file, with their ends; BadInput where it turns out to be no text."""
    try:
        with open(path, encoding=_encoding(path), newline="") as file:
            for line in file:
                if _CONTROL.search(line):
                    raise _no_text(path)
                yield line
    except UnicodeError as error:
        raise _no_text(path) from error
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read ({error.strerror}): check its rights.") from error


def _encoding(path: Path) -> str:
    with open(path, "rb") as file:
        head = file.read(4)
    return next((encoding for bom, encoding in _BOMS if head.startswith(bom)), "utf-8")


def _no_text(path: Path) -> BadInput:
    return BadInput(f"{path.name} is not a text file in UTF-8 or UTF-16: save it again as UTF-8 text.")


def first_line(path: Path) -> str:
    """The first line with something in it, at most 64 KB of it; "" for what is no text."""
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
        text = head.decode(_encoding(path), errors="ignore")
    except OSError:
        return ""
    return next((line for line in text.splitlines() if line.strip()), "")


def first_json(path: Path) -> dict[str, Any]:
    """The JSON object in the first line; empty where there is none."""
    try:
        row = json.loads(first_line(path))
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def header(path: Path, delimiter: str) -> list[str]:
    """The names of the columns, in lower case."""
    try:
        row = next(csv.reader([first_line(path)], delimiter=delimiter), [])
    except csv.Error:
        return []
    return [cell.strip().casefold() for cell in row]


def json_rows(path: Path) -> Iterator[dict[str, Any] | BadInput]:
    """One object a line; a line that is none is given as its BadInput."""
    try:
        for number, line in enumerate(lines(path), 1):
            if line.strip():
                yield _object(line, f"Line {number} of {path.name}")
    except BadInput as error:
        yield error


def _object(line: str, where: str) -> dict[str, Any] | BadInput:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    return row if isinstance(row, dict) else BadInput(f"{where} is no JSON object: mend it or take it out.")


def table_rows(path: Path, delimiter: str, quoted: bool) -> Iterator[dict[str, Any] | BadInput]:
    """Rows by the (lower-case) names in the first line; what cannot be read is given as its BadInput."""
    names = header(path, delimiter)
    try:
        reader = csv.reader(lines(path), delimiter=delimiter,
                            quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)
        for number, cells in enumerate((row for row in reader if any(row)), 1):
            if number > 1:
                yield _row(names, cells, f"Line {reader.line_num} of {path.name}")
    except csv.Error as error:
        yield BadInput(f"{path.name} cannot be read as a table: {error}.")
    except BadInput as error:
        yield error


def _row(names: list[str], cells: list[str], where: str) -> dict[str, Any] | BadInput:
    if len(cells) > len(names):
        return BadInput(f"{where} has {len(cells)} columns and the first line has {len(names)}: "
                        "put quotes around a text that holds the separator.")
    return dict(zip(names, cells, strict=False))


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """A UTF-8 file of these lines, whole or not at all, written while they come."""
    with replacing(path) as file:
        for line in lines:
            file.write(f"{line}\n".encode())


def write_json_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """One JSON object a line."""
    write_lines(path, (json.dumps(row, ensure_ascii=False) for row in rows))
