"""Risk: the takes of a project in the order in which they deserve an ear, each with its reasons."""
from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.errors import BadInput
from core.library import Library, Project, View, WordTimes
from core.quality.risk import Evidence, Risk, rank
from core.steps.convert import proposal
from core.text.convert import is_heard
from core.text.rules import Rule

Stamp = tuple[int, int, float]


@dataclass(frozen=True)
class _Ranked:
    """What was worked out, when, and of which state of the project."""

    stamp: Stamp
    at: float
    risks: Mapping[str, Risk]


# The last answer by project; of the evidence only what changed is brought together again.
_last: dict[tuple[str, int], _Ranked] = {}
_evidence: dict[tuple[str, int], dict[str, tuple[object, Evidence]]] = {}


def ranked(lib: Library, project: Project, patience: float = 0.0) -> Mapping[str, Risk]:
    """The risk of each take in use that has a text, by clip id, the riskiest first.

    An answer that is younger than `patience` seconds is given again: a page asks at each turn of a take, and
    an order that moves under one's eyes helps nobody.
    """
    key = (str(lib.root.path), project.id)
    if key in _last and time.monotonic() - _last[key].at < patience:
        return _last[key].risks
    times = lib.word_times.of_project(project.id)
    newest = max((found.at for found in times.values()), default=0.0)
    stamp = (lib.changes.last_id(project.id), len(times), newest)
    known = _last.get(key)
    if known is None or known.stamp != stamp:
        known = _Ranked(stamp, time.monotonic(), rank(_all_evidence(lib, project, times)))
        _last[key] = known
    return known.risks


def _all_evidence(lib: Library, project: Project, times: Mapping[int, WordTimes]) -> list[Evidence]:
    kept = _evidence.setdefault((str(lib.root.path), project.id), {})
    found, own = [], lib.rules.of(project.id)
    for view in lib.clips.views(project.id, role="target"):
        if not view.text or view.clip.decision == "rejected":
            continue
        laid = times.get(view.clip.transcript_id or 0)
        seen = (view.clip.transcript_id, view.speaker, view.heard, view.clip.quality, laid)
        if view.clip.id not in kept or kept[view.clip.id][0] != seen:
            kept[view.clip.id] = (seen, evidence(project, view, laid, own))
        found.append(kept[view.clip.id][1])
    return found


def evidence(project: Project, view: View, laid: WordTimes | None, rules: Sequence[Rule] = ()) -> Evidence:
    """What is known of one take; `rules` are the project's."""
    margins = [item["margin"] for item in view.details.get("items", []) if is_heard(item["reason"])]
    heard = _heard(project, view, rules)
    made = Evidence(view.clip.id, view.text or "", view.speaker or "", view.prompt, heard,
                    margin=min(margins, default=None), quality=view.clip.quality or None,
                    language=project.language)
    if laid is None:
        return made
    return replace(made, words=laid.words, agreement=laid.agreement, worst=laid.worst)


def _heard(project: Project, view: View, rules: Sequence[Rule]) -> str | None:
    """What a recogniser heard, its numbers in the words of the text; None where the text is just that."""
    if view.heard is None:
        return None
    try:
        converted = proposal(view.heard, project.language, view.text, rules=rules, digits=project.digit_words)
    except BadInput:
        return view.heard
    return converted[0] if converted else view.heard
