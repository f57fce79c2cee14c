"""One file over HTTP: begun again where it was broken off, and kept only when its hash is the right one."""
from __future__ import annotations

import hashlib
import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.errors import BadInput, Refused, Unavailable
from core.files import make_folder, sync, told, write_atomic

BLOCK = 1 << 20
TIMEOUT = 30.0
ATTEMPTS = 5
PAUSE = 2.0
"""Seconds before the second attempt; twice as many before each that follows."""
Tick = Callable[[int, int], None]
"""Hears how many bytes of how many are there (0: the server does not say)."""
BROKEN = (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError)


@dataclass(frozen=True)
class Digest:
    """What the content must hash to: `kind` is "sha256", or "git" as repositories know small files."""

    kind: str
    value: str

    def of(self, path: Path) -> str:
        """The hash of a file."""
        made = hashlib.sha256()
        if self.kind == "git":
            made = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
        with open(path, "rb") as file:
            while block := file.read(BLOCK):
                made.update(block)
        return made.hexdigest()


def opened(url: str, **headers: str) -> Any:
    """The answer to a GET. BadInput for an address that is not http or https."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise BadInput(f"{url} is no address to download from: it has to begin with https://.")
    asked = urllib.request.Request(url, headers={"User-Agent": "voicewright", **headers})
    return urllib.request.urlopen(asked, timeout=TIMEOUT)


def size_of(url: str) -> int:
    """How many bytes a server has at `url`, 0 where it does not say. Unavailable where it cannot be asked."""
    try:
        with opened(url) as answer:
            return int(answer.headers.get("Content-Length") or 0)
    except BROKEN as error:
        raise unreachable(url, error) from error


def fetch(url: str, path: Path, digest: Digest, tick: Tick | None = None) -> None:
    """Bring `url` to `path`, which is there only when it is whole; a .part beside it is gone on with.

    Raises Unavailable when the network fails for good (the same call goes on from there) or the disk is full,
    Refused when what came is not what it should be: it is removed then.
    """
    if path.exists() and digest.of(path) == digest.value:
        return
    make_folder(path.parent)
    part = path.with_name(f"{path.name}.part")
    for attempt in range(ATTEMPTS):
        try:
            _go_on(url, part, tick or (lambda n, total: None))
            break
        except BROKEN as error:
            if attempt + 1 == ATTEMPTS or (isinstance(error, urllib.error.HTTPError) and error.code < 500):
                raise unreachable(url, error) from error
            time.sleep(PAUSE * 2**attempt)
    found = digest.of(part)
    if found != digest.value:
        _forget(part)
        raise Refused(f"{path.name} from {urlsplit(url).netloc} is not what it should be ({digest.kind} "
                      f"{found} instead of {digest.value}): it was removed. Try again, or another mirror.")
    part.replace(path)
    _forget(part)
    sync(path.parent)


def _go_on(url: str, part: Path, tick: Tick) -> None:
    """From the end of `part` on, if the server still has the same file (its ETag); else from the start."""
    mark = part.with_name(f"{part.name}.etag")
    there = part.stat().st_size if part.exists() and mark.exists() else 0
    asked = {"Range": f"bytes={there}-", "If-Range": mark.read_text("utf-8")} if there else {}
    try:
        answer = opened(url, **asked)
    except urllib.error.HTTPError as error:
        if error.code == 416:  # nothing is behind what is there: it is whole, as its hash will tell
            return
        raise
    with answer:
        is_rest = answer.status == 206
        _note(mark, answer.headers.get("ETag") or "")
        n, left = there if is_rest else 0, int(answer.headers.get("Content-Length") or 0)
        total = n + left if left else 0
        try:
            with open(part, "ab" if is_rest else "wb") as file:
                while block := answer.read(BLOCK):
                    file.write(block)
                    n += len(block)
                    tick(n, total)
        except OSError as error:
            if isinstance(error, BROKEN):
                raise
            raise told(error, part) from error
    if total and n < total:
        raise http.client.IncompleteRead(b"", total - n)


def _note(mark: Path, etag: str) -> None:
    """Keep what the server calls this state of the file; without a name it cannot be gone on with."""
    if not etag or etag.startswith("W/"):
        mark.unlink(missing_ok=True)
    elif not mark.exists() or mark.read_text("utf-8") != etag:
        write_atomic(mark, etag)


def _forget(part: Path) -> None:
    for path in (part, part.with_name(f"{part.name}.etag")):
        path.unlink(missing_ok=True)


def unreachable(url: str, error: Exception) -> Unavailable:
    return Unavailable(f"{url} cannot be downloaded ({error}): check the network or name another mirror. "
                       "What is there is kept, and the same command goes on from it.")
