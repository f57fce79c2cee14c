"""A dataset on disk: `manifest.jsonl`, one Row a line, and its fingerprint."""
from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.errors import NotFound
from core.files import read_json, read_jsonl, write_atomic
from core.types import Row, Word

NAME, ABOUT = "manifest.jsonl", "dataset.json"


def write(folder: Path, rows: Sequence[Row]) -> Path:
    """Write `rows` to `folder/manifest.jsonl` and return its path."""
    path = folder / NAME
    write_atomic(path, "".join(_line(row) + "\n" for row in rows))
    return path


def read(folder: Path) -> list[Row]:
    """The rows of `folder/manifest.jsonl`; `audio` stays relative to `folder`."""
    path = folder / NAME
    if not path.exists():
        raise NotFound(f"There is no dataset in {folder}: {NAME} is missing.")
    return [_row(raw) for raw in read_jsonl(path)[0]]


def about(folder: Path) -> dict[str, Any]:
    """What a dataset says of itself; a folder from elsewhere may say nothing."""
    path = folder / ABOUT
    return read_json(path) if path.is_file() else {}


def corpus_of(folder: Path) -> str:
    """The folder of the corpus that a dataset is made of, where it lies; "" for takes of a project."""
    return str(about(folder).get("corpus") or "")


def fingerprint(rows: Sequence[Row]) -> str:
    """Sixteen hex digits of what a run learns from: texts, splits, times and audio hashes, in any order."""
    digest = hashlib.sha256()
    for line in sorted(_line(dataclasses.replace(row, audio="")) for row in rows):
        digest.update(line.encode("utf-8"))
    return digest.hexdigest()[:16]


def _line(row: Row) -> str:
    raw = dataclasses.asdict(row)
    raw["words"] = [[w.text, w.start, w.end, w.score] for w in row.words]
    if not row.stamp:
        del raw["stamp"]  # a dataset of before there were stamps keeps its fingerprint
    return json.dumps(raw, ensure_ascii=False, sort_keys=True)


def _row(raw: dict) -> Row:
    return Row(**{**raw, "words": tuple(Word(*w) for w in raw.get("words", []))})
