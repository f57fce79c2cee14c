"""Transcribe: a run in the background, over the takes that no model has heard yet."""
from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from core.config import STARTER
from core.errors import NotFound, Refused
from core.families import FAMILIES, family_of
from core.families.base import HasLanguages, Trains, Transcribes
from core.families.base.sharing import FromScratch
from core.library import Library, Project
from core.run_dir import RunDir
from core.runs import listing
from core.runs.start import start as start_run
from core.steps.aligners import aligning

MOST_LANGUAGES = 20
"""So many of one model are listed; any other is named as MODEL:LANGUAGE."""
WHISPER_SIZES = ("tiny.en", "tiny", "base.en", "base", "small.en", "small", "medium.en", "medium", "large-v3",
                 "turbo")


@dataclass(frozen=True)
class ModelChoice:
    """A model that can be named in forms and commands; `path` is a folder or a Whisper size."""

    name: str
    title: str
    family: str
    path: str
    where: str


def models(lib: Library) -> list[ModelChoice]:
    """The starter, merged models, finished training runs (base + adapter), and Whisper's sizes."""
    found = [ModelChoice("starter", "Starter (small, offline)", "ctc", str(STARTER), "starter")]
    for config in sorted(lib.root.models.glob("*/*/config.json")):
        folder = config.parent
        if folder.name.startswith("."):  # a merge builds there
            continue
        name = f"{folder.parent.name}/{folder.name}"
        family = next((f.name for f in FAMILIES.values() if f.claims(folder)), None)
        if family:
            found.append(ModelChoice(name, f"{name} (merged)", family, str(folder), "merged"))
            found += _languages(found[-1])
    for card in listing.runs(lib.root, kind="train"):
        if (card.path / "checkpoints" / "manifest.json").exists():
            found.append(ModelChoice(card.id, f"{card.id} (base + adapter)", card.order["family"],
                                     str(card.path), "run"))
    if "whisper" in FAMILIES:
        found += [ModelChoice(size, f"Whisper {size}", "whisper", size, "whisper") for size in WHISPER_SIZES]
    return found


def listeners(lib: Library) -> list[ModelChoice]:
    """Those of `models` that write down what they hear; others speak."""
    return [choice for choice in models(lib) if isinstance(FAMILIES.get(choice.family), Transcribes)]


def _languages(model: ModelChoice) -> list[ModelChoice]:
    """A model of several languages in each of them, while they are few enough to choose from."""
    family = FAMILIES[model.family]
    known = family.languages(Path(model.path)) if isinstance(family, HasLanguages) else []
    return [_in_language(model, language) for language in known if len(known) <= MOST_LANGUAGES]


def _in_language(model: ModelChoice, language: str) -> ModelChoice:
    name = f"{model.name}:{language}"
    return ModelChoice(name, f"{model.name} (language {language})", model.family, f"{model.path}:{language}",
                       "language")


def model_named(lib: Library, name: str) -> ModelChoice:
    """The model of that name, run id, or folder. Raises NotFound with the names there are."""
    for choice in [*models(lib), *blanks()]:
        if name in (choice.name, choice.path):
            return choice
    folder = Path(name)
    if folder.is_dir():
        return ModelChoice(folder.name, folder.name, family_of(folder).name, str(folder.resolve()), "folder")
    if folder.suffix in (".pt", ".pth", ".bin", ".pkl", ".ckpt") and "whisper" in FAMILIES:
        # refused there unless it is OpenAI's own
        return ModelChoice(folder.stem, folder.name, "whisper", str(folder.resolve()), "file")
    bare, _, language = name.rpartition(":")
    if bare and isinstance(FAMILIES[(base := model_named(lib, bare)).family], HasLanguages):
        return _in_language(base, language)
    if re.fullmatch(r"[\w.-]+/[\w.-]+", name) and "mms" in name.lower():
        raise NotFound(f"The model “{name}” is not on this machine: put its config.json, model.safetensors, "
                       "vocab.json, tokenizer_config.json, preprocessor_config.json and the adapters of its "
                       f"languages (adapter.LANGUAGE.safetensors) into {lib.root.models / name}.")
    known = ", ".join(c.name for c in models(lib))
    raise NotFound(f"There is no model “{name}”: name a folder, or one of {known}.")


def trainable(lib: Library) -> list[ModelChoice]:
    """Plain folders that a family can train: the starter, merged models, and those to begin from scratch."""
    able = {name for name, family in FAMILIES.items() if isinstance(family, Trains)}
    plain = [c for c in models(lib) if c.family in able and c.where in ("starter", "merged")]
    return [*plain, *blanks()]


def blanks() -> list[ModelChoice]:
    """The bases of runs that begin with nothing, of each family that trains so."""
    return [ModelChoice(family.blank().name, f"Nothing: {family.title}", name, str(family.blank()), "blank")
            for name, family in FAMILIES.items() if isinstance(family, FromScratch)]


def start(lib: Library, project: Project, model: str = "starter", device: str = "auto",
          precision: str = "auto", again: bool = False) -> RunDir:
    """Transcribe the takes that have no machine transcript yet (or all, with `again`); returns at once.

    Raises Refused with a sentence when there is nothing to do.
    """
    choice = model_named(lib, model)
    takes = lib.clips.views(project.id)
    views = [v for v in takes if v.clip.decision != "rejected" and (again or v.heard is None)]
    if not takes:
        raise Refused(f"“{project.name}” has no takes yet; record or import some first.")
    if not views:
        raise Refused("Every take has been transcribed already; choose “again” to have them heard anew.")
    items = [{"id": v.clip.id, "audio": str((lib.root.path / v.clip.audio).resolve()), "start": v.clip.start,
              "end": v.clip.end, "prompt": v.prompt} for v in views]
    order = {"project": project.slug, "model": choice.path, "family": choice.family, "device": device,
             "precision": precision, **aligning(lib, project), "items": items}
    return start_run(lib.root, project.slug, "transcribe", order)
