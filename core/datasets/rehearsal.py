"""Ordinary speech: a part is rehearsed in training, so that a model does not forget it, and the rest judges.

Rehearsal against forgetting: Robins 1995, "Catastrophic Forgetting, Rehearsal and Pseudorehearsal".
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.datasets.split import Shares, split
from core.types import Row

FEWEST = 10  # takes of ordinary speech; below that all of them judge


def divide(rows: Sequence[Row], target: Sequence[Row], share: float, shares: Shares
           ) -> tuple[list[Row], list[Row]]:
    """Ordinary `rows` as (rehearsed: part train or val, judged: part test); no prompt is in both.

    `target` are the rows of the dataset with their parts: whoever is held out there is not heard here
    either.
    About `share` of the rows is rehearsed; fewer than ten rows all judge.
    """
    held_out = {row.speaker for row in target} - {row.speaker for row in target if row.split == "train"}
    free = [row for row in rows if row.speaker not in held_out]
    if not share or len(free) < FEWEST:
        return [], [replace(row, split="test") for row in rows]
    wanted = replace(shares, test=1 - share, by="prompt", hold_out=())
    divided, _ = split(free, wanted)
    rehearsed = [row for row in divided if row.split != "test"]
    taken = {row.id for row in rehearsed}
    return rehearsed, [replace(row, split="test") for row in rows if row.id not in taken]
