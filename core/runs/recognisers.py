"""Open any model that transcribes: a family's own, or a training run (its base with what was trained)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import NotFound
from core.families.base import HasLanguages, Recogniser, Transcribes


def open_recogniser(order: dict[str, Any], models: Path | None = None) -> Recogniser:
    """Load `order["model"]` with the family `order["family"]`; device, precision, language may be given too.

    A model is a folder, or a name that the family knows; below `models/<family>` is looked first. StudioError
    when it cannot be loaded.
    """
    from core.families import named, that

    family = named(order["family"])
    if not isinstance(family, Transcribes):
        able = ", ".join(sorted(that(Transcribes)))
        raise NotFound(f"The model family “{family.name}” does not transcribe; these do: {able}.")
    return family.recogniser(
        _place(order["model"], family.name, models),
        order.get("device") or "auto",
        order.get("precision") or "auto",
        order.get("language") or "en",
    )


def in_language(family: str, model: str, language: str) -> str:
    """`model` as it is named when a person asked for `language`: a folder's own choice does not stand above
    that; a model of one language, or a name, is told in its own way."""
    from core.families import named

    known = named(family)
    is_folder = language and language != "auto" and isinstance(known, HasLanguages) and Path(model).is_dir()
    return f"{model}:{language}" if is_folder and known.languages(Path(model)) else model


def _place(model: str, family: str, models: Path | None) -> str:
    """A bare name (a size such as "tiny.en") as a name within the data root's own models."""
    bare = Path(model).name == model and not Path(model).exists()
    return str(models / family / model) if models and bare else model
