"""Recording at this machine's own microphone: takes end and are saved by themselves, whoever looks on."""
from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.audio.capture import Captured, Recorder
from core.audio.endpoint import BandPower, Endpoint, Room, blind_room
from core.errors import StudioError
from core.library import Library, Project, Prompt
from core.steps import record
from core.steps.record import Queue, Saved

LOOK_SECONDS = 0.05
Why = Literal["", "you", "silence", "full", "lost"]


def next_prompt(queue: Queue) -> Prompt | None:
    """What to say now: the first prompt without a take, then those whose take should be said again."""
    if queue.next_index is not None:
        return queue.prompts[queue.next_index]
    return next((prompt for prompt in queue.prompts if prompt.id in queue.again), None)


@dataclass(frozen=True)
class Order:
    """What a take is for: whose prompt (None: free speech) in which project, and who pressed the key."""

    project: Project
    prompt: Prompt | None
    speaker: str
    who: str


class Recording:
    """A take in the making. A thread of its own looks after it, because the page may be gone by its end.

    With `stops_itself` it ends when the speaker falls silent; in any case it ends when the microphone is
    unplugged or the take as long as a take may be. `why` says what ended it, `failed` why it is not saved.
    """

    def __init__(
        self, lib: Library, order: Order, recorder: Recorder, stops_itself: bool = False,
        room: Room | None = None,
    ) -> None:
        """`room`: what the check of the microphone found; without it the first moments stand for it."""
        self.order, self.recorder = order, recorder
        self.why: Why = ""
        self.saved: Saved | None = None
        self.failed = ""
        self._lib, self._room, self._stops_itself = lib, room, stops_itself
        self._captured: Captured | None = None
        self._lock, self._ended = threading.Lock(), threading.Event()

    def begin(self) -> Recording:
        """Open the microphone and begin; Unavailable tells why it cannot be opened."""
        self.recorder.start()
        threading.Thread(target=self._look_after, name="desktop take", daemon=True).start()
        return self

    def finish(self, why: Why = "you") -> Saved:
        """End the recording and save it. What cannot be saved (a full disk) is kept for another try."""
        self._ended.set()
        with self._lock:  # the person and the silence may end it in one moment
            if self.saved is None:
                self.why = self.why or why
                self._captured = self._captured or self.recorder.stop()
                self.saved = self._save(self._captured)
            return self.saved

    @property
    def is_empty(self) -> bool:
        """Whether it ended without any sound: another try to save it would not help."""
        return self._captured is not None and not len(self._captured.samples)

    def _save(self, sound: Captured) -> Saved:
        asked = self.order
        prompt_id = asked.prompt.id if asked.prompt else None
        try:
            return record.save_captured(
                self._lib, asked.project, prompt_id, asked.speaker, sound, asked.who
            )
        except StudioError as error:
            self.failed = str(error)
            raise

    def _look_after(self) -> None:
        silence = _Silence(self.recorder, self._room) if self._stops_itself else None
        while not self._ended.wait(LOOK_SECONDS):
            if why := self._over(silence):
                with suppress(StudioError):  # `failed` tells it
                    self.finish(why)
                return

    def _over(self, silence: Callable[[], bool] | None) -> Why:
        """What has ended the take by now, "" while it goes on."""
        if not self.recorder.alive:
            return "full" if self.recorder.full else "lost"
        return "silence" if silence and silence() else ""


class _Silence:
    """Asked again and again, it listens to what a recorder heard meanwhile: has speech come and ended?"""

    def __init__(self, recorder: Recorder, room: Room | None) -> None:
        self._recorder, self._band = recorder, BandPower(recorder.rate)
        self._n_blocks, self._first = 0, np.zeros(0)
        self._ear = self._listen_in(room) if room else None

    def _listen_in(self, room: Room) -> Endpoint:
        return Endpoint(room, self._band.n_block / self._recorder.rate)

    def __call__(self) -> bool:
        samples, self._n_blocks = self._recorder.since(self._n_blocks)
        powers = self._band.feed(samples)
        if self._ear is None:
            self._first = np.concatenate((self._first, powers))
            room = blind_room(self._first)
            if room is None:
                return False
            self._ear, powers = self._listen_in(room), self._first
        return self._ear.last_end(powers)
