"""Which take shows the voice for which: pairs of one speaker, drawn from (seed, epoch, id) alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from core.types import Row


def partner(rows: Sequence[Row], index: int, least: float, most: float, seed: int, epoch: int) -> int | None:
    """Which of `rows` is the reference of row `index`: another clip of the same speaker in the same part of
    the dataset, of `least` to `most` seconds; None where there is none.

    Clips that say something else come first, so that nothing can be learned by copying.
    """
    able = candidates(rows, index, least, most)
    said = _said(rows[index])
    able = [i for i in able if _said(rows[i]) != said] or able
    if not able:
        return None
    ranked = sorted(able, key=lambda i: rows[i].id)
    told = f"{seed} {epoch} {rows[index].id}".encode()
    return ranked[int.from_bytes(hashlib.sha256(told).digest()[:8], "big") % len(ranked)]


def candidates(rows: Sequence[Row], index: int, least: float, most: float) -> list[int]:
    """Every row that may be the reference of row `index`."""
    target = rows[index]
    return [
        i for i, row in enumerate(rows)
        if row.speaker == target.speaker and row.split == target.split
        and least <= row.seconds <= most and not _same_clip(row, target)
    ]


def alone(rows: Sequence[Row], least: float, most: float) -> tuple[str, ...]:
    """Ids of the rows for which there is no reference."""
    return tuple(row.id for i, row in enumerate(rows) if not candidates(rows, i, least, most))


def _said(row: Row) -> str:
    return " ".join(row.text.casefold().split())


def _same_clip(one: Row, other: Row) -> bool:
    """Whether two rows are, or share, the same stretch of one file."""
    if one.id == other.id:
        return True
    same_file = one.audio == other.audio or (bool(one.sha256) and one.sha256 == other.sha256)
    return same_file and one.start < other.end and other.start < one.end
