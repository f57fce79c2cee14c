"""What a folder holds, before any of it is imported: its format, its hours, its texts and who speaks."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.config import DataRoot
from core.datasets.formats import TITLES
from core.datasets.formats.search import search, tables_in
from core.steps.import_items import speaker_name
from core.steps.index import index

SHOWN = 5


@dataclass(frozen=True)
class Survey:
    """What was found: `n_files` sounds that can be read and their `hours`; `n_parts` that an import would
    bring, `n_texts` of them with what was said. `formats` are titles of tables, none for plain sounds.

    `problems` holds (file name, sentence) for what would stay out.
    """

    n_files: int
    hours: float
    formats: tuple[str, ...]
    n_parts: int
    n_texts: int
    speakers: tuple[str, ...]
    problems: tuple[tuple[str, str], ...]

    @property
    def sentence(self) -> str:
        """What is there, for a person."""
        if not self.n_files:
            return "There is no sound in this folder that can be read."
        length = _length(3600 * self.hours)
        kind = " and ".join(self.formats) or "sounds without a table"
        said = f"{_n(self.n_files, 'sound')}, {length}; format: {kind}."
        texts = "all" if self.n_texts == self.n_parts else f"{self.n_texts:,}"
        told = f" An import brings {_n(self.n_parts, 'clip')}, {texts} of them with what was said."
        return said + (told if self.n_parts else " None of them can be imported.") + self._who()

    def _who(self) -> str:
        if not self.speakers:
            return " No speaker is named."
        more = f" and {len(self.speakers) - SHOWN:,} more" if len(self.speakers) > SHOWN else ""
        return f" {_n(len(self.speakers), 'speaker')}: {', '.join(self.speakers[:SHOWN])}{more}."


def survey(data: DataRoot, folder: Path, tick: Callable[[int], None] | None = None) -> Survey:
    """Look through `folder` by headers and texts; `tick` hears how many sounds were looked at.

    Raises NotFound for a folder that is not there, BadInput for a file.
    """
    known = index(data, folder, tick=tick)
    problems = dict.fromkeys((Path(name).name, sentence) for name, sentence in known.errors)
    broken = {folder / name for name, _ in known.errors}
    n_parts = n_texts = 0
    speakers: dict[str, None] = {}
    for found in search(folder):
        if found.problem:
            problems.setdefault((found.audio.name, found.problem))
        if found.problem or found.audio in broken:
            continue
        n_parts += 1
        n_texts += bool(found.text or found.words)
        if name := speaker_name(found.speaker):
            speakers.setdefault(name)
    formats = tuple(TITLES[name] for name in dict.fromkeys(tables_in(folder)))
    return Survey(known.files, known.hours, formats, n_parts, n_texts, tuple(speakers), tuple(problems))


def _length(seconds: float) -> str:
    if seconds >= 3600:
        return f"{seconds / 3600:,.1f} hours"
    return f"{seconds / 60:.1f} minutes" if seconds >= 60 else f"{seconds:.1f} seconds"


def _n(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
