"""What readers give and writers are given: a sound and what is known of it; paths stay in their folder."""
from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from core.audio.header import ENDINGS, info
from core.errors import BadInput
from core.types import Word


@dataclass(frozen=True)
class Found:
    """A sound file, or its part from `start` to `end` (seconds; None: to its end), and what is known of it.

    Times of `words` count from `start`. With a `problem` (a sentence) there is nothing to import. `id` is
    what the file calls this part, where its format has a place for that. `inline` is a sound that stands in
    its table, in base64: then `audio` is only the name that it gets.
    """

    audio: Path
    text: str = ""
    words: tuple[Word, ...] = ()
    speaker: str = ""
    language: str = ""
    start: float = 0.0
    end: float | None = None
    problem: str = ""
    id: str = ""
    inline: str = ""


class Format(Protocol):
    """One reader: a module of this folder."""

    def claims(self, path: Path) -> bool:
        """Whether this file, or something in this folder, is of the format."""

    def read(self, path: Path, root: Path) -> Iterator[Found]:
        """Everything that a claimed file or folder names; nothing outside of `root` (resolved)."""


def tables(path: Path, patterns: Iterable[str], fits: Callable[[Path], bool]) -> list[Path]:
    """The table itself, or those of a folder, that a format knows by their name and by their content."""
    if not path.is_dir():
        return [path] if any(path.match(pattern) for pattern in patterns) and fits(path) else []
    files = sorted({file for pattern in patterns for file in path.glob(pattern)})
    return [file for file in files if file.is_file() and not file.name.startswith(".") and fits(file)]


def pairs(path: Path, endings: tuple[str, ...]) -> Iterator[tuple[Path, Path]]:
    """(text, sound): the file itself with the sound beside it, or all such pairs of a folder."""
    for text in sorted(path.iterdir()) if path.is_dir() else [path]:
        if text.suffix.lower() in endings and (audio := sound_named(text.with_suffix(""))):
            yield text, audio


def each_pair(
    path: Path, endings: tuple[str, ...], parts: Callable[[Path, Path], list[Found]]
) -> Iterator[Found]:
    """`parts` of each pair; a text that cannot be read is the problem of its sound."""
    for text, audio in pairs(path, endings):
        try:
            yield from parts(text, audio)
        except BadInput as error:
            yield Found(audio, problem=str(error))


def each_row(
    table: Path, rows: Iterable[dict[str, Any] | BadInput], found: Callable[[dict[str, Any]], Found]
) -> Iterator[Found]:
    """`found` of each row; a row that cannot be used becomes a problem of its own, and the rest goes on."""
    for row in rows:
        try:
            if isinstance(row, BadInput):
                raise row
            yield found(row)
        except BadInput as error:
            yield Found(table, problem=str(error))


def within(root: Path, table: Path, name: Any) -> Path:
    """The file that a row of `table` calls `name`; BadInput when it is none, or lies outside `root`."""
    if not isinstance(name, str) or not name.strip():
        raise BadInput(f"A row of {table.name} names no sound file: write its path into the row.")
    path = table.parent / name.strip()
    try:
        if not path.exists() and "\\" in name:  # written on Windows
            path = table.parent / name.strip().replace("\\", "/")
        lies_within = path.resolve().is_relative_to(root)
    except (OSError, ValueError, RuntimeError) as error:  # too long, a NUL in it, a ring of links
        told = f"“{name.strip()[:80]}” in {table.name} is no path of a file: mend the row."
        raise BadInput(told) from error
    if not lies_within:
        raise BadInput(
            f"“{name.strip()[:200]}” in {table.name} leads out of the folder {root.name}: only what lies "
            "in the chosen folder is imported. Copy the file there, or choose a folder that holds both."
        )
    return path


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def sound_named(stem: Path) -> Path | None:
    """The sound file of that path without its ending, or None."""
    for ending in ENDINGS:
        for written in (ending, ending.upper()):
            file = stem.with_name(stem.name + written)
            if _exists(file):
                return file
    return None


def seconds(value: Any, what: str, where: str) -> float:
    """A time in seconds; BadInput for what is no time (text, NaN, below zero)."""
    try:
        time = float(value)
    except (TypeError, ValueError, OverflowError):
        time = math.nan
    if not math.isfinite(time) or time < 0:
        raise BadInput(f"{where} gives {str(value)[:40]!r} as {what}: write seconds, such as 2.5.")
    return time


def known(value: Any) -> str:
    """A name or a language as text; empty for anything else."""
    return " ".join(value.split()) if isinstance(value, str) else ""


def speaker_of(label: Any, audio: Path) -> str:
    """A speaker's name from a label: who is "SPEAKER_00" in one file is somebody else in the next one."""
    name = known(label)
    if name == "SPEAKER_MAIN":
        return ""
    return f"{audio.stem[:40]} {name}" if re.fullmatch(r"SPEAKER_\d+", name) else name


def length_of(found: Found) -> float:
    """Seconds of what was found; the header of its sound tells where its end is not known."""
    return (info(found.audio).seconds if found.end is None else found.end) - found.start


def name_in(folder: Path, audio: Path) -> str:
    """How a table in `folder` calls a sound below it."""
    return audio.relative_to(folder).as_posix()


def by_sound(found: Iterable[Found]) -> dict[Path, list[Found]]:
    """The parts of each sound in the order of their times, the sounds in the order of first sight."""
    sounds: dict[Path, list[Found]] = {}
    for part in found:
        sounds.setdefault(part.audio, []).append(part)
    return {audio: sorted(parts, key=lambda part: part.start) for audio, parts in sounds.items()}
