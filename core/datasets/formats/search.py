"""Everything to import in what a person chose: the tables of a folder, else its sounds with their texts."""
from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from core.audio.header import ENDINGS
from core.datasets.formats import FORMATS, TABLES
from core.datasets.formats.base import Format, Found
from core.datasets.formats.sidecars import beside


def format_of(path: Path, formats: dict[str, Format]) -> Format | None:
    """The first format that claims a file or a folder."""
    return next((each for each in formats.values() if each.claims(path)), None)


def tables_in(folder: Path) -> Iterator[str]:
    """The names of the formats whose tables speak for `folder`, or for folders in it (see `search`)."""
    name = next((name for name, each in TABLES.items() if each.claims(folder)), None)
    if name:
        yield name
        return
    try:
        _, folders = _listed(folder)
    except OSError:
        return  # `search` tells it
    for below in folders:
        yield from tables_in(folder / below)


def search(chosen: Path) -> Iterator[Found]:
    """Sounds, sorted by folder and name; hidden files, and links to other folders, are left out.

    Where a table lies, it speaks for its folder and all below: what it does not name stays out, and one
    problem says how many those are. A chosen file that is neither a sound nor a table is a problem, too.
    """
    if chosen.is_dir():
        yield from _folder(chosen, chosen.resolve())
    elif chosen.suffix.lower() in ENDINGS:
        yield from beside(chosen)
    elif claimed := format_of(chosen, FORMATS):
        yield from claimed.read(chosen, chosen.parent.resolve())
    elif not chosen.exists():
        yield Found(chosen, problem=f"{chosen.name} does not exist; check the path.")
    else:
        told = f"{chosen.name} is neither a sound file nor a table that names some"
        yield Found(chosen, problem=f"{told}: choose another file, or the folder in which the sounds lie.")


def _folder(folder: Path, root: Path) -> Iterator[Found]:
    if claimed := format_of(folder, TABLES):
        named: set[str] = set()
        for found in claimed.read(folder, root):
            named.add(os.path.realpath(found.audio))
            yield found
        yield from _left_out(folder, named)
        return
    try:
        files, folders = _listed(folder)
    except OSError as error:
        told = f"The folder {folder.name} cannot be opened ({error.strerror}): check its rights."
        yield Found(folder, problem=told)
        return
    for name in sorted(files):
        if is_sound(name):
            yield from beside(folder / name, files)
    for name in folders:
        yield from _folder(folder / name, root)


def is_sound(name: str) -> bool:
    """Whether a file's name ends as those of sounds do."""
    return os.path.splitext(name)[1].lower() in ENDINGS


def _listed(folder: Path) -> tuple[set[str], list[str]]:
    """The names of the files, and of the folders in order; hidden ones and linked folders left out."""
    files: set[str] = set()
    folders: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            elif entry.is_file():
                files.add(entry.name)
    return files, sorted(folders)


def _left_out(folder: Path, named: set[str]) -> Iterator[Found]:
    """One problem for all the sounds below `folder` that its table does not name."""
    n, first = 0, ""
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if is_sound(name) and os.path.realpath(os.path.join(place, name)) not in named:
                n, first = n + 1, first or name
    if n:
        what = f"sound file ({first}) is" if n == 1 else f"sound files ({first}, ...) are"
        yield Found(folder, problem=f"{n:,} {what} not named in the table of the folder {folder.name} and so "
                                    "stayed out: add rows for them, or choose those files by themselves.")
