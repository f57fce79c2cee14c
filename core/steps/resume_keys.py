"""Keys by which files of settings elsewhere say how a run goes on, and where TTT layers stand, as ours:
`resume_from`, `reset_optimizer` and `reset_step` as a run and a way to go on from it, `ttt.layers` and its
like as the options `ttt_layers` and so on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from core.errors import BadInput

FROM, OPTIMIZER, STEP = "resume_from", "reset_optimizer", "reset_step"
TTT = "ttt"


def options_of(held: Mapping[str, Any], name: str) -> dict[str, Any]:
    """`held` with `ttt: {layers: middle}`, or `ttt.layers: middle`, as `ttt_layers: middle`. BadInput for a
    `ttt` that holds no settings."""
    inner = held.get(TTT) or {}
    if not isinstance(inner, Mapping):
        raise BadInput(f"“{TTT}” in {name} is {inner!r}, but should hold settings such as “layers: middle”.")
    found = {key: value for key, value in held.items() if key != TTT and not key.startswith(f"{TTT}.")}
    dotted = {key.removeprefix(f"{TTT}."): value for key, value in held.items()
              if key.startswith(f"{TTT}.")}
    return {**found, **{f"{TTT}_{key}": value for key, value in {**inner, **dotted}.items()}}


def settings_of(held: Mapping[str, Any], name: str, has_options: bool) -> dict[str, str]:
    """The settings `run`, `way` and, where it is named, `checkpoint`; {} where nothing is gone on from.

    Everything kept is Continue; a new optimizer that counts from the first step is Retune where the file
    `has_options` of its own, else Warm start. One without the other is BadInput: there is no such way here.
    """
    place = held.get(FROM)
    is_new = [_flag(held, key, name) for key in (OPTIMIZER, STEP)]
    if not place:
        return {}
    if not isinstance(place, str):
        raise BadInput(f"“{FROM}” in {name} is {place!r}, but should name a run, or a checkpoint of one.")
    if is_new[0] != is_new[1]:
        raise BadInput(f"In {name} one of {OPTIMIZER} and {STEP} is true and the other is not: set both to"
                       " false to continue a run, or both to true to begin anew with its weights.")
    way = ("retune" if has_options else "warm-start") if is_new[0] else "continue"
    return {**_place(place, name), "way": way}


def rest(held: Mapping[str, Any]) -> dict[str, Any]:
    """`held` without these keys."""
    return {key: value for key, value in held.items() if key not in (FROM, OPTIMIZER, STEP)}


def _flag(held: Mapping[str, Any], key: str, name: str) -> bool:
    value = held.get(key) or False
    if not isinstance(value, bool):
        raise BadInput(f"“{key}” in {name} is {value!r}, but should be true or false.")
    return value


def _place(place: str, name: str) -> dict[str, str]:
    """RUN, RUN/CHECKPOINT, or the path of either, as run and checkpoint."""
    parts = [part for part in PurePath(place).parts if part not in ("/", ".", "checkpoints")]
    is_checkpoint = bool(parts) and (parts[-1] in ("best", "last") or parts[-1].startswith("step-"))
    if len(parts) <= is_checkpoint:
        raise BadInput(f"“{FROM}” in {name} is “{place}”, which names no run; write RUN or RUN/step-000500.")
    if is_checkpoint:
        return {"run": parts[-2], "checkpoint": parts[-1]}
    return {"run": parts[-1]}
