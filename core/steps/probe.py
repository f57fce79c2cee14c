"""Probe: what a model's pause heads say about recordings, base against tuned, and whether a client that
reads them would cut callers off. The warm helper hears; the rule is applied here and can be moved at once."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.audio.read import info
from core.errors import BadInput, NotFound, Refused, StudioError
from core.evaluation import turns
from core.evaluation.turns import Rule, Turns, Utterance
from core.families import named
from core.families.base import Clip, Probes
from core.library import Library
from core.run_dir import RunDir
from core.runs.jobs.evaluate import base_of
from core.runs.jobs.predicting import material
from core.runs.probing import heard_of
from core.steps.recognise import ask
from core.steps.transcribe import ModelChoice, model_named
from core.types import Word

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Sound:
    """One utterance to be probed: its words and text where they are known."""

    id: str
    clip: Clip
    text: str = ""
    words: tuple[Word, ...] = ()
    language: str = "en"


@dataclass(frozen=True)
class Probed:
    """Sounds as one or two models heard them: for each model, named by `names` (base first where there are
    two), a row a sound as the helper tells it."""

    names: tuple[str, ...]
    sounds: tuple[Sound, ...]
    rows: tuple[tuple[dict[str, Any], ...], ...]

    def table(self, rule: Rule | None = None) -> Turns:
        """The table under a rule."""
        heard = [self._heard(rows) for rows in self.rows]
        return turns.compare(heard[-1], heard[0] if len(heard) > 1 else None, rule)

    def utterances(self, rule: Rule | None = None) -> list[list[Utterance]]:
        """Every utterance of each model under a rule."""
        return [[turns.judged(each, rule or Rule()) for each in self._heard(rows)] for rows in self.rows]

    def _heard(self, rows: Sequence[dict[str, Any]]) -> list[turns.Heard]:
        return [
            heard_of(sound.id, row, self._is_number(number), sound.words)
            for number, (sound, row) in enumerate(zip(self.sounds, rows, strict=True))
        ]

    def _is_number(self, number: int) -> bool:
        """By its text; a sound without one is what any of the models hears in it."""
        sound = self.sounds[number]
        texts = [sound.text] if sound.text else [rows[number]["text"] for rows in self.rows]
        return any(turns.is_number(text, sound.language) for text in texts)


def probe(lib: Library, model: str, sounds: Sequence[Sound], tell: Tell | None = None) -> Probed:
    """Let a model (a run: its base, too) hear `sounds`. Raises BadInput for a model of a kind without pause
    heads, Unavailable, naming the model that has them, for one that lacks them."""
    return hear(lib, models_of(lib, model), sounds, tell)


def side_by_side(lib: Library, one: str, other: str, path: Path) -> Probed:
    """One recording by two models, or by one where both are the same."""
    chosen = [models_of(lib, name)[-1] for name in dict.fromkeys((one, other))]
    return hear(lib, chosen, [Sound(path.name, Clip(path.name, path))])


def hear(lib: Library, choices: Sequence[ModelChoice], sounds: Sequence[Sound], tell: Tell | None = None
         ) -> Probed:
    """`sounds` by each of `choices`, the base first where there are two."""
    if not sounds:
        raise Refused("There are no utterances to probe; choose a folder or a project with recordings.")
    rows = []
    for choice in choices:
        found = []
        for number, sound in enumerate(sounds, 1):
            if tell:
                tell(f"{choice.title}: {number} of {len(sounds)}")
            found.append(_ask(lib, choice, sound))
        rows.append(tuple(found))
    return Probed(tuple(choice.title for choice in choices), tuple(sounds), tuple(rows))


def models_of(lib: Library, model: str) -> list[ModelChoice]:
    """The model itself; of a training run its base first."""
    choice = model_named(lib, model)
    family = named(choice.family)
    if not isinstance(family, Probes):
        raise BadInput(f"{family.title} has no pause heads to probe; choose a Kyutai STT that has them.")
    path = Path(choice.path)
    if (path / "run.json").exists():
        base = base_of(RunDir(path))
        return [ModelChoice("base", "base", choice.family, base, "base"), choice]
    if why := family.why_not_probed(path):
        raise Refused(why)
    return [choice]


def _ask(lib: Library, choice: ModelChoice, sound: Sound) -> dict[str, Any]:
    clip = sound.clip
    try:
        return ask(lib, {"do": "probe", "family": choice.family, "model": choice.path, "start": clip.start,
                         "end": clip.end, "audio": str(clip.path.resolve())})
    except StudioError as error:
        raise type(error)(f"{sound.id}: {error}") from error


def in_folder(folder: Path) -> list[Sound]:
    """The sounds of a folder, with the text of a .txt beside each. NotFound for none."""
    if not folder.is_dir():
        raise NotFound(f"There is no folder {folder}; check the path.")
    found = []
    for path in sorted(folder.iterdir()):
        if path.is_file() and _is_sound(path):
            text = path.with_suffix(".txt")
            said = text.read_text(encoding="utf-8").strip() if text.is_file() else ""
            found.append(Sound(path.name, Clip(path.name, path), said))
    if not found:
        raise NotFound(f"{folder} holds no sound that can be read.")
    return found


def _is_sound(path: Path) -> bool:
    if path.suffix.lower() in (".txt", ".json", ".jsonl", ".csv", ".tsv", ".md"):
        return False
    try:
        info(path)
    except StudioError:
        return False
    return True


def of_project(lib: Library, slug: str) -> list[Sound]:
    """The test part of a project's newest dataset, and its ordinary speech."""
    project = lib.projects.get(slug)
    snapshots = lib.datasets.of(project.id)
    if not snapshots:
        raise NotFound(f"“{project.name}” has no dataset yet; make one on the Data tab, or by `app.py dataset"
                       f" {slug}`.")
    folder = lib.root.path / snapshots[0].folder
    regression = folder / "regression"
    clips = material(folder, regression if regression.is_dir() else None)
    return [Sound(row.id, Clip(row.id, place / row.audio, row.start, row.end), row.text, row.words,
                  row.language) for _, place, row in clips.clips]
