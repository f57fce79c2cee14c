"""The verdict on a run whose model makes sounds: its sentences, the figures that they rest on, and what base
and tuned model said of held-out clips, to be heard."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import NotFound
from core.evaluation import costs
from core.evaluation.costs import Term
from core.evaluation.verdict import Judgement
from core.files import read_json
from core.run_dir import RunDir
from core.runs.jobs import costing, speaking
from core.training.speaking import verdict_sound

ROLES = ("base", "tuned")


@dataclass(frozen=True)
class Pair:
    """One held-out clip as both models said it, with what was measured of each sound by its role."""

    id: str
    text: str
    figures: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class SoundVerdict:
    """`plain` is for everybody, `details` are sentences with figures; `terms` are there where costs were
    measured, in nats; `n` clips were judged and `pairs` can be heard."""

    judgement: Judgement
    plain: str
    details: tuple[str, ...]
    terms: tuple[Term, ...]
    pairs: tuple[Pair, ...]
    n: int


def of_run(run: RunDir) -> SoundVerdict | None:
    """The verdict of a training run, None before there is one and for a model that writes."""
    if (path := run.path / costing.FILE).exists():
        return _of_costs(read_json(path))
    if (path := run.path / speaking.FILE).exists():
        return _of_speech(read_json(path))
    return None


def _of_costs(raw: dict[str, Any]) -> SoundVerdict:
    found = costs.from_json(raw)
    details = () if "text" in {term.name for term in found.terms} else (costs.NO_TEXT,)
    pairs = tuple(Pair(row["id"], row["text"], {role: row[role] for role in ROLES}) for row in raw["sounds"])
    return SoundVerdict(found.judgement, found.plain, details, found.terms, pairs, found.n)


def _of_speech(raw: dict[str, Any]) -> SoundVerdict:
    both = zip(*(raw["items"][role] for role in ROLES), strict=True)
    pairs = tuple(Pair(one["id"], one["text"], {"base": _figures(one), "tuned": _figures(other)})
                  for one, other in both)
    return SoundVerdict(raw["judgement"], raw["sentence"], (), (), pairs, raw["n"])


def _figures(said: Mapping[str, Any]) -> dict[str, Any]:
    return {"seconds": said["seconds"], "stopped": said["stopped"],
            "duration_ratio": said["seconds"] / max(said["real_seconds"], 1e-6)}


def sound(run: RunDir, role: str, clip: str) -> Path:
    """The sound of one of the pairs. NotFound for any other."""
    found = of_run(run)
    if role not in ROLES or found is None or clip not in {pair.id for pair in found.pairs}:
        raise NotFound("This run has no such sound.")
    return verdict_sound(run.path, clip, role)
