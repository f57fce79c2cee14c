"""A random sample of clips to be checked: drawn once, kept as it was drawn, and what its marks prove.

A sample is a file of its own, written once: `samples/NAME.json` in the folder of the project. Its clips and
their order do not change while they are checked, whatever is rejected or recorded meanwhile.
"""
from __future__ import annotations

import hashlib
import itertools
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from core.errors import BadInput, NotFound, Refused
from core.files import read_json, write_json
from core.library import Library, Project
from core.quality.sets import beyond_the_set, what_it_proves
from core.steps.spot_check import BAD, Checks

MOST = 5000
SEEDS = 10**6


@dataclass(frozen=True)
class Sample:
    """`clips`: ids in the order in which they were drawn, by chance from `n_total`; `at`: seconds since
    1970."""

    name: str
    seed: int
    at: float
    who: str
    n_total: int
    clips: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """How far the check of a sample has come: the marks since it was drawn, by clip id, and what they prove.

    `is_prefix`: what was checked is the beginning of the drawn order, so it is a random sample itself.
    """

    marks: Mapping[str, str]
    n_right: int
    n_bad: int
    is_prefix: bool
    sentence: str

    @property
    def n_done(self) -> int:
        """Clips that were heard and judged, or skipped."""
        return len(self.marks)


def draw(lib: Library, project: Project, n: int, who: str, seed: int | None = None,
         at: float | None = None) -> Sample:
    """Draw `n` clips that have a text by chance, all where there are fewer; the same seed draws the same
    clips of the same project. Raises BadInput for a number that makes no sample, Refused where there is
    nothing to draw."""
    if not 1 <= n <= MOST:
        raise BadInput(f"A sample holds 1 to {MOST:,} takes, not {n:,}.")
    ids = [clip.id for clip in lib.clips.checks(project.id) if (clip.text or "").strip()]
    if not ids:
        raise Refused("There is no take with a text yet, so there is nothing to draw a sample from: "
                      "transcribe the takes first.")
    chosen = secrets.randbelow(SEEDS) if seed is None else seed
    made = Sample(_next_name(lib, project), chosen, time.time() if at is None else at, who, len(ids),
                  tuple(sorted(ids, key=lambda one: _lot(chosen, one))[:n]))
    write_json(_folder(lib, project) / f"{made.name}.json", asdict(made))
    return made


def _lot(seed: int, clip_id: str) -> bytes:
    """A hash, not a generator: the same wherever and in whatever order the clips are listed."""
    return hashlib.sha256(f"{seed}:{clip_id}".encode()).digest()


def _folder(lib: Library, project: Project) -> Path:
    return lib.root.project(project.slug) / "samples"


def _next_name(lib: Library, project: Project) -> str:
    taken = {path.stem for path in _folder(lib, project).glob("*.json")}
    return next(name for n in itertools.count(1) if (name := f"sample-{n}") not in taken)


def samples(lib: Library, project: Project) -> list[Sample]:
    """All samples of a project, newest first."""
    found = [_read(path) for path in _folder(lib, project).glob("sample-*.json")]
    return sorted(found, key=lambda one: (one.at, int(one.name.removeprefix("sample-"))), reverse=True)


def newest(lib: Library, project: Project) -> Sample | None:
    """The sample that is being checked; None where none was drawn."""
    return next(iter(samples(lib, project)), None)


def get(lib: Library, project: Project, name: str = "") -> Sample:
    """The sample of that name, or the newest; NotFound with what to do."""
    found = [one for one in samples(lib, project) if name in ("", one.name)]
    if not found:
        what = f"a sample “{name}”" if name else "a sample"
        raise NotFound(f"This project has not {what} yet; draw one on the Spot-check tab, or with `app.py "
                       "sample PROJECT --n 30`.")
    return found[0]


def _read(path: Path) -> Sample:
    raw = read_json(path)
    return Sample(**{**raw, "clips": tuple(raw["clips"])})


def within(found: Checks, drawn: Sample) -> Checks:
    """The clips of a sample in the order in which they were drawn; without those rejected or thrown away
    since."""
    by_id = {clip.id: clip for clip in found.clips}
    return found.only(by_id[one] for one in drawn.clips if one in by_id)


def standing(lib: Library, project: Project, drawn: Sample) -> Standing:
    """What the marks prove that were set since the sample was drawn: an older mark is of another text, or of
    a clip that was not met by chance."""
    since = lib.changes.marks_since(project.id, drawn.at)
    marks = {one: since[one] for one in drawn.clips if since.get(one)}
    n_right, n_bad = (sum(mark in kinds for mark in marks.values()) for kinds in (("right",), BAD))
    told = what_it_proves(n_right, n_bad, drawn.n_total)
    if (n_right + n_bad) < drawn.n_total:
        told = f"{told} {beyond_the_set(n_right, n_bad)}".strip()
    return Standing(marks, n_right, n_bad, set(drawn.clips[:len(marks)]) == set(marks), told)
