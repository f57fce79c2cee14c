"""Doctor: whether a model can be trusted on this machine, asked once and kept with the machine's name."""
from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from core.config import SAMPLE
from core.errors import StudioError
from core.files import read_json, sha256_of, write_json
from core.library import Library
from core.modelling.weights import weights_id
from core.runs.helper import apart
from core.runs.looks import checks_of, rows_of
from core.steps.transcribe import ModelChoice, model_named
from core.training.checks import Check, worst

CLIP = ("regression-66.flac", "please open the window before dinner")
"""The known clip of the shipped sample, and what is said in it."""
PATIENCE = 900.0
"""Seconds that a large model may take to load from a slow disk."""
State = Literal["checked", "warned", "refused", "untried"]


@dataclass(frozen=True)
class Health:
    """What is known of a model on this machine: `checks` are empty and `at` 0 while it is untried."""

    state: State
    checks: tuple[Check, ...] = ()
    at: float = 0.0

    @property
    def reason(self) -> str:
        """The sentence of the first check that is as bad as the whole; "" where nothing is wrong."""
        bad = worst(self.checks)
        return next((c.sentence for c in self.checks if c.outcome == bad != "passed"), "")


def known(lib: Library, model: ModelChoice) -> Health:
    """What the doctor found the last time that these weights were here; reads nothing but small files."""
    try:
        kept = read_json(_kept(lib, model))
        return _health(checks_of(kept["checks"]), float(kept["at"]))
    except (OSError, StudioError, KeyError, TypeError, ValueError):  # none, or one that was cut short
        return Health("untried")


def examine(lib: Library, name: str, device: str = "auto", precision: str = "auto") -> Health:
    """Examine a model (name, run id, folder or size) in a process of its own, and keep what was found.

    Raises StudioError where there is no such model.
    """
    model = model_named(lib, name)
    clip = {"audio": str(SAMPLE / CLIP[0]), "text": CLIP[1]}
    request = {"do": "doctor", "family": model.family, "model": model.path, "language": _language(lib, model),
               "models": str(lib.root.models), "device": device, "precision": precision, "clip": clip}
    lib.root.cache.mkdir(parents=True, exist_ok=True)
    reply = apart(request, lib.root.models, lib.root.cache / "doctor.log", PATIENCE)
    health = _health(checks_of(reply["checks"]), time.time())
    try:
        write_json(_kept(lib, model), {"model": model.name, "machine": platform.node(), "at": health.at,
                                       "checks": rows_of(health.checks)})
    except (OSError, StudioError) as error:  # without whole weights there is nothing to keep it by
        if health.state != "refused":
            raise error
    return health


def _health(checks: Sequence[Check], at: float) -> Health:
    states: dict[str, State] = {"passed": "checked", "warned": "warned", "refused": "refused"}
    return Health(states[worst(checks)], tuple(checks), at)


def _kept(lib: Library, model: ModelChoice) -> Path:
    """Where it is kept: by the identity of the weights, and by this machine."""
    key = f"{_identity(model)} {platform.node()} {platform.machine()}"
    name = hashlib.sha256(key.encode()).hexdigest()[:24]
    return lib.root.cache / "doctor" / f"{name}.json"


def _identity(model: ModelChoice) -> str:
    """What changes with the weights; of a size by name its name, since its file is opened by its hash."""
    path, _, language = model.path.rpartition(":") if model.where == "language" else (model.path, "", "")
    folder = Path(path)
    if not folder.is_dir():
        return f"{model.family} {model.path}"
    stamps = tuple((f.name, f.stat().st_size, f.stat().st_mtime_ns) for f in _files_of(folder))
    return f"{_weights(folder, stamps)} {language}"


def _files_of(folder: Path) -> list[Path]:
    """The files that the identity of a folder is read from."""
    if (folder / "run.json").exists():
        return sorted((folder / "checkpoints").glob("manifest.json"))
    return sorted([*folder.glob("*.safetensors"), *folder.glob("*.json"), *folder.glob("*.pt")])


@lru_cache(maxsize=512)
def _weights(folder: Path, stamps: tuple[Any, ...]) -> str:
    """Hashing every model anew each time that a list is drawn would take seconds: `stamps` change with its
    files."""
    if (folder / "run.json").exists():
        return f"{folder.name} {stamps}"
    if not any(name.endswith(".safetensors") for name, _, _ in stamps):
        return f"{folder.name} {stamps}"
    small = [sha256_of(folder / name) for name, _, _ in stamps if name in ("config.json", "vocab.json")]
    return " ".join([weights_id(folder), *small])


def _language(lib: Library, model: ModelChoice) -> str:
    """en where the model is for English, "" where nobody knows or it is for another language."""
    if model.where == "starter" or model.path.endswith(".en"):
        return "en"
    slugs = {project.slug: project.language for project in lib.projects.all()}
    of_run = Path(model.path).parent.parent.name if model.where == "run" else model.name.split("/")[0]
    language = slugs.get(of_run, "") if model.where in ("run", "merged") else ""
    return "en" if language.lower().startswith("en") else ""
