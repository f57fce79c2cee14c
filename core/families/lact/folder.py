"""What a LaCT folder says about itself, read from its JSON alone: measures, vocabulary, features; or that it
is blank, and a run begins from scratch."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core.errors import BadInput, NotFound, Unavailable
from core.files import read_json, write_json
from core.modelling import weights
from core.modelling.lact import features
from core.modelling.lact.asr_config import AsrConfig

ARCHITECTURE = "LactAsrForCTC"
BLANK_FOLDER = Path(__file__).resolve().parents[3] / "models" / "lact-blank"
"""Ships with the app: a config without measures and a weight file without weights."""
MEL = {"kind": "log-mel", "rate": features.RATE, "window": features.WINDOW, "hop": features.HOP,
       "size": features.SIZE, "mean": features.MEAN, "spread": features.SPREAD, "floor": features.FLOOR}
"""The settings of the features; a folder with others was made for another ear."""


@dataclass(frozen=True)
class Folder:
    """One model folder. A blank one has neither `config` nor `vocabulary`."""

    path: Path
    config: AsrConfig | None
    vocabulary: dict[str, int]

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing in it yet."""
        return self.config is None


def claims(folder: Path) -> bool:
    """Whether `folder` holds a model of this family, or a training run of one."""
    if (folder / "run.json").exists():
        return bool(read_json(folder / "run.json").get("family") == "lact")
    if not (folder / "config.json").exists():
        return False
    config = read_json(folder / "config.json")
    return isinstance(config, dict) and ARCHITECTURE in (config.get("architectures") or ())


def read(path: Path) -> Folder:
    """The folder at `path`, complete and consistent, or a sentence: NotFound, Unavailable, BadInput or
    Refused."""
    if not path.is_dir():
        raise NotFound(f"There is no model folder {path}.")
    if (path / "run.json").exists():
        raise BadInput(f"{path.name} is a training run, not a base model; merge it first, or go on from it by"
                       " Warm start or Retune.")
    if not (path / "config.json").exists():
        raise Unavailable(f"{path} holds no model: config.json is missing.")
    held = read_json(path / "config.json")
    if not claims(path):
        raise BadInput(f"{path.name} is no LaCT model: its config.json does not name {ARCHITECTURE}.")
    weights.weight_files(path)
    if "network" not in held:
        if weights.n_parameters(path):
            raise BadInput(f"{path.name} has weights, but its config.json has no “network” to put them in.")
        return Folder(path, None, {})
    if held.get("features") != MEL:
        raise BadInput(f"{path.name} was made for features that this version does not compute; use the"
                       " version that it was made with.")
    return Folder(path, _network(path, held["network"]), _vocabulary(path, held["network"]))


def write(path: Path, config: AsrConfig, vocabulary: dict[str, int], dtype: str) -> None:
    """Put the JSON files of a model into `path`; `dtype` is that of the weights beside them."""
    write_json(path / "config.json", {"architectures": [ARCHITECTURE], "model_type": "lact", "dtype": dtype,
                                      "network": config.model_dump(), "features": MEL})
    write_json(path / "vocab.json", vocabulary)


def encoder_id(bins: int) -> str:
    """Changes when the same audio would give other features."""
    settings = json.dumps({**MEL, "bins": bins}, sort_keys=True)
    return f"lact-1-{hashlib.sha256(settings.encode()).hexdigest()[:12]}"


def _network(path: Path, held: dict[str, Any]) -> AsrConfig:
    try:
        return AsrConfig(**held)
    except (TypeError, ValidationError) as error:
        raise BadInput(f"The config.json of {path.name} describes no network that can be built:"
                       f" {str(error).splitlines()[-1].strip()}") from error


def _vocabulary(path: Path, held: dict[str, Any]) -> dict[str, int]:
    if not (path / "vocab.json").exists():
        raise Unavailable(f"{path.name} has no vocabulary: vocab.json is missing, so its output could not be"
                          " read as letters; copy it from where the model came from.")
    vocabulary = {str(token): int(i) for token, i in read_json(path / "vocab.json").items()}
    if sorted(vocabulary.values()) != list(range(int(held.get("vocabulary", 0)))):
        raise BadInput(f"The vocabulary of {path.name} has {len(vocabulary)} tokens and its network writes"
                       f" {held.get('vocabulary')}; they do not belong together.")
    return vocabulary
