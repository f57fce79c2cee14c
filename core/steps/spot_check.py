"""Spot-check: takes one by one with their figures, and what the checked sample proves."""
from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from core.errors import BadInput
from core.library import Change, Library, Project, View
from core.quality.clip import ClipQuality, faults
from core.quality.sets import what_it_proves
from core.types import Finding

METRICS = {
    "snr_db": "Signal to noise (dB)", "rms_dbfs": "Level (dBFS)", "peak_dbfs": "Peak (dBFS)",
    "clipped_ratio": "Clipped (share)",
    "lead": "Silence before (s)", "trail": "Silence after (s)", "longest_silence": "Longest pause (s)",
    "silence_ratio": "Silence (share)",
    "words_per_second": "Words a second", "seconds": "Length (s)"}
MARKS = ("right", "wrong", "skip", "")


@dataclass(frozen=True)
class CheckRow:
    """One clip with what was measured and noticed."""

    view: View
    quality: ClipQuality
    findings: tuple[Finding, ...]


def rows(lib: Library, project: Project, sort: str = "snr_db", descending: bool = False) -> list[CheckRow]:
    """Clips that were not rejected, sorted by one metric (clips without it come last)."""
    if sort not in METRICS:
        raise BadInput(f"“{sort}” is no metric; choose one of {', '.join(METRICS)}.")
    made = []
    for view in lib.clips.views(project.id, role="target"):
        if view.clip.decision != "rejected" and view.clip.quality:
            quality = quality_of(view)
            made.append(CheckRow(view, quality, tuple(faults(quality))))
    return sorted(made, key=lambda r: _key(getattr(r.quality, sort), descending))


def _key(value: float | None, descending: bool) -> tuple[bool, float]:
    return (value is None, 0.0 if value is None else (-value if descending else value))


def quality_of(view: View) -> ClipQuality:
    """What was measured at import or recording, with the speaking rate of the words that are known now."""
    known = {f.name for f in dataclasses.fields(ClipQuality)}
    quality = ClipQuality(**{k: v for k, v in view.clip.quality.items() if k in known})
    if view.text and quality.seconds:
        spoken = max(quality.seconds - quality.lead - quality.trail, 0.1)
        quality = dataclasses.replace(quality, words_per_second=len(view.text.split()) / spoken)
    return quality


def mark(lib: Library, project: Project, clip_id: str, mark: str, expected: str, who: str) -> None:
    """Say that a clip is right or wrong, or skip it."""
    if mark not in MARKS:
        raise BadInput(f"“{mark}” is no mark; choose right, wrong or skip.")
    lib.changes.apply(project.id, [Change(clip_id, "mark", expected, mark)], who)


def proof(lib: Library, project: Project) -> str:
    """What the marks prove about all clips that were not rejected, in words."""
    views = [v for v in lib.clips.views(project.id, role="target") if v.clip.decision != "rejected"]
    right, wrong = (sum(v.clip.mark == m for v in views) for m in ("right", "wrong"))
    return what_it_proves(right, wrong, len(views))


def values(lib: Library, project: Project, metric: str) -> list[float]:
    """All values of one metric, for a histogram."""
    found = [getattr(row.quality, metric) for row in rows(lib, project, metric)]
    return [float(v) for v in found if v is not None]
