"""The whole set: what the takes of a project hold together, and what would spoil what is learned of them."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from core import manifest
from core.errors import StudioError
from core.library import Check, Library, Project
from core.quality.sets import duplicates
from core.quality.whole import Letter, alphabet, growth, outliers, same_texts
from core.steps.loudness import key_of
from core.steps.spot_check import Checks, checks
from core.text.normalise import for_scoring
from core.types import Row

JUDGED = ("words_per_second", "characters_per_second", "speech_dbfs", "seconds")
"""The figures by which a clip can be unlike its speaker's others."""


@dataclass(frozen=True)
class Voice:
    """A speaker's clips, the medians of JUDGED, and the clips that lie far from them, by figure."""

    name: str
    n_clips: int
    seconds: float
    medians: Mapping[str, float | None]
    odd: Mapping[str, tuple[str, ...]]

    @property
    def outliers(self) -> tuple[str, ...]:
        """The clips that are odd in any way, each once."""
        return tuple(dict.fromkeys(one for ids in self.odd.values() for one in ids))


@dataclass(frozen=True)
class Leaks:
    """What more than one part of a dataset holds: recordings, prompts, texts, speakers."""

    dataset: str
    shared: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class WholeSet:
    """`seconds` of sound in `n_clips` clips; `growth`: (words, distinct words) on the way; groups of ids with
    the same text and the same sound."""

    n_clips: int
    seconds: float
    n_without_text: int
    voices: tuple[Voice, ...]
    growth: tuple[tuple[int, int], ...]
    letters: tuple[Letter, ...]
    same_text: tuple[tuple[str, ...], ...]
    same_sound: tuple[tuple[str, ...], ...]
    leaks: tuple[Leaks, ...]
    names: Mapping[str, str]

    @property
    def n_words(self) -> int:
        """Words that are said."""
        return self.growth[-1][0] if self.growth else 0

    @property
    def n_distinct(self) -> int:
        """Different ones."""
        return self.growth[-1][1] if self.growth else 0


def whole_set(lib: Library, project: Project) -> WholeSet:
    """The clips of a project that nobody has rejected, and its datasets."""
    found = checks(lib, project)
    said = {clip.id: clip.text or "" for clip in found.clips if (clip.text or "").strip()}
    sounds = {clip.id: key_of(clip) for clip in found.clips if clip.sha256}
    return WholeSet(
        len(found.clips), sum(clip.seconds for clip in found.clips), len(found.clips) - len(said),
        _voices(found), tuple(growth(said.values())), tuple(alphabet(list(said.values()))),
        tuple(same_texts(said)), tuple(duplicates(sounds)), tuple(leaks(lib, project)),
        {clip.id: clip.text or clip.prompt or clip.name for clip in found.clips})


def _voices(found: Checks) -> tuple[Voice, ...]:
    by_name: dict[str, list[Check]] = {}
    for clip in found.clips:
        by_name.setdefault(clip.speaker or "", []).append(clip)
    return tuple(_voice(name, found.only(clips)) for name, clips in by_name.items())


def _voice(name: str, own: Checks) -> Voice:
    medians, odd = {}, {}
    for metric in JUDGED:
        medians[metric], places = outliers(own.figures(metric))
        odd[metric] = tuple(own.clips[at].id for at in places)
    return Voice(name, len(own.clips), sum(clip.seconds for clip in own.clips), medians, odd)


_SHARED: Mapping[str, Callable[[Row], str]] = {
    "recording": lambda row: row.sha256 or row.audio, "prompt": lambda row: row.prompt_id,
    "text": lambda row: for_scoring(row.text), "speaker": lambda row: row.speaker}
_known: dict[tuple[Path, str], Leaks] = {}


def leaks(lib: Library, project: Project) -> list[Leaks]:
    """What the parts of each dataset share, the newest dataset first; of one whose manifest is gone nothing
    is said. Datasets are frozen, so each is read once."""
    found = []
    for dataset in lib.datasets.of(project.id):
        key = (lib.root.path / dataset.folder, dataset.fingerprint)
        try:
            known = _known.get(key) or Leaks(dataset.name, _shared(manifest.read(key[0])))
        except StudioError:
            continue
        found.append(_known.setdefault(key, known))
    return found


def _shared(rows: list[Row]) -> dict[str, tuple[str, ...]]:
    """By kind, what stands in more than one part."""
    found = {}
    for kind, value_of in _SHARED.items():
        parts: dict[str, set[str]] = {}
        for row in rows:
            if value := value_of(row):
                parts.setdefault(value, set()).add(row.split)
        found[kind] = tuple(sorted(value for value, held in parts.items() if len(held) > 1))
    return found


def rarely(found: WholeSet) -> tuple[Letter, ...]:
    """The signs that somebody should look at."""
    return tuple(letter for letter in found.letters if letter.is_strange)
