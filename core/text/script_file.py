"""Reads a person's prompt file: plain text, CSV or TSV in any script."""
from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import BadInput

MOST_LINES = 20_000
MOST_CHARS = 400
MOST_BYTES = 64_000_000
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_TEXT_COLUMNS = ("text", "prompt", "sentence")
Line = tuple[int, str, str]  # number in the file, text, group


@dataclass(frozen=True)
class Draft:
    """One prompt that is not in a project yet."""

    text: str
    group: str
    language: str


@dataclass(frozen=True)
class Script:
    """The prompts of a file, in its order; `notes` are sentences on what was left out."""

    drafts: tuple[Draft, ...]
    n_empty: int
    n_duplicates: int
    notes: tuple[str, ...]


def read_script(data: bytes, name: str, language: str = "en") -> Script:
    """The prompts in a .txt (one a line), .csv or .tsv file (column `text` or `prompt`, else the first), in
    NFC.

    Empty lines and duplicates are dropped and counted. BadInput, with the file's name and the line, for
    binary data, other encodings than UTF-8 and UTF-16, lines over 400 characters, over 20,000 lines, or no
    prompt at all.
    """
    text = _decoded(data, name)
    ending = name.lower().rpartition(".")[2]
    notes: list[str] = []
    lines = list(_table(text, name, ending, notes) if ending in ("csv", "tsv") else _plain(text))
    if len(lines) > MOST_LINES:
        raise BadInput(
            f"{name} has {len(lines):,} lines; at most {MOST_LINES:,} fit in one script: split the file."
        )
    drafts: dict[str, Draft] = {}
    n_empty = n_duplicates = 0
    for number, raw, group in lines:
        prompt = " ".join(unicodedata.normalize("NFC", raw).split())
        if len(prompt) > MOST_CHARS:
            raise BadInput(
                f"Line {number} of {name} has {len(prompt)} characters; a prompt is at most {MOST_CHARS}: "
                f"split the line."
            )
        n_empty += not prompt
        n_duplicates += prompt in drafts
        if prompt:
            drafts.setdefault(prompt, Draft(prompt, group, language))
    if not drafts:
        raise BadInput(f"{name} holds no prompts: write one prompt a line and save it as UTF-8 text.")
    return Script(tuple(drafts.values()), n_empty, n_duplicates, (*notes, *_left_out(n_empty, n_duplicates)))


def _left_out(n_empty: int, n_duplicates: int) -> Iterator[str]:
    if n_empty:
        yield f"{n_empty:,} empty line{'s were' if n_empty > 1 else ' was'} left out."
    if n_duplicates:
        yield (
            f"{n_duplicates:,} line{'s' if n_duplicates > 1 else ''} stood there before and came in "
            f"only once."
        )


def _decoded(data: bytes, name: str) -> str:
    """The file's text by its byte order mark, else as UTF-8; BadInput for anything that is not text."""
    if len(data) > MOST_BYTES:
        raise BadInput(
            f"{name} has {len(data) / 1e6:.0f} MB; a prompt file is at most {MOST_BYTES // 10**6} MB: "
            f"split the file."
        )
    encoding = next((encoding for bom, encoding in _BOMS if data.startswith(bom)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if b"\x00" in data[:4096]:
            raise _binary(name) from error
        line = data[: error.start].count(b"\n") + 1
        raise BadInput(
            f"{name} is not UTF-8 or UTF-16 text (line {line} cannot be read): save it again as UTF-8 "
            f"text, one prompt a line."
        ) from error
    if _CONTROL.search(text):
        raise _binary(name)
    return text.removeprefix("\ufeff")


def _binary(name: str) -> BadInput:
    return BadInput(
        f"{name} is not a text file: save the prompts as UTF-8 text (.txt, .csv or .tsv), one prompt a line."
    )


def _plain(text: str) -> Iterator[Line]:
    lines = re.split(r"\r\n|\n|\r", text)
    if not lines[-1].strip():  # the newline that ends the last line begins no other
        lines.pop()
    return ((number, line, "") for number, line in enumerate(lines, 1))


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
    column = next((header.index(wanted) for wanted in _TEXT_COLUMNS if wanted in header), None)
    if column is None and '"' not in text and len({len(row) for _, row in rows if row}) > 1:
        notes.append(
            f"{name} has no column named text or prompt and its rows differ in length, so each line is "
            f"one prompt."
        )
        return _plain(text)
    return _cells(rows, name, column, header)


def _cells(
    rows: list[tuple[int, list[str]]], name: str, column: int | None, header: list[str]
) -> Iterator[Line]:
    at = column or 0
    group = header.index("group") if column is not None and "group" in header else None
    for number, row in rows if column is None else rows[1:]:
        if column is not None and len(row) > len(header):
            raise BadInput(
                f"Line {number} of {name} has {len(row)} columns and the first line has {len(header)}: "
                "put quotes around a prompt that holds the separator."
            )
        yield (
            number,
            row[at] if at < len(row) else "",
            row[group] if group is not None and group < len(row) else "",
        )
