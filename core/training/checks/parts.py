"""The three parts of a dataset: whether each is there and large enough, and whether they share anything. Rows
14 and 21 of the table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from core.errors import Refused
from core.text.normalise import for_scoring
from core.training.checks import Check, passed, refused, some, warned
from core.types import Finding, Row

FEW_LEARNED, FEW_WATCHED, FEW_JUDGED = 10, 3, 20
"""Fewer clips than these in a part are told; the last is what a verdict says of itself."""
Key = Callable[[Row], str]


def sizes(rows: Sequence[Row]) -> Iterator[Finding]:
    """What is missing: nothing to learn from forbids a run, nothing to watch is told."""
    if not _count(rows, "train"):
        yield Finding(
            "no_training_clips",
            "refuse",
            "The dataset has no clips to train on; accept more takes and make it again.",
            0.0,
        )
    if not _count(rows, "val"):
        yield Finding(
            "no_validation_clips",
            "warn",
            "The dataset has no validation clips, so the last checkpoint counts as the best "
            "and no error rate is shown while training.",
            0.0,
        )


def small(rows: Sequence[Row]) -> list[Check]:
    """What the sizes of the parts allow to say, where there is something in them."""
    learned, watched, judged = (_count(rows, part) for part in ("train", "val", "test"))
    found = []
    if 0 < learned < FEW_LEARNED:
        found.append(warned("parts", f"Only {learned} clip{'' if learned == 1 else 's'} to learn from: a"
                            " model learns them by heart and little else; about 50 make a"
                            " difference.", n=learned))
    if 0 < watched < FEW_WATCHED:
        found.append(warned("parts", f"Only {watched} clip{'' if watched == 1 else 's'} to watch: the best"
                            " checkpoint is then chosen nearly by chance.", n=watched))
    if judged == 0:
        found.append(warned("parts", "The test part holds no clips, so there will be no verdict.", n=0))
    elif judged < FEW_JUDGED:
        found.append(warned("parts", f"Only {judged} clip{'' if judged == 1 else 's'} to judge by: a"
                            f" verdict on fewer than {FEW_JUDGED} proves little.", n=judged))
    figures: dict[str, Any] = {"train": learned, "val": watched, "test": judged}
    return found or [passed("parts", f"{learned} clips to learn from, {watched} to watch, {judged} to"
                                     " judge by.",
                            **figures)]


def _count(rows: Sequence[Row], part: str) -> int:
    return sum(row.split == part for row in rows)


def leaks(rows: Sequence[Row]) -> list[Check]:
    """What stands in the training part and in another: the same sound is refused, a prompt or text told, and
    refused where nothing else is left to judge by; a voice is told where there are others."""
    found = [_sounds(rows), *_texts(rows), _voices(rows)]
    left = [check for check in found if check is not None]
    return left or [passed("leakage", "No sound, prompt or text of the training part is in another one.")]


def _shared(rows: Sequence[Row], key: Key) -> dict[str, list[Row]]:
    """The rows by key of those keys that training shares with another part."""
    by_key: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if value := key(row):
            by_key[value].append(row)
    return {value: held for value, held in by_key.items() if {"train"} < {row.split for row in held}}


def _sounds(rows: Sequence[Row]) -> Check | None:
    shared = _shared(rows, lambda row: row.sha256 or row.audio)
    ids = [row.id for held in shared.values() for row in held if row.split != "train"]
    if not ids:
        return None
    return refused("leakage", f"{len(ids)} clips that are held out come from a sound that is trained on:"
                   f" {some(ids)}; divide the dataset again.", ids, n=len(ids))


def _texts(rows: Sequence[Row]) -> Iterator[Check]:
    for part in ("val", "test"):
        these = [row for row in rows if row.split in ("train", part)]
        shared = [*_shared(these, lambda row: for_scoring(row.text)).values(),
                  *_shared(these, lambda row: row.prompt_id).values()]
        ids = list(dict.fromkeys(row.id for held in shared for row in held if row.split == part))
        n = _count(rows, part)
        if not ids:
            continue
        where = "to judge by" if part == "test" else "to watch"
        sentence = (f"{len(ids)} of {n} clips {where} have a prompt or text that is trained on"
                    f" ({some(ids)}), so their figures flatter; divide the dataset by prompt.")
        yield (refused if part == "test" and len(ids) == n else warned)("leakage", sentence, ids, n=len(ids))


def _voices(rows: Sequence[Row]) -> Check | None:
    voices = {row.speaker for row in rows if row.speaker}
    shared = sorted(_shared(rows, lambda row: row.speaker))
    if not shared:
        return None
    if len(voices) == 1:
        return passed("leakage", f"All clips are of one voice ({shared[0]}), so the figures are about that"
                      " voice alone.", n=1)
    return warned("leakage", f"{len(shared)} of {len(voices)} voices are trained on and held out, too"
                  f" ({some(shared)}), so the figures say little about new voices.", n=len(shared))


def keep_closed(rows: Sequence[Row], used: Sequence[Row]) -> None:
    """Raise Refused when `used`, what a run learns from or chooses by, holds a test clip of the dataset
    `rows`: only the verdict opens that part."""
    closed = {row.id for row in rows if row.split == "test"}
    opened = [row.id for row in used if row.id in closed or row.split == "test"]
    if opened:
        raise Refused(
            f"{len(opened)} clips of the test part would be learned from or chosen by ({some(opened)}),"
            " and the verdict would flatter; this is a fault of the program, please report it."
        )
