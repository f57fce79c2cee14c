"""What a page reads first at each tick: the open project, and whether anything has changed on the disk."""
from __future__ import annotations

from pathlib import Path

from core.errors import BadInput, NotFound
from core.library import Library, Project
from core.runs import notes
from core.runs.listing import RunCard
from ui.texts import say


def opened(library: Library, slug: str) -> Project | None:
    """The open project; None for none, and for one that is gone from the data folder."""
    try:
        return library.projects.get(slug) if slug else None
    except NotFound:
        return None


def needed(library: Library, slug: str) -> Project:
    """The open project; BadInput where there is none."""
    project = opened(library, slug)
    if project is None:
        raise BadInput(say("page.needs_project"))
    return project


def stamp(library: Library, slug: str) -> str:
    """A text that changes with every write to the library and every sign of life of the project's runs."""
    root = library.root
    files = [root.database, root.database.with_name(root.database.name + "-wal")]
    for folder in sorted(root.runs(slug).glob("*")) if slug else []:
        files += [folder / "status.json", folder / "results.jsonl", folder / "verdict.json",
                  folder / notes.NAME]
    return slug + "".join(_mark(file) for file in files)


def _mark(file: Path) -> str:
    try:
        found = file.stat()
    except OSError:
        return "-"
    return f"{found.st_mtime_ns}.{found.st_size} "


def standing(cards: list[RunCard]) -> str:
    """Ids and states: a lost run changes this though nothing on the disk moves."""
    return " ".join(f"{card.id}:{card.state}" for card in cards)
