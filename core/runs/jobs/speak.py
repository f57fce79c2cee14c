"""Say a text piece by piece with one model, or with two side by side; a resumed job makes only what lacks."""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Sequence
from typing import Any

from core.errors import StudioError
from core.families.base import Recogniser
from core.families.base.speaking import SpeakOptions, Voice
from core.run_dir import RunDir
from core.runs.jobs import Countdown, Stopped
from core.runs.queue import data_root
from core.runs.recognisers import open_recogniser
from core.runs.saying import Manner, Piece, join, open_voice, reference_of, say

log = logging.getLogger(__name__)
FOLDER = "spoken"
TELL_EVERY = 1.0
"""Seconds between two signs of life while a piece is made."""


def run_job(run: RunDir, order: dict[str, Any]) -> None:
    """One result row a model and piece, and a joined sound a model. Stops between two frames."""
    pieces = [Piece(**piece) for piece in order["pieces"]]
    there = kept(run)
    todo = {model: [piece for piece in range(len(pieces)) if (model, piece) not in there]
            for model in range(len(order["models"]))}
    if any(todo.values()):
        _Speaking(run, order, pieces).all(todo)
    for model in todo:
        _join(run, model)
    _conclude(run, order)


def kept(run: RunDir) -> dict[tuple[int, int], dict[str, Any]]:
    """(model, piece) -> the row of each piece whose sound is still there."""
    return {(row["model"], row["piece"]): row for row in run.results()[0]
            if not row["audio"] or (run.path / row["audio"]).is_file()}


def joined(model: int) -> str:
    """Where the whole text as one model said it lies in the run folder."""
    return f"{FOLDER}/{model}-whole.wav"


class _Speaking:
    """What the pieces of one attempt share."""

    def __init__(self, run: RunDir, order: dict[str, Any], pieces: Sequence[Piece]) -> None:
        self._run, self._order, self._pieces = run, order, pieces
        self._manner = Manner(reference_of(order.get("reference")), SpeakOptions(**order["options"]))
        self._total = len(pieces) * len(order["models"])
        self._last = 0.0

    def all(self, todo: dict[int, list[int]]) -> None:
        """Model after model: two at once may not fit into the memory."""
        self._done = self._total - sum(map(len, todo.values()))
        self._clock = Countdown(self._total, self._done)
        self._report("Loading the recogniser.", self._done)
        listener = _listener(self._run, self._order)
        for model, pieces in todo.items():
            if pieces:
                self._with(model, pieces, listener)
                gc.collect()

    def _with(self, model: int, pieces: Sequence[int], listener: Recogniser | None) -> None:
        chosen = self._order["models"][model]
        self._report(f"Loading {self._name(model)}.", self._done)
        wanted = {name: self._order.get(name) or "auto" for name in ("device", "precision")}
        voice = open_voice(chosen["family"], chosen["path"], **wanted)
        for piece in pieces:
            self._one(voice, model, piece, listener)

    def _one(self, voice: Voice, model: int, number: int, listener: Recogniser | None) -> None:
        piece, audio = self._pieces[number], f"{FOLDER}/{model}-{number:03}.wav"
        name, place, total = self._name(model), number + 1, len(self._pieces)

        def tell(seconds: float) -> None:
            if self._run.stop_requested():
                raise Stopped(f"after {self._done} of {self._total} sentences")
            if time.monotonic() - self._last >= TELL_EVERY:
                share = min(1.0, seconds / piece.expected) if piece.expected else 0.0
                told = f"{name}: sentence {place} of {total}, {seconds:.1f} s are said."
                self._report(told, self._done + share)

        self._report(f"{name}: sentence {place} of {total}.", self._done)
        tell(0.0)
        row = say(voice, piece, self._manner, self._run.path / audio, listener, tell)
        found = {"item": f"{model}-{number}", "model": model, "piece": number,
                 "audio": audio if row["seconds"] else ""}
        self._run.add_results([{**found, **row}])
        self._done += 1

    def _name(self, model: int) -> str:
        return str(self._order["models"][model]["title"])

    def _report(self, message: str, done: float) -> None:
        self._last = time.monotonic()
        self._run.report(message, done / self._total, self._clock.left(done))


def _listener(run: RunDir, order: dict[str, Any]) -> Recogniser | None:
    """The recogniser of the order; none, with a warning, where it cannot be opened: speech is worth more
    than what is heard of it."""
    wanted = order.get("listener")
    if not wanted:
        return None
    try:
        return open_recogniser({**wanted, "language": order["language"]}, data_root(run).models)
    except StudioError as error:
        run.event("warning", 0, sentence=f"What was said is not heard by a recogniser: {error}")
        return None


def _join(run: RunDir, model: int) -> None:
    rows = sorted((piece, row["audio"]) for (of, piece), row in kept(run).items() if of == model)
    paths = [run.path / audio for _, audio in rows if audio]
    if paths:
        join(paths, run.path / joined(model))


def _conclude(run: RunDir, order: dict[str, Any]) -> None:
    rows = kept(run).values()
    n_endless = sum(not row["stopped"] for row in rows)
    seconds = sum(row["seconds"] for row in rows)
    n_models = len(order["models"])
    by = f" by {n_models} models" if n_models > 1 else ""
    said = f"{len(order['pieces'])} sentences were said{by}, {seconds:.1f} s in all."
    if n_endless:
        said += f" {n_endless} did not stop by themselves and were cut off at their limit."
    run.report(said, 1.0, figures={"n": len(rows), "n_endless": n_endless, "seconds": round(seconds, 2)})
