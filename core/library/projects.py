"""Projects: a name, a folder, a language."""
from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.db import connect, reading
from core.errors import BadInput, NotFound, Stale


@dataclass(frozen=True)
class Project:
    """One project; `slug` is its folder below the data root. `digits`: the ten words for 0 to 9, one a line,
    in a language whose numbers have no names here, else empty.
    """

    id: int
    slug: str
    name: str
    template: str
    language: str
    created_at: float
    digits: str = ""

    @property
    def digit_words(self) -> tuple[str, ...] | None:
        """The ten words that a person has given; None where there are none."""
        return tuple(self.digits.split("\n")) if self.digits else None


class Projects:
    """Table `projects`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, slug: str, name: str, template: str, language: str) -> Project:
        """A new project; BadInput when the name is taken."""
        try:
            with connect(self._path) as db:
                db.execute("INSERT INTO projects (slug, name, template, language, created_at) VALUES (?, ?, "
                           "?, ?, ?)",
                           (slug, name, template, language, time.time()))
        except sqlite3.IntegrityError as error:
            raise BadInput(f"There is already a project called “{name}”; choose another name or open that "
                           "one.") from error
        return self.get(slug)

    def get(self, slug: str) -> Project:
        """The project of that folder name; NotFound names those that exist."""
        with reading(self._path) as db:
            row = db.execute("SELECT * FROM projects WHERE slug = ?", (slug,)).fetchone()
        if row is None:
            known = ", ".join(p.slug for p in self.all()) or "none yet"
            raise NotFound(f"There is no project “{slug}” here (there are: {known}).")
        return Project(**dict(row))

    def name_digits(self, project_id: int, digits: Sequence[str], expected: str) -> None:
        """Keep the ten digit words, or none; Stale when they are not `expected` (`Project.digits`) any
        more."""
        with connect(self._path) as db:
            done = db.execute("UPDATE projects SET digits = ? WHERE id = ? AND digits = ?",
                              ("\n".join(digits), project_id, expected)).rowcount
        if not done:
            raise Stale("Somebody else changed the words for the digits in the meantime; nothing was "
                        "overwritten. Look at them again.")

    def with_id(self, project_id: int) -> Project:
        """The project of that number; NotFound when it is gone."""
        found = [project for project in self.all() if project.id == project_id]
        if not found:
            raise NotFound(f"There is no project {project_id} here any more.")
        return found[0]

    def all(self) -> list[Project]:
        """All projects, oldest first."""
        with reading(self._path) as db:
            return [Project(**dict(row)) for row in db.execute("SELECT * FROM projects ORDER BY created_at, "
                                                               "id")]
