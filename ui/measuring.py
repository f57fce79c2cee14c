"""Loudness of clips that nobody has measured yet: in the background, once somebody looks at figures."""
from __future__ import annotations

from core.library import Library, Project
from core.steps import loudness
from ui.background import Background

_at_work: dict[str, Background] = {}
_asked: set[tuple[str, str]] = set()


def begin(lib: Library) -> None:
    """From now on the clips of this library are measured when they are asked for; in a test they are not."""

    def measure(slug: str, _: str) -> None:
        try:
            loudness.measure_missing(lib, lib.projects.get(slug), breath=0.005)
        finally:
            _asked.discard((str(lib.root.path), slug))

    _at_work.setdefault(str(lib.root.path), Background("measuring", measure))


def later(lib: Library, project: Project) -> None:
    """Measure what is missing of this project; once at a time."""
    root = str(lib.root.path)
    if (work := _at_work.get(root)) and (root, project.slug) not in _asked:
        _asked.add((root, project.slug))
        work.ask(project.slug, "")
