"""Unpack an archive from elsewhere: plain files and folders only, nothing outside, no more than fits."""
from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path, PurePosixPath

from core.errors import BadInput, Refused, Unavailable
from core.files import free_gb, told

SPARE = 64 << 20
"""Bytes that stay free on the disk."""
_BLOCK = 1 << 20


def safe_place(root: Path, name: str) -> Path:
    """Where `name` goes below `root`. Refused for an absolute path and for one that climbs."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or ":" in parts[0] or set(name) & {"\0", "\\"}:
        raise Refused(f"“{name[:80]}” would be written outside the folder that was named; nothing was kept.")
    return root.joinpath(*parts)


def unpack(archive: Path, folder: Path) -> None:
    """All of a .tar.gz into `folder`, whole or not at all: what one call did not end, the next begins anew.

    What is there already is kept as it is; folders that are new are moved in at once. Raises Refused for
    links, devices and paths outside, BadInput for what is no archive, Unavailable on a full disk.
    """
    waiting = folder / f".{archive.name}.unpacking"
    shutil.rmtree(waiting, ignore_errors=True)
    try:
        waiting.mkdir(parents=True)
        with tarfile.open(archive, "r|*") as tar:
            for member in tar:
                _take(tar, member, waiting)
        _move_in(waiting, folder)
    except (tarfile.TarError, EOFError) as error:
        raise BadInput(f"{archive.name} is damaged, or no archive ({error}); download it again.") from error
    except OSError as error:
        raise told(error, folder) from error
    finally:
        shutil.rmtree(waiting, ignore_errors=True)


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    place = safe_place(folder, member.name) if member.name.strip("./") else folder
    if member.isdir():
        place.mkdir(parents=True, exist_ok=True)
        return
    source = tar.extractfile(member) if member.isreg() else None
    if source is None:
        raise Refused(f"“{member.name[:80]}” is a link or a device, not a file; nothing was kept.")
    if member.size + SPARE > free_gb(folder) * 1e9:
        raise Unavailable(f"The disk of {folder.parent} is full: {member.name} does not fit. Free some space "
                          "and try again; nothing was kept.")
    place.parent.mkdir(parents=True, exist_ok=True)
    with source, open(place, "xb") as file:  # a second entry of the same name is an error
        shutil.copyfileobj(source, file, _BLOCK)


def _move_in(waiting: Path, folder: Path) -> None:
    """Move what is new; where a folder is there already, what is new in it."""
    for entry in sorted(waiting.iterdir()):
        target = folder / entry.name
        if not target.exists():
            os.rename(entry, target)
        elif entry.is_dir() and target.is_dir():
            _move_in(entry, target)
