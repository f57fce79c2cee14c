"""Clips one by one in the background: what a page asks for and does not wait for."""
from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

from core.errors import StudioError

log = logging.getLogger(__name__)


class Background:
    """One thread and its queue; a clip with which `act(slug, clip_id)` fails is told in the log and left."""

    def __init__(self, name: str, act: Callable[[str, str], None]) -> None:
        self._name, self._act = name, act
        self._asked: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def ask(self, slug: str, clip_id: str) -> None:
        """Come to this clip of a project as soon as those before it are done; returns at once."""
        self._asked.put((slug, clip_id))
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            slug, clip_id = self._asked.get()
            try:
                self._act(slug, clip_id)
            except StudioError as error:  # a take that was thrown away meanwhile, a helper that ended
                log.info("%s: %s was left: %s", self._name, clip_id, error)
            except Exception:
                log.exception("%s: %s was left", self._name, clip_id)
