"""What differs between a checkpoint and a run that is to go on from it, and which ways that closes."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.families.base.options import LoopOptions

ALL = ("continue", "warm start", "retune")
MATTERS = {
    "dataset": ("Continue needs the same clips; Warm start and Retune go on with others.", ALL[:1]),
    "family": ("An adapter fits its own kind of model only, so nothing can go on from here.", ALL),
    "base": ("An adapter fits its own base model only, so nothing can go on from here.", ALL),
    "letters": ("The output layer fits its own letters only; merge the run, and start from the merged model.",
                ALL),
    "processes": ("Continue needs as many processes, because each has random numbers of its own.", ALL[:1]),
    "device": ("The numbers will differ a little from those of a run without a break.", ()),
    "version": ("The numbers may differ a little from those of a run without a break.", ()),
    "option": ("Continue keeps every option; Retune takes new ones.", ALL[:1]),
}
FACTS = {"family": "family", "base_id": "base", "fingerprint": "dataset", "device": "device",
         "world": "processes"}
"""Plain facts of a checkpoint's state, by the kind of their row."""


@dataclass(frozen=True)
class Difference:
    """`what` (an option or a package by its name) was `before` and is `now`; `matters` is a sentence, and
    `forbids` are the ways to go on that it closes."""

    what: str
    before: Any
    now: Any
    matters: str
    forbids: tuple[str, ...] = ()


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    """The rows for a checkpoint's state and what is true now under the same names, with the options as their
    model; what `now` does not name is not compared."""
    facts = [_row(kind, kind, before.get(name), now[name]) for name, kind in FACTS.items()
             if name in now and before.get(name) != now[name]]
    return [*facts, *_letters(before, now), *_options(before, now), *_versions(before, now)]


def _letters(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    old, new = before["prepared"]["vocabulary"], now.get("vocabulary")
    if new is not None and old != new:
        yield _row("letters", "letters", len(old), len(new))


def _options(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    options: LoopOptions = now["options"]
    for name, one in type(options).model_fields.items():
        # an option that the checkpoint does not know had its default
        old, new = before["options"].get(name, one.default), getattr(options, name)
        if old != new:
            yield _row("option", name, old, new)


def _versions(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    for name, version in now.get("versions", {}).items():
        if (was := before.get("versions", {}).get(name)) != version:
            yield _row("version", name, was, version)


def _row(kind: str, what: str, before: Any, now: Any) -> Difference:
    sentence, forbids = MATTERS[kind]
    return Difference(what, before, now, sentence, forbids)
