"""A data set of a hub, file by file: the list of one state of it, with the size and the hash of each file."""
from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin

from core.datasets.fetching.http import BROKEN, Digest, opened, unreachable
from core.datasets.fetching.sources import Repository
from core.errors import BadInput

_MOST_BYTES = 32 << 20


@dataclass(frozen=True)
class File:
    """A file of a repository: its path there, where it is fetched from, its size in bytes and its hash."""

    path: str
    url: str
    size: int
    digest: Digest


def files(source: Repository, revision: str = "main") -> list[File]:
    """All files of one state: `revision` is looked up first, so that what is fetched belongs together.

    Raises Unavailable where the hub cannot be asked, BadInput where it answers something else.
    """
    base = f"{source.host}/api/datasets/{quote(source.name)}"
    state, _ = _asked(f"{base}/revision/{quote(revision, safe='')}")
    try:
        commit = state["sha"]
        listed = _pages(f"{base}/tree/{commit}?recursive=true")
        return [_file(source, commit, row) for row in listed if row["type"] == "file"]
    except (KeyError, TypeError) as error:
        raise BadInput(f"{source.host} does not list {source.name} as a hub does ({error!r}); name another "
                       "mirror.") from error


def _file(source: Repository, commit: str, row: dict[str, Any]) -> File:
    url = f"{source.host}/datasets/{quote(source.name)}/resolve/{commit}/{quote(row['path'])}"
    lfs = row.get("lfs")
    digest = Digest("sha256", lfs["oid"]) if lfs else Digest("git", row["oid"])
    return File(row["path"], url, int(row["size"]), digest)


def _pages(url: str) -> Iterator[dict[str, Any]]:
    """All rows of a list that comes in pages: the header Link names the next one (RFC 8288)."""
    following: str | None = url
    while following:
        rows, link = _asked(following)
        yield from rows
        found = re.search(r'<([^>]+)>\s*;\s*rel="?next"?', link)
        following = urljoin(following, found.group(1)) if found else None


def _asked(url: str) -> tuple[Any, str]:
    """The JSON at `url`, and its header Link."""
    try:
        with opened(url) as answer:
            return json.loads(answer.read(_MOST_BYTES)), str(answer.headers.get("Link") or "")
    except BROKEN as error:
        raise unreachable(url, error) from error
    except ValueError as error:
        raise BadInput(f"{url} does not answer as a hub does; name another mirror.") from error
