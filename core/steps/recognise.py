"""Recognise: small immediate things, answered by the warm helper so that the page never imports torch."""
from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.audio.read import info
from core.errors import BadInput
from core.library import Library
from core.runs.helper import Helper
from core.steps.transcribe import model_named

MAX_SECONDS = 120.0


@dataclass(frozen=True)
class Heard:
    """What a model made of one file."""

    name: str
    text: str
    words: tuple[tuple[str, float, float, float | None], ...]
    seconds: float


@functools.cache
def _helper(models: Path, cache: Path) -> Helper:
    cache.mkdir(parents=True, exist_ok=True)
    return Helper(models, cache / "helper.log")


def ask(lib: Library, request: dict[str, Any]) -> dict[str, Any]:
    """What the warm helper of this data root answers. Raises StudioError with its sentence."""
    return _helper(lib.root.models, lib.root.cache).ask(request)


def recognise(lib: Library, model: str, paths: Sequence[Path]) -> list[Heard]:
    """The text of each file by one model (name, run id or folder). Raises StudioError with the file's
    name."""
    choice = model_named(lib, model)
    heard = []
    for path in paths:
        if not path.exists():
            raise BadInput(f"{path.name} does not exist; check the path.")
        seconds = info(path).seconds
        if seconds > MAX_SECONDS:
            raise BadInput(f"{path.name} lasts {seconds:.0f} s; this takes at most {MAX_SECONDS:.0f} s. "
                           "Import it into a project instead.")
        reply = ask(lib, {"do": "recognise", "family": choice.family, "model": choice.path,
                          "audio": str(path.resolve())})
        heard.append(Heard(path.name, reply["text"], tuple(tuple(w) for w in reply["words"]), seconds))
    return heard


def side_by_side(lib: Library, models: Sequence[str], audio: Path) -> list[tuple[str, str]]:
    """(model, text) of one recording through several models."""
    return [(model, recognise(lib, model, [audio])[0].text) for model in models]
