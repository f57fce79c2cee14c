"""Words are found again in the background after each change of a text; the page shows them when they come."""
from __future__ import annotations

from core.library import Library, Project
from core.runs import listing
from core.steps import align
from ui.background import Background

_at_work: dict[str, Background] = {}


def begin(lib: Library) -> None:
    """From now on changed texts of this library are aligned; a page without it (a test) does not."""

    def again(slug: str, clip_id: str) -> None:
        # what is not done beside a run is found by the next alignment of the project
        if not any(card.state == "running" for card in listing.runs(lib.root)):
            align.realign(lib, lib.projects.get(slug), clip_id)

    _at_work.setdefault(str(lib.root.path), Background("aligning", again))


def later(lib: Library, project: Project, *clip_ids: str) -> None:
    """These clips have another text now."""
    if work := _at_work.get(str(lib.root.path)):
        for clip_id in clip_ids:
            work.ask(project.slug, clip_id)
