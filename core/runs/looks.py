"""Looks at a model that take a process of their own: the doctor, what a preflight needs a model for,
another layout of it, the frames of a clip, and a diagnosis. A request as JSON in, what was seen as JSON
out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core import manifest
from core.training.checks import Check


def rows_of(checks: Sequence[Check]) -> list[dict[str, Any]]:
    """Checks as JSON."""
    return [{**asdict(check), "ids": list(check.ids), "figures": dict(check.figures)} for check in checks]


def checks_of(rows: Sequence[dict[str, Any]]) -> list[Check]:
    """The inverse of `rows_of`."""
    return [Check(**{**row, "ids": tuple(row["ids"])}) for row in rows]


def _examine(request: dict[str, Any]) -> dict[str, Any]:
    """{family, rows: a folder with a manifest, audio: the folder that its paths begin in, base, options,
    sounds: where what a model that speaks would learn is written}."""
    from core.families import named
    from core.training import options
    from core.training.examining import examine

    family = named(request["family"])
    found = examine(family, manifest.read(Path(request["rows"])), Path(request["audio"]),
                    Path(request["base"]), options.resolve(family, "", request["options"]),
                    request["device"], request["precision"], Path(request["sounds"]))
    return {"checks": rows_of(found)}


def _doctor(request: dict[str, Any]) -> dict[str, Any]:
    """{family, model, language, device, precision, clip: {audio, text}}."""
    from core.runs.doctor import examine

    return {"checks": rows_of(examine(request))}


def _convert(request: dict[str, Any]) -> dict[str, Any]:
    """{family, model, form, dtype, out}: a folder in another layout, and what was checked in it."""
    from core.families import named

    found = named(request["family"]).convert(Path(request["model"]), request["form"], request["dtype"],
                                             Path(request["out"]))
    return {"checks": [asdict(check) for check in found]}


def _frames(request: dict[str, Any]) -> dict[str, Any]:
    """{family, rows: a folder with a manifest of one clip, audio, base, options}: the frames of the clip."""
    from core.families import named
    from core.training import options

    family, base = named(request["family"]), Path(request["base"])
    (row,) = manifest.read(Path(request["rows"]))
    given = options.resolve(family, "", request["options"])
    return {"frames": [asdict(each) for each in family.frames_of(row, Path(request["audio"]), base, given)]}


def _diagnose(request: dict[str, Any]) -> dict[str, Any]:
    """{family, model, checkpoint, device, precision, clips, known}: where its numbers stop being numbers."""
    from core.runs.diagnosing import diagnosed

    found, state = diagnosed(request)
    return {"diagnosis": asdict(found), "looked_at": state}


LOOKS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "examine": _examine, "doctor": _doctor, "convert": _convert, "frames": _frames,
    "diagnose": _diagnose}
"""What a request may ask for, by its `do`."""
