"""What differs between a checkpoint and what is about to go on from it, row by row, and how each matters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.families.base.options import FREE
from core.training import checkpoints

if TYPE_CHECKING:
    from core.families.base.options import LoopOptions
    from core.training.session import Plan

SENTENCES = {
    "dataset": "Continue needs the same clips; Warm start and Retune go on with others.",
    "family": "An adapter fits its own kind of model only: nothing can go on from here.",
    "base": "An adapter fits its own base model only: nothing can go on from here.",
    "vocabulary": "The output layer fits its own letters only: merge that run, and start from the merged"
    " model.",
    "features": "Continue needs the feature settings that were; put the base's files back as they were.",
    "processes": "Continue needs as many processes: each has random numbers of its own.",
    "device": "The numbers will differ a little from those of a run without a break.",
    "versions": "The numbers may differ a little from those of a run without a break.",
    "threads": "The run goes on with as many threads as before, so that its numbers stay the same.",
    "option": "Continue keeps every option that moves the weights; Retune takes new ones.",
    "ttt": "Continue keeps it; Warm start and Retune take over the layers that still fit, and those that do"
    " not begin anew.",
    "free": "It moves no weight, so that a run may go on with it as it is now.",
}


@dataclass(frozen=True)
class Difference:
    """`what` (an option by its name) was `before` and is `now`; `matters` is a sentence, `forbids` the ways
    to go on that it closes."""

    what: str
    before: Any
    now: Any
    matters: str
    forbids: tuple[str, ...] = ()


ALL = ("continue", "warm start", "retune")
CLOSED = {"dataset": ALL[:1], "family": ALL, "base": ALL, "vocabulary": ALL, "features": ALL[:1],
          "processes": ALL[:1], "option": ALL[:1], "ttt": ALL[:1]}
"""The ways to go on that a difference of a kind closes."""
FACTS = {"family": "family", "fingerprint": "dataset", "base_id": "base", "device": "device",
         "world": "processes", "threads": "threads"}
"""The kind of each plain fact of a checkpoint's state."""


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    """The rows for a checkpoint's state (`checkpoint_folder.read_state`) and what is true now, under the same
    names; what `now` does not name is not compared. Gives [] where all is the same."""
    found = [
        _row(kind, kind, before.get(name), now[name])
        for name, kind in FACTS.items()
        if name in now and before.get(name) != now[name]
    ]
    return [*found, *_prepared(before, now), *_versions(before, now), *_options(before, now)]


def changed_options(before: Mapping[str, Any], now: LoopOptions) -> list[str]:
    """Names of the options that a checkpoint's were not; one that it does not know had its default."""
    usual = {name: field.default for name, field in type(now).model_fields.items()}
    return sorted(k for k, v in now.model_dump().items() if before.get(k, usual[k]) != v)


def facts(plan: Plan, device: str, world: int) -> dict[str, Any]:
    """What is true of a plan, for `differences`: its own facts, the device and the number of processes."""
    return {
        "family": plan.family.name,
        "fingerprint": plan.fingerprint,
        "base_id": plan.base_id,
        "options": plan.options,
        "prepared": {
            "vocabulary": plan.prepared.vocabulary,
            "normaliser": plan.prepared.normaliser,
            "extra": plan.prepared.extra,
        },
        "device": device,
        "world": world,
        "versions": checkpoints.versions(),
    }


def _prepared(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    if "prepared" not in now:
        return
    old, new = before["prepared"], now["prepared"]
    if old["vocabulary"] != new["vocabulary"]:
        yield _row("vocabulary", "vocabulary", len(old["vocabulary"]), len(new["vocabulary"]))
    odd = [k for k in ("normaliser", "extra") if old[k] != new[k]]
    if odd:
        yield _row("features", "features", ", ".join(odd), "")


def _versions(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    for name, version in now.get("versions", {}).items():
        if (was := before.get("versions", {}).get(name)) != version:
            yield _row("versions", name, was, version)


def _options(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    """`now["options"]` is an Options model, which knows the defaults."""
    if "options" not in now:
        return
    options: LoopOptions = now["options"]
    for name in changed_options(before["options"], options):
        kind = "free" if name in FREE else "ttt" if name.startswith("ttt_") else "option"
        yield _row(kind, name, before["options"].get(name), getattr(options, name))


def _row(kind: str, what: str, before: Any, now: Any) -> Difference:
    return Difference(what, before, now, SENTENCES[kind], CLOSED.get(kind, ()))
