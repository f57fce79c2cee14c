"""The sounds of a dataset as a model would hear them: there, readable, with something said in them, of a
length that the model takes. Rows 5 and 15 of the table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.audio.read import read
from core.audio.silence import silence
from core.errors import StudioError
from core.families.base import HasLimits
from core.training.checks import Check, passed, refused, some, warned
from core.types import Row

BEGINNING = 30.0
"""Seconds of a file of a corpus that are listened to."""


def heard(rows: Sequence[Row], folder: Path, most: int | None = None) -> list[Check]:
    """Listen to `rows` below `folder`, or to `most` of them, evenly spread. What cannot be read, or holds
    NaN, is refused with its reason, what holds no speech is told. Of a corpus the beginnings are heard, and
    what cannot be read there is told: a run leaves it out."""
    step = max(1, -(-len(rows) // most)) if most else 1
    taken = rows[::step]
    unusable: list[str] = []
    lost: list[str] = []
    silent: list[str] = []
    reason = ""
    for row in taken:
        try:
            end = min(row.end, row.start + BEGINNING) if row.stamp else row.end
            sound = read(folder / row.audio, row.start, end)
        except StudioError as error:
            (lost if row.stamp else unusable).append(row.id)
            reason = reason or str(error)
            continue
        if silence(sound.samples, sound.rate).ratio >= 1:
            silent.append(row.id)
    found = []
    if unusable:
        found.append(refused("sounds", f"{len(unusable)} of {len(taken)} clips cannot be heard:"
                             f" {some(unusable)}. The first: {reason}", unusable, n=len(unusable)))
    if lost:
        found.append(warned("sounds", f"{len(lost)} of {len(taken)} clips of the corpus cannot be heard, and"
                            f" are left out: {some(lost)}. The first: {reason}", lost, n=len(lost)))
    if silent:
        found.append(warned("sounds", f"{len(silent)} of {len(taken)} clips hold no speech:"
                            f" {some(silent)}. Listen to them, and leave them out or record them"
                            " again.", silent, n=len(silent)))
    return found or [passed("sounds", f"{len(taken)} of {len(rows)} clips were listened to: all hold speech.",
                            n=len(taken), n_all=len(rows))]


def lengths(family: object, rows: Sequence[Row], base: Path) -> list[Check]:
    """Clips that are shorter or longer than the model can take."""
    if not rows:
        return []
    seconds = [row.seconds for row in rows]
    figures: dict[str, Any] = {"shortest": min(seconds), "longest": max(seconds)}
    least, most = family.clip_limits(base) if isinstance(family, HasLimits) else (0.0, None)
    short = [row.id for row in rows if row.seconds < least or row.seconds <= 0]
    long = [row.id for row in rows if most is not None and row.seconds > most]
    found = []
    if short:
        found.append(refused("lengths", f"{len(short)} clips are too short for this model, which needs"
                             f" {least:.2f} s: {some(short)}.", short, **figures))
    if long:
        found.append(refused("lengths", f"{len(long)} clips are longer than the {most:.0f} s that this model"
                             f" takes: {some(long)}; cut them.", long, **figures))
    return found or [passed("lengths", f"The clips last {min(seconds):.1f} to {max(seconds):.1f} s, which"
                            " this model can take.", **figures)]
