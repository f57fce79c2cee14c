"""Room on the disk: what a model needs is asked for before it is written, and a full disk is waited out; the
run says so, tries again, and still hears the wish to stop."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from core import files
from core.errors import Unavailable
from core.families.base.sharing import KnowsItsSize, SharesAdapters
from core.modelling.weights import n_parameters
from core.run_dir import RunDir

T = TypeVar("T")
PLAIN = "transformers"
"""The form that every family merges to."""
SIZES = {"fp32": 4, "fp16": 2, "bf16": 2, "int8": 1}
"""Bytes of a number by its type."""
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


def check_room(family: Any, base: Path, form: str, dtype: str, out: Path) -> None:
    """Unavailable, with both numbers, where the disk of `out` has no room for a model tuned on `base` as
    `form`. Another form is made of a merged folder in fp32, which needs its room meanwhile; an adapter alone
    is small."""
    if isinstance(family, SharesAdapters) and form in family.adapter_forms:
        return
    wanted = _bytes(family, base, form, dtype)
    if form != PLAIN:
        wanted += _bytes(family, base, PLAIN, "fp32")
    files.check_room(wanted, out.parent)


def _bytes(family: Any, base: Path, form: str, dtype: str) -> int:
    if isinstance(family, KnowsItsSize):
        return family.export_bytes(base, form, dtype)
    return n_parameters(base) * SIZES.get(dtype, 4)


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
