"""The text of a long recording from a document: plain text, Word (.docx), or one file a section.

Start marks such as [00:12:30] at the head of a line divide a document into sections and are taken out.
"""
from __future__ import annotations

import codecs
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import BadInput, NotFound

ENDINGS = (".txt", ".docx")
MOST_BYTES = 20_000_000
"""A hundred hours of speech are about 6 MB of text."""
_MOST_INFLATED = 200_000_000
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Begins old .doc files, and .docx files with a password."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_CLOCK = r"(?:(?P<{0}h>\d{{1,2}}):)?(?P<{0}m>\d{{1,3}}):(?P<{0}s>[0-5]\d(?:[.,]\d+)?)"
_MARK = re.compile(rf"\s*(?:[\[(]{_CLOCK.format('')}[\])]|(?=\d+:\d\d:){_CLOCK.format('bare_')}(?=\s|$))"
                   r"[\s:–—-]*")
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BROKEN = (OSError, EOFError, zlib.error, zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, LookupError,
           AttributeError, TypeError, NotImplementedError, RuntimeError, AssertionError)
"""What python-docx and zipfile raise for damaged parts, or for XML of another kind than Word's."""
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


@dataclass(frozen=True)
class Section:
    """A stretch of text; `start` in seconds of its recording where a mark says so. Lines stay lines."""

    name: str
    text: str
    start: float | None = None


def read_all(paths: Sequence[Path]) -> list[Section]:
    """The sections of several documents, each file one or more, by name as a person counts (2 before 10)."""
    ordered = sorted(paths, key=lambda path: [int(part) if part.isdigit() else part
                                              for part in re.split(r"(\d+)", path.name.casefold())])
    return [section for path in ordered for section in read(path)]


def read(path: Path) -> list[Section]:
    """The sections of a document: from start mark to start mark, else one. Text in NFC.

    UTF-8, UTF-16 and UTF-32 by mark or by look, else Latin-1 as Windows writes it. Raises NotFound, and
    BadInput, with the file's name, for what is empty, over 20 MB, no text, damaged or has a password.
    """
    data = _bytes(path)
    if data.startswith(_OLE):
        raise BadInput(f"{path.name} has a password, or is in the old format of Word (.doc): open it, and "
                       "save it as .docx without a password, or as plain text.")
    if path.suffix.lower() == ".docx" or data.startswith(b"PK\x03\x04"):
        text = "\n".join(_paragraphs(path))
    else:
        text = decoded(data, path.name)
    text = unicodedata.normalize("NFC", text)
    if not text.strip():
        raise BadInput(f"{path.name} holds no text: choose the file with what was said.")
    return list(_sections(text, path.stem))


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise BadInput(f"{path.name} has {size / 1e6:.0f} MB, and a text has at most "
                           f"{MOST_BYTES / 1e6:.0f} MB: choose the text without its pictures and sounds.")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"{path.name} does not exist; check the path.") from error
    except IsADirectoryError as error:
        raise BadInput(f"{path.name} is a folder: choose the texts in it.") from error
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read ({error.strerror}): check its rights.") from error


def decoded(data: bytes, name: str) -> str:
    """Bytes as text. BadInput, with the file's `name`, for what is no text in a known encoding."""
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _CONTROL.search(text):
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise BadInput(f"{name} is not a text file: save it as plain text (UTF-8), or as .docx.")


def _encodings(data: bytes) -> Iterator[str]:
    """What the bytes may be, the likeliest first; Latin-1 fits everything, so it comes last."""
    marked = next((encoding for bom, encoding in _BOMS if data.startswith(bom)), None)
    if marked:
        yield marked
        return
    head = data[:4096]
    if b"\0" in head:  # half of the bytes of a Latin text in UTF-16 are nought, on one side or the other
        left, right = head[::2].count(0), head[1::2].count(0)
        if max(left, right) > len(head) // 8 > min(left, right):
            yield "utf-16-le" if right > left else "utf-16-be"
        return
    yield from ("utf-8", "cp1252", "latin-1")


# --- Word

def _paragraphs(path: Path) -> list[str]:
    """The paragraphs of a Word document, those in tables and text boxes as well; deletions are left out."""
    from docx import Document
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    _refuse_bomb(path)
    try:
        body = Document(str(path)).element.body
    except (OpcError, LxmlError, *_BROKEN) as error:
        raise _damaged(path) from error
    if body is None:
        raise _damaged(path)
    return ["".join(_signs(paragraph)) for paragraph in body.iter(f"{_WORD}p")
            if next(paragraph.iterancestors(_FALLBACK), None) is None]


def _signs(paragraph: object) -> Iterator[str]:
    """The text of a paragraph, with what was inserted under "track changes"."""
    for node in paragraph.iter(f"{_WORD}t", f"{_WORD}tab", f"{_WORD}br", f"{_WORD}cr"):  # type: ignore[attr-defined]
        if next(node.iterancestors(f"{_WORD}p"), None) is not paragraph:  # a text box: a paragraph by itself
            continue
        yield (node.text or "") if node.tag == f"{_WORD}t" else "\t" if node.tag == f"{_WORD}tab" else "\n"


def _refuse_bomb(path: Path) -> None:
    """Before anything is inflated: a document of 20 MB may claim to hold terabytes."""
    try:
        with zipfile.ZipFile(path) as parts:
            size = sum(part.file_size for part in parts.infolist() if part.filename.endswith(".xml"))
            if any(part.flag_bits & 1 for part in parts.infolist()):
                raise BadInput(f"{path.name} has a password: save it without one, or as plain text.")
    except _BROKEN as error:
        raise _damaged(path) from error
    if size > _MOST_INFLATED:
        raise BadInput(f"{path.name} would take {size / 1e6:.0f} MB to open: save its text as a plain text "
                       "file.")


def _damaged(path: Path) -> BadInput:
    return BadInput(f"{path.name} is not a whole Word document: open it in Word or LibreOffice, and save it "
                    "again as .docx or as plain text.")


# --- start marks

def start_of(line: str) -> tuple[float | None, str]:
    """The start mark at the head of a line in seconds (None: there is none), and the line without it.

    [00:12:30], (12:30.5) and, with hours, 00:12:30 are marks; a bare 12:30 is something that is said.
    """
    match = _MARK.match(line)
    if match is None:
        return None, line
    names = ("h", "m", "s") if match["s"] else ("bare_h", "bare_m", "bare_s")
    hours, minutes, seconds = (match[name] for name in names)
    if hours and int(minutes) > 59:
        return None, line
    start = int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds.replace(",", "."))
    return start, line[match.end():]


def _sections(text: str, name: str) -> Iterator[Section]:
    start: float | None = None
    lines: list[str] = []
    for line in text.split("\n"):
        mark, rest = start_of(line)
        if mark is not None:
            yield from _section(name, lines, start)
            start, lines = mark, []
        lines.append(rest.rstrip())
    yield from _section(name, lines, start)


def _section(name: str, lines: Sequence[str], start: float | None) -> Iterator[Section]:
    """A section, if it says anything, called after its document and where it starts."""
    text = "\n".join(lines).strip()
    if text:
        minutes, seconds = divmod(int(start or 0), 60)
        clock = "" if start is None else f" {minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
        yield Section(f"{name}{clock}", text, start)
