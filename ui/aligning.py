"""Words are found again in the background after each change of a text; the page shows them when they come."""
from __future__ import annotations

import logging
import queue
import threading

from core.errors import StudioError
from core.library import Library, Project
from core.runs import listing
from core.steps import align

log = logging.getLogger(__name__)


class Aligning:
    """One thread and its queue. What it does not get to is found by the next alignment of the project."""

    def __init__(self, lib: Library) -> None:
        self._lib = lib
        self._asked: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="aligning", daemon=True).start()

    def ask(self, slug: str, clip_id: str) -> None:
        """Find the words of a clip's current text soon; returns at once."""
        self._asked.put((slug, clip_id))

    def _work(self) -> None:
        while True:
            slug, clip_id = self._asked.get()
            try:
                if not any(card.state == "running" for card in listing.runs(self._lib.root)):
                    align.realign(self._lib, self._lib.projects.get(slug), clip_id)
            except StudioError as error:  # a take thrown away meanwhile, a helper that ended
                log.info("%s was not aligned: %s", clip_id, error)
            except Exception:
                log.exception("%s was not aligned", clip_id)


_at_work: dict[str, Aligning] = {}


def begin(lib: Library) -> None:
    """From now on changed texts of this library are aligned; a page without it (a test) does not."""
    _at_work.setdefault(str(lib.root.path), Aligning(lib))


def later(lib: Library, project: Project, clip_id: str) -> None:
    """A clip has another text now."""
    if work := _at_work.get(str(lib.root.path)):
        work.ask(project.slug, clip_id)
