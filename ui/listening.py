"""Listening along: takes are heard one by one in the background, and the page asks what came of it."""
from __future__ import annotations

import logging
import queue
import threading
from collections import OrderedDict

from core.errors import StudioError
from core.library import Library
from core.steps import takes

log = logging.getLogger(__name__)
KEPT = 500


class Listener:
    """One thread and its queue; when it ends nothing is lost: the takes wait for Transcribe all the same."""

    def __init__(self, lib: Library) -> None:
        self._lib = lib
        self._takes: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self._doubts: OrderedDict[str, str] = OrderedDict()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def ask(self, slug: str, clip_id: str) -> None:
        """Hear a take of a project as soon as those before it are heard; returns at once."""
        self._takes.put((slug, clip_id))
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="listening", daemon=True)
                self._thread.start()

    def doubt(self, clip_id: str) -> str | None:
        """Why the take may not say its prompt, "" for no doubt; None while it was not heard."""
        return self._doubts.get(clip_id)

    def _work(self) -> None:
        while True:
            slug, clip_id = self._takes.get()
            self._doubts[clip_id] = self._hear(slug, clip_id)
            while len(self._doubts) > KEPT:
                self._doubts.popitem(last=False)

    def _hear(self, slug: str, clip_id: str) -> str:
        try:
            return takes.hear(self._lib, self._lib.projects.get(slug), clip_id) or ""
        except StudioError as error:  # a take that was thrown away meanwhile, a helper that ended
            log.info("%s was not heard: %s", clip_id, error)
        except Exception:
            log.exception("%s was not heard", clip_id)
        return ""
