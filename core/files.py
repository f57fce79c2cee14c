"""Atomic files, JSON lines, hashes and names that cannot leave their folder."""
from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import unicodedata
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from core.errors import BadInput, Unavailable


def write_atomic(path: Path, data: bytes | str) -> None:
    """Write `data` whole or not at all: temporary name, fsync, rename, fsync of the folder.

    Raises Unavailable when the disk is full; the old content, if any, is untouched then.
    """
    with replacing(path) as file:
        file.write(data.encode("utf-8") if isinstance(data, str) else data)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to that takes the place of `path` at the end, whole or not at all.

    Raises Unavailable when the disk is full; the old content, if any, is untouched then.
    """
    make_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        with open(temporary, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        sync(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise told(error, path) from error
    except BaseException:  # whoever wrote to it broke off
        temporary.unlink(missing_ok=True)
        raise


def make_folder(folder: Path) -> None:
    """Make `folder` with its parents; Unavailable, with what to do, where that is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise told(error, folder) from error


def told(error: OSError, path: Path) -> Exception:
    """The sentence for an OSError that a person can mend; any other error comes back as it is."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Unavailable(
            f"The disk is full: {path.name} could not be written. "
            "Free some space and try again; nothing else was touched."
        )
    if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
        return Unavailable(
            f"{path} cannot be written: no permission. Choose another folder with --data, or change its "
            "owner."
        )
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return Unavailable(f"{path} cannot be a folder: there is a file in its place. Choose another folder.")
    return error


def sync(path: Path) -> None:
    """Make what was written to a file, or renamed inside a folder, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_json(path: Path, value: Any) -> None:
    """Atomic JSON, UTF-8, stable key order."""
    write_atomic(path, json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def read_json(path: Path) -> Any:
    """The JSON in `path`; BadInput names the file when it is no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name} is not readable as JSON: {error}.") from error


def append_jsonl(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Append rows in one write, so that a reader sees whole lines or a tail it drops.

    A tail without newline, left by a killed writer, is cut off first. One writer a file.
    """
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    with open(path, "ab+") as file:
        cut_tail(file)
        file.write(text.encode("utf-8"))


def cut_tail(file: IO[bytes]) -> None:
    """Cut off what stands behind the last newline: half a line, left by a writer who was killed."""
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        return
    file.seek(size - 1)
    if file.read(1) != b"\n":
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)


def read_jsonl(path: Path, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
    """Whole rows from byte `offset` on, and the offset after them; a last line without its newline is
    dropped."""
    if not path.exists():
        return [], 0
    with open(path, "rb") as file:
        file.seek(offset)
        data = file.read()
    whole = data[: data.rfind(b"\n") + 1]
    # parsed together: half the time of parsing a hundred thousand lines one by one
    rows = json.loads(b"[" + b",".join(line for line in whole.splitlines() if line.strip()) + b"]")
    return rows, offset + len(whole)


def each_jsonl(path: Path, offset: int = 0) -> Iterator[tuple[dict[str, Any], int]]:
    """Row by row what `read_jsonl` gives at once, each with the offset after it: for files of any length."""
    if not path.exists():
        return
    with open(path, "rb") as file:
        file.seek(offset)
        for line in file:
            if not line.endswith(b"\n"):
                return
            offset += len(line)
            if line.strip():
                yield json.loads(line), offset


def sha256_of(path: Path) -> str:
    """Hex digest of a file's content."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def safe_name(name: str, what: str = "name") -> str:
    """`name`, if it can be a folder's name: letters of any script, digits, space, - _ and inner dots, at most
    60.

    Raises BadInput with a sentence for anything else ("../../x", "", "con/../x").
    """
    clean = unicodedata.normalize("NFC", name).strip()
    plain = "".join("a" if _spells(char) else char for char in clean)
    if len(clean) > 60 or not clean[:1].isalnum() or not re.fullmatch(r"a[a_ \-]*(\.[a_ \-]+)*", plain):
        raise BadInput(
            f"“{name[:60]}” cannot be a {what}: use letters, digits, spaces, - or _, at most 60, "
            "beginning with a letter or digit."
        )
    return clean


def printable(text: str) -> str:
    """`text` that can be written anywhere: what stands for bytes of a file's name that are no UTF-8 becomes
    question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _spells(char: str) -> bool:
    """Letters, digits, the vowel signs and marks that many scripts write with, and the two joiners."""
    return unicodedata.category(char)[0] in "LMN" or char in "\u200c\u200d"


def slug(name: str) -> str:
    """A folder name made from a validated name: lower case, no spaces."""
    return re.sub(r"\s+", "-", safe_name(name)).lower()


def inside(root: Path, path: Path) -> Path:
    """`path` resolved, if it lies within `root`; BadInput otherwise."""
    resolved = (root / path).resolve()
    if not resolved.is_relative_to(root.resolve()):
        raise BadInput(f"{path} lies outside the data folder {root}.")
    return resolved


def free_gb(path: Path) -> float:
    """Free space in GB on the disk that holds `path` (or its nearest existing parent)."""
    while not path.exists():
        path = path.parent
    stat = os.statvfs(path)
    return stat.f_bavail * stat.f_frsize / 1e9


def check_room(n_bytes: int, folder: Path) -> None:
    """Unavailable, with both numbers, where the disk of `folder` has no room for so many bytes."""
    wanted, free = n_bytes / 1e9, free_gb(folder)
    if free < wanted:
        raise Unavailable(
            f"The export needs {wanted:.1f} GB, and {free:.1f} GB are free on the disk of {folder}: free some"
            " space, or choose another disk; nothing was written."
        )


def walk_files(folder: Path, endings: tuple[str, ...]) -> Iterator[Path]:
    """Files below `folder` with one of `endings` (lower case, with dot), sorted, hidden ones left out."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix.lower() in endings and not path.name.startswith("."):
            yield path
