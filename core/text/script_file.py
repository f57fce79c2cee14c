"""Reads a person's prompt file, in any script: plain text, CSV, TSV or JSON; whole, or not at all."""
from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.errors import BadInput
from core.text.script_rows import Line, rows_of

MOST_LINES = 20_000
MOST_CHARS = 400
MOST_GROUP_CHARS = 80
MOST_BYTES = 64_000_000
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_MUST = dict.fromkeys(("1", "x", "y", "yes", "true", "must"), True) | dict.fromkeys(
    ("", "0", "-", "n", "no", "false"), False
)


@dataclass(frozen=True)
class Draft:
    """One prompt that is not in a project yet; `must`: it has to be recorded, whatever else is left out."""

    text: str
    group: str
    language: str
    must: bool = False


@dataclass(frozen=True)
class Script:
    """The prompts of a file, in its order; `notes` are sentences on what was left out."""

    drafts: tuple[Draft, ...]
    n_empty: int
    n_duplicates: int
    notes: tuple[str, ...]


def read_script(data: bytes, name: str, language: str = "en") -> Script:
    """The prompts in a .txt (one a line), .csv or .tsv file (column `text` or `prompt`, else the first) or
    .json list (of texts, or of objects with the same keys), in NFC.

    Columns `group`, `language` (else `language` as given) and `must` (yes or no) are heeded. Empty lines and
    duplicates are dropped and counted. BadInput, with the file's name and the line, for binary data, other
    encodings than UTF-8 and UTF-16, a bad row, over 20,000 lines, or no prompt at all.
    """
    notes: list[str] = []
    lines = list(rows_of(_decoded(data, name), name, notes))
    if len(lines) > MOST_LINES:
        raise BadInput(
            f"{name} has {len(lines):,} lines; at most {MOST_LINES:,} fit in one script: split the file."
        )
    drafts: dict[str, Draft] = {}
    n_empty = n_duplicates = 0
    for line in lines:
        draft = _draft(line, f"Line {line.number} of {name}", language)
        known = drafts.get(draft.text)
        n_empty += not draft.text
        n_duplicates += known is not None
        if draft.text:
            drafts[draft.text] = replace(known, must=known.must or draft.must) if known else draft
    if not drafts:
        raise BadInput(f"{name} holds no prompts: write one prompt a line and save it as UTF-8 text.")
    return Script(tuple(drafts.values()), n_empty, n_duplicates, (*notes, *_left_out(n_empty, n_duplicates)))


def clean_prompt(raw: str, where: str = "The prompt") -> str:
    """A prompt in NFC with single spaces; BadInput, beginning with `where`, for one that is too long or
    holds what cannot be written.
    """
    if _CONTROL.search(raw):
        raise BadInput(f"{where} holds a control character that cannot be read aloud: take it out.")
    prompt = " ".join(unicodedata.normalize("NFC", raw).split())
    if len(prompt) > MOST_CHARS:
        raise BadInput(
            f"{where} has {len(prompt)} characters; a prompt is at most {MOST_CHARS}: split it."
        )
    return prompt


def _draft(line: Line, where: str, language: str) -> Draft:
    text = clean_prompt(line.text, where)
    if not text:
        return Draft("", "", language)
    must = _MUST.get(line.must.strip().casefold())
    if must is None:
        raise BadInput(f"{where} has “{line.must.strip()}” under “must”: write yes or no, or leave it empty.")
    if len(line.group) > MOST_GROUP_CHARS:
        raise BadInput(
            f"{where} has a group of {len(line.group)} characters; at most {MOST_GROUP_CHARS} fit."
        )
    code = line.language.strip() or language
    if line.language.strip() and not _LANGUAGE.fullmatch(code):
        raise BadInput(f"{where} has the language “{code}”: write its code, such as en, de or pt-BR.")
    return Draft(text, clean_prompt(line.group, where), code, must)


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
        f"{name} is not a text file: save the prompts as UTF-8 text (.txt, .csv, .tsv or .json), one prompt "
        "a line."
    )
