"""Download a corpus by name: room first, then fetched, checked, unpacked; asked again it goes on."""
from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from core.datasets.fetching import hub
from core.datasets.fetching.http import Digest, Tick, fetch, size_of
from core.datasets.fetching.sources import Archive, Repository, named
from core.datasets.fetching.unpack import safe_place, unpack
from core.errors import Unavailable
from core.files import free_gb, make_folder

Tell = Callable[[str], None]
UNPACKED = 2.2
"""Bytes on the disk for each of an archive of compressed sounds: itself, and what is in it."""
_TELL_SECONDS = 5.0


def download(name: str, to: Path, mirror: str = "", revision: str = "main", keep: bool = False,
             tell: Tell = lambda text: None) -> str:
    """Bring the corpus `name` into the folder `to`; what was done, as a sentence. `keep` leaves the archive.

    Raises NotFound for a name that is not known, Unavailable for the network or too little room, Refused for
    what is not the corpus or would be written outside.
    """
    source = named(name, mirror)
    make_folder(to)
    if isinstance(source, Repository):
        return _repository(source, to, revision, tell)
    return _archive(source, to, keep, tell)


def _archive(source: Archive, to: Path, keep: bool, tell: Tell) -> str:
    if (to / source.whole).exists():
        return f"{to / source.whole} is there already; remove it to download it again."
    packed = to / source.url.rpartition("/")[2]
    begun = (packed, packed.with_name(f"{packed.name}.part"))
    there = sum(path.stat().st_size for path in begun if path.exists())
    _check_room(round(size_of(source.url) * UNPACKED) - there, to)
    fetch(source.url, packed, Digest("sha256", source.sha256), _ticker(packed.name, tell))
    tell(f"Unpacking {packed.name} ...")
    unpack(packed, to)
    if not keep:
        packed.unlink()
    return f"{to / source.whole} is complete."


def _repository(source: Repository, to: Path, revision: str, tell: Tell) -> str:
    folder = to / source.name.rpartition("/")[2]
    files = hub.files(source, revision)
    places = [safe_place(folder, file.path) for file in files]
    missing = sum(file.size for file, place in zip(files, places, strict=True) if not place.exists())
    _check_room(missing, to)
    total, done = sum(file.size for file in files), 0
    ticker = _ticker(source.name, tell)
    for file, place in zip(files, places, strict=True):
        fetch(file.url, place, file.digest)
        done += file.size
        ticker(done, total)
    return f"{folder} is complete: {len(files):,} files."


def _check_room(n_bytes: int, to: Path) -> None:
    wanted, free = max(0, n_bytes) / 1e9, free_gb(to)
    if free < wanted:
        raise Unavailable(f"The download needs {wanted:.1f} GB, and {free:.1f} GB are free on the disk of "
                          f"{to}: free some space, or choose another folder with --to; nothing was fetched.")


def _ticker(name: str, tell: Tell) -> Tick:
    """Tells every few seconds how much is there."""
    last = time.monotonic()

    def tick(n: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > _TELL_SECONDS:
            last = time.monotonic()
            of = f" of {total / 1e6:,.0f}" if total else ""
            tell(f"{name}: {n / 1e6:,.0f}{of} MB ...")

    return tick
