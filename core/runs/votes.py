"""Which of two sounds somebody liked better, sentence by sentence, not knowing whose: rows of a file in the
run folder, of which the newest counts."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from core.errors import Refused, Unavailable
from core.files import append_jsonl, read_jsonl
from core.locks import FileLock
from core.run_dir import RunDir

NAME = "votes.jsonl"
PATIENCE = 2.0
"""Seconds that a writer waits for another: an append takes a few milliseconds."""


@dataclass(frozen=True)
class Votes:
    """The answers of a run by the number of the piece, and whether its result was shown."""

    answers: dict[int, str]
    is_shown: bool = False


def of_run(run: RunDir) -> Votes:
    """What was answered so far."""
    rows = read_jsonl(run.path / NAME)[0]
    newest = {row["piece"]: row["answer"] for row in rows if "piece" in row}
    return Votes({piece: answer for piece, answer in newest.items() if answer},
                 any(row.get("shown") for row in rows))


def give(run: RunDir, piece: int, answer: str, who: str) -> None:
    """Keep an answer; "" takes it back. Raises Refused once the result was shown: it would not be blind."""
    _append(run, {"piece": piece, "answer": answer, "who": who})


def show(run: RunDir, who: str) -> None:
    """From now on it is known whose the sounds are, and no answer is taken."""
    _append(run, {"shown": True, "who": who})


def _append(run: RunDir, row: dict[str, Any]) -> None:
    lock = FileLock.take_within(run.path / f"{NAME}.lock", PATIENCE)
    if lock is None:
        raise Unavailable("An answer in this run is being written by another page; try again.")
    try:
        if of_run(run).is_shown:
            raise Refused("It was shown already whose sounds these are, so answers are over: speak the text "
                          "again for another blind comparison.")
        append_jsonl(run.path / NAME, [{"t": time.time(), **row}])
    finally:
        lock.release()
