"""Listening along from a microphone: one page at a time, through a process that ends with it; nothing is kept
on the disk."""
from __future__ import annotations

import base64
import functools
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput, Refused, Stale
from core.families import FAMILIES, named
from core.families.base.sharing import Streams
from core.library import Library
from core.runs.helper import Helper
from core.runs.streaming import RATES
from core.steps.transcribe import ModelChoice, model_named, models

GONE = 12.0
"""Seconds without sound after which a page is taken to be gone."""
IDLE = 30.0
"""Seconds after which the process ends by itself."""
LOADING = 300.0
"""Seconds that a large model may take to load."""
PATIENCE = 30.0
"""Seconds that a piece of sound may take."""
MOST_BYTES = 2_000_000
"""Of one piece of sound: 2.6 s at the highest rate."""


@dataclass(frozen=True)
class Opened:
    """A stream that was begun: its id, by how many seconds the model's text comes late, and the device."""

    stream: str
    delay: float
    choice: str


@dataclass(frozen=True)
class Heard:
    """What a piece added to the `text`; `heard` seconds of sound so far, for which the model `took`
    so many."""

    text: str
    heard: float
    took: float


class Live:
    """The one stream of a data root."""

    def __init__(self, models_folder: Path, log: Path) -> None:
        self._models, self._log = models_folder, log
        self._lock = threading.Lock()
        self._helper: Helper | None = None
        self._stream, self._at = "", 0.0

    def open(self, model: ModelChoice) -> Opened:
        """Load the model and begin. Refused while another page listens."""
        delay = _delay(model)
        with self._lock:
            if self._stream and time.monotonic() - self._at < GONE:
                raise Refused("Somebody listens along already, on another page; stop there first.")
            self._end()
            stream = self._stream = uuid.uuid4().hex
            self._at = time.monotonic() + LOADING
            helper = self._helper = Helper(self._models, self._log, IDLE)
        try:
            reply = helper.ask({"do": "stream", "event": "open", "family": model.family, "model": model.path},
                               LOADING)
        except BaseException:
            self.drop(stream)
            raise
        self._at = time.monotonic()
        return Opened(stream, delay, reply["choice"])

    def push(self, stream: str, sound: bytes, rate: int) -> Heard:
        """The next piece: mono float32 samples, little-endian, at `rate` Hz. BadInput for what is no sound,
        Stale for a stream that another has followed."""
        if len(sound) > MOST_BYTES or len(sound) % 4 or not RATES[0] <= rate <= RATES[1]:
            raise BadInput("This is no piece of sound: at most 2 MB of samples at 8 to 192 kHz are taken at"
                           " once.")
        coded = base64.b64encode(sound).decode("ascii")
        return self._asked(stream, {"event": "push", "sound": coded, "rate": rate})

    def stop(self, stream: str) -> Heard:
        """The rest of the text; the process ends."""
        try:
            return self._asked(stream, {"event": "finish"})
        finally:
            self.drop(stream)

    def drop(self, stream: str) -> None:
        """End a stream without waiting for its text; another one is left alone."""
        with self._lock:
            if stream == self._stream:
                self._end()

    def _asked(self, stream: str, request: dict[str, Any]) -> Heard:
        with self._lock:
            helper = self._helper
            if stream != self._stream or helper is None:
                raise Stale("This page does not listen any more: another one began, or nothing was heard for"
                            " a while. Press Start to begin again.")
            self._at = time.monotonic()
        reply = helper.ask({"do": "stream", **request}, PATIENCE)
        self._at = time.monotonic()
        return Heard(reply["text"], reply["heard"], reply["took"])

    def _end(self) -> None:
        helper, self._helper, self._stream = self._helper, None, ""
        if helper:
            helper.close()


@functools.cache
def _live(models_folder: Path, cache: Path) -> Live:
    cache.mkdir(parents=True, exist_ok=True)
    return Live(models_folder, cache / "streaming.log")


def live(lib: Library) -> Live:
    """The one of this library."""
    return _live(lib.root.models, lib.root.cache)


def able(lib: Library) -> list[ModelChoice]:
    """The models that can listen along."""
    return [choice for choice in models(lib) if isinstance(FAMILIES.get(choice.family), Streams)]


def chosen(lib: Library, name: str) -> ModelChoice:
    """The model of that name. BadInput for one that hears whole clips only."""
    choice = model_named(lib, name)
    if not isinstance(named(choice.family), Streams):
        raise BadInput("This model hears whole clips only; choose a Kyutai STT to listen along.")
    return choice


def _delay(model: ModelChoice) -> float:
    family = named(model.family)
    return family.stream_delay(Path(model.path)) if isinstance(family, Streams) else 0.0
