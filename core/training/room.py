"""A full disk is waited out: the run says so, tries again, and still hears the wish to stop."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from typing import TypeVar

from core.errors import Unavailable
from core.run_dir import RunDir

T = TypeVar("T")
BETWEEN = 2.0
"""Seconds between two tries."""


class StoppedWaiting(Exception):
    """Somebody asked to stop while there was no room to save in."""


class Room:
    """Room on the disk for `run`, waited for up to `minutes`."""

    def __init__(self, run: RunDir, minutes: float = 0.0) -> None:
        self._run, self.minutes = run, minutes

    def keep_trying(self, write: Callable[[], T]) -> T:
        """What `write` gives, once there is room for it; it is called again whole.

        Raises StoppedWaiting when somebody asks to stop meanwhile, Unavailable when the time is over.
        """
        began = time.monotonic()
        waited = False
        while True:
            try:
                made = write()
                break
            except (OSError, Unavailable) as error:
                if not is_full(error):
                    raise
                if time.monotonic() - began >= 60 * self.minutes:
                    raise _told(error, self.minutes) from error
            waited = True
            self._wait()
        if waited:
            self._tell(time.monotonic() - began)
        return made

    def _wait(self) -> None:
        self._run.say(
            "The disk is full: the run is paused and nothing is lost. Make room, and it goes on by itself."
        )
        until = time.monotonic() + BETWEEN
        while time.monotonic() < until:
            if self._run.stop_requested():
                raise StoppedWaiting
            time.sleep(min(0.2, BETWEEN))

    def _tell(self, seconds: float) -> None:
        said = f"The disk was full: the run waited {seconds:.0f} seconds for room, and went on."
        self.keep_trying(lambda: self._run.event("warning", sentence=said))


def is_full(error: BaseException) -> bool:
    """Whether an error, or what caused it, says that the disk is full."""
    cause = error if isinstance(error, OSError) else error.__cause__
    return isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT)


def _told(error: BaseException, minutes: float) -> BaseException:
    """The sentence for a wait in vain; without a wait the error as it came."""
    if not minutes:
        return error
    return Unavailable(
        f"The disk is full, and no room was made in {minutes:g} minutes. Free some space and press Resume;"
        " the run goes on from its last checkpoint."
    )
