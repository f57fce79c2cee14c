"""How long something takes, told so that a busy machine does not fail a test."""
from __future__ import annotations

import gc
import time
from collections.abc import Callable

NOMINAL = 0.01
"""Processor seconds of `_yardstick` on a machine that is quiet."""


def _yardstick() -> float:
    """Processor seconds of a fixed piece of Python: more of them when neighbours take caches and clock."""
    return _seconds(lambda: {n: str(n * n)[::-1] for n in range(50_000)})


def _seconds(call: Callable[[], object]) -> float:
    """Processor seconds of `call` on this thread, without the collector, which would walk over all that a
    long session of tests has left."""
    was = gc.isenabled()
    gc.disable()
    began = time.thread_time()
    try:
        call()
        return time.thread_time() - began
    finally:
        if was:
            gc.enable()


def slowness() -> float:
    """How many times as long as on a quiet machine this one takes now; never below 1."""
    return max(1.0, min(_yardstick() for _ in range(3)) / NOMINAL)


def within(seconds: float, call: Callable[[], object], tries: int = 3) -> None:
    """Fail unless one of `tries` calls needs at most `seconds` of this thread, on a quiet machine's measure.

    What such a test is for (a quadratic loop, a gigabyte that is read) misses the mark by far more than the
    noise of a machine, and misses it each time.
    """
    took = []
    for _ in range(tries):
        took.append(_seconds(call) / slowness())
        if took[-1] <= seconds:
            return
    raise AssertionError(f"{seconds} s wanted; it took {', '.join(f'{one:.2f}' for one in took)} s")
