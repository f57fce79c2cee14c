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


@dataclass
class _Ranked:
    """What was worked out and when, of which evidence; by clip id, that evidence with what it was made of."""

    at: float
    evidence: list[Evidence]
    risks: Mapping[str, Risk]
    made: dict[str, tuple[object, Evidence]]


# The last answer by project: only what changed since is brought together again.
_last: dict[tuple[str, int], _Ranked] = {}


def ranked(lib: Library, project: Project, patience: float = 0.0) -> Mapping[str, Risk]:
    """The risk of each take in use that has a text, by clip id, the riskiest first.

    An answer that is younger than `patience` seconds is given again: a page asks at each turn of a take, and
    an order that moves under one's eyes helps nobody.
    """
    key = (str(lib.root.path), project.id)
    known = _last.get(key)
    if known and time.monotonic() - known.at < patience:
        return known.risks
    made = _made(lib, project, known.made if known else {})
    found = [each for _, each in made.values()]
    same = known is not None and known.evidence == found
    risks = known.risks if known and same else rank(found)
    _last[key] = _Ranked(time.monotonic(), found, risks, made)
    return risks


def _made(lib: Library, project: Project, known: Mapping[str, tuple[object, Evidence]]
          ) -> dict[str, tuple[object, Evidence]]:
    """The evidence of all takes, new where what it is made of has changed."""
    times, own = lib.word_times.of_project(project.id), lib.rules.of(project.id)
    made = {}
    for view in lib.clips.views(project.id, role="target"):
        if not view.text or view.clip.decision == "rejected":
            continue
        laid = times.get(view.clip.transcript_id or 0)
        seen = (view.clip.transcript_id, view.prompt, view.speaker, view.heard, view.clip.quality, laid, own,
                project.digits)
        before = known.get(view.clip.id)
        made[view.clip.id] = before if before and before[0] == seen else (
            seen, evidence(project, view, laid, own))
    return made


def evidence(project: Project, view: View, laid: WordTimes | None, rules: Sequence[Rule] = ()) -> Evidence:
    """What is known of one take; `rules` are the project's."""
    margins = [item["margin"] for item in view.details.get("items", []) if is_heard(item["reason"])]
    heard = _heard(project, view, rules)
    made = Evidence(view.clip.id, view.text or "", view.speaker or "", view.prompt, heard,
                    margin=min(margins, default=None), quality=view.clip.quality or None,
                    language=project.language)
    if laid is None:
        return made
    return replace(made, agreement=laid.agreement, worst=laid.worst)


def _heard(project: Project, view: View, rules: Sequence[Rule]) -> str | None:
    """What a recogniser heard, its numbers in the words of the text; None where the text is just that."""
    if view.heard is None:
        return None
    try:
        converted = proposal(view.heard, project.language, view.text, rules=rules, digits=project.digit_words)
    except BadInput:
        return view.heard
    return converted[0] if converted else view.heard
