"""A corpus as a dataset, where it lies: nothing is recorded, reviewed or copied, and a clip may have no text.
For models that learn from sound alone, and for what others have transcribed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from core import manifest
from core.audio.corpora import PLAIN, Recogniser
from core.audio.header import info
from core.datasets.formats import search
from core.datasets.formats.base import Found, length_of
from core.datasets.split import Shares, SplitBy, split
from core.errors import BadInput, StudioError
from core.files import safe_name, write_json
from core.library import Library, Project
from core.stamps import stamp_of
from core.steps.dataset import Made, counted
from core.types import Row

VAL, TEST = 0.02, 0.02
"""Shares of the clips that validate and judge: a corpus has many."""
NAMED = 5
"""Problems that are told by name."""


def make(
    lib: Library, project: Project, corpus: Path, name: str, seed: int = 1,
    tick: Callable[[int], None] = lambda n: None,
) -> Made:
    """The sounds below `corpus`, with the texts and word times that lie beside them, as the dataset `name`.
    `tick` hears how many were looked at.

    Speakers stay on one side where there are three or more. BadInput where there is nothing, or the name is
    taken; Refused where three parts cannot be made.
    """
    if not corpus.is_dir():
        raise BadInput(f"There is no folder {corpus}; check the path.")
    name = safe_name(name or corpus.name, "dataset name")
    folder = lib.root.project(project.slug) / "datasets" / name
    if folder.exists():
        raise BadInput(f"There is already a dataset called “{name}” in this project; choose another name.")
    problems: list[str] = []
    rows = list(_rows(corpus.resolve(), folder, project.language, problems, tick))
    if not rows:
        told = " ".join(problems[:NAMED])
        raise BadInput(f"There is no sound to learn from below {corpus}. {told}".strip())
    by: SplitBy = "speaker" if len({row.speaker for row in rows}) > 2 else "recording"
    divided, how = split(rows, Shares(VAL, TEST, seed, by=by))
    counts = {**counted(divided), "rehearsed": 0, "regression": {"clips": 0, "words": 0}}
    folder.mkdir(parents=True)
    try:
        manifest.write(folder, divided)
        fingerprint = manifest.fingerprint(divided)
        write_json(folder / "dataset.json", {"name": name, "fingerprint": fingerprint, "counts": counts,
                                             "how": how, "corpus": str(corpus.resolve())})
        place = str(folder.relative_to(lib.root.path))
        stored = lib.datasets.add(project.id, name, place, fingerprint, counts)
    except StudioError:
        shutil.rmtree(folder)
        raise
    return Made(stored, counts, (how, *_told(problems)))


def _rows(corpus: Path, folder: Path, language: str, problems: list[str], tick: Callable[[int], None]
          ) -> Iterator[Row]:
    seen: dict[str, int] = {}
    speakers = _Speakers(corpus)
    for number, found in enumerate(search.search(corpus), 1):
        tick(number)
        try:
            if found.problem:
                raise BadInput(found.problem)
            row = _row(corpus, folder, found, found.speaker or speakers.of(found.audio), language)
        except StudioError as error:
            problems.append(str(error))
            continue
        n = seen[row.id] = seen.get(row.id, 0) + 1
        yield row if n == 1 else Row(**{**vars(row), "id": f"{row.id}#{n}"})


class _Speakers:
    """Whose a file is that does not tell it itself, folder by folder."""

    def __init__(self, corpus: Path) -> None:
        self._corpus, self._recogniser = corpus, Recogniser()
        self._known: dict[Path, str] = {}

    def of(self, audio: Path) -> str:
        """What a known corpus tells by its folders, wherever in it one begins; else the first folder."""
        if audio.parent not in self._known:
            inside = audio.relative_to(self._corpus).parts
            place = self._recogniser.place(str(audio.parent), audio.name)
            plain = inside[0] if len(inside) > 1 and place.layout == PLAIN else ""
            self._known[audio.parent] = place.speaker or plain
        return self._known[audio.parent]


def _row(corpus: Path, folder: Path, found: Found, speaker: str, language: str) -> Row:
    inside = found.audio.relative_to(corpus)
    end = found.start + length_of(found)
    return Row(inside.with_suffix("").as_posix(), _place(found.audio, folder), found.start, end,
               info(found.audio).rate, found.text, "train", found.words, speaker,
               language=found.language or language, stamp=stamp_of(found.audio))


def _place(audio: Path, folder: Path) -> str:
    """How a dataset calls a file: from where it lies itself within one data root, so that both may be taken
    elsewhere together; else whole, and it has to lie at the same place there."""
    root = folder.resolve().parents[2]
    return os.path.relpath(audio, folder.resolve()) if audio.is_relative_to(root) else str(audio)


def _told(problems: list[str]) -> tuple[str, ...]:
    rest = len(problems) - NAMED
    more = (f"{rest} more could not be used.",) if rest > 0 else ()
    return (*problems[:NAMED], *more)
