"""Listening along: takes are heard one by one in the background, and the page asks what came of it."""
from __future__ import annotations

from collections import OrderedDict

from core.library import Library
from core.steps import takes
from ui.background import Background

KEPT = 500


class Listener:
    """When it ends nothing is lost: the takes wait for Transcribe all the same."""

    def __init__(self, lib: Library) -> None:
        self._lib = lib
        self._doubts: OrderedDict[str, str] = OrderedDict()
        self.ask = Background("listening", self._hear).ask

    def doubt(self, clip_id: str) -> str | None:
        """Why the take may not say its prompt, "" for no doubt; None while it was not heard."""
        return self._doubts.get(clip_id)

    def _hear(self, slug: str, clip_id: str) -> None:
        found = ""
        try:
            found = takes.hear(self._lib, self._lib.projects.get(slug), clip_id) or ""
        finally:
            self._doubts[clip_id] = found
            while len(self._doubts) > KEPT:
                self._doubts.popitem(last=False)
