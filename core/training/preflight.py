"""What would spoil a run, looked for before it starts: the same checks on the page and in the worker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from core.errors import Refused
from core.families.base import LEFT_OUT, Trains
from core.families.base.options import LoopOptions
from core.types import Finding, Row


def findings(family: Trains, rows: Sequence[Row], base: Path, options: LoopOptions) -> list[Finding]:
    """All findings on the train and validation clips; raises StudioError when the base
    itself cannot be used."""
    family.check_base(base)
    used = [row for row in rows if row.split != "test"]
    return [*_splits(rows), *family.preflight(used, base, options)]


def refuse(found: Iterable[Finding]) -> None:
    """Raise Refused with the sentences of the findings that forbid a run."""
    bad = [f.sentence for f in found if f.level == "refuse"]
    if bad:
        raise Refused(" ".join(bad))


def learnable(rows: Sequence[Row], found: Sequence[Finding]) -> list[Row]:
    """`rows` without those that a finding leaves out. Refused when nothing to train on remains."""
    gone = {clip for finding in found if finding.code == LEFT_OUT for clip in finding.ids}
    kept = [row for row in rows if row.id not in gone]
    refuse(f for f in _splits(kept) if f.level == "refuse")
    return kept


def _splits(rows: Sequence[Row]) -> list[Finding]:
    n = {split: sum(row.split == split for row in rows) for split in ("train", "val", "test")}
    found = []
    if n["train"] == 0:
        found.append(
            Finding(
                "no_training_clips",
                "refuse",
                "The dataset has no clips to train on; accept more takes and make it again.",
                0.0,
            )
        )
    if n["val"] == 0:
        found.append(
            Finding(
                "no_validation_clips",
                "warn",
                "The dataset has no validation clips, so the last checkpoint counts as the best "
                "and no error rate is shown while training.",
                0.0,
            )
        )
    ids = [row.id for row in rows]
    twice = sorted({i for i in ids if ids.count(i) > 1}) if len(set(ids)) != len(ids) else []
    if twice:
        found.append(
            Finding(
                "ids_twice",
                "refuse",
                f"{len(twice)} clips are in the dataset twice: {', '.join(twice[:5])}.",
                float(len(twice)),
                tuple(twice),
            )
        )
    return found
