"""What is known of a speaker's voice from their takes: which show it best, and how fast they speak."""

from __future__ import annotations

from core.library import Check, Library, Project
from core.quality.figures import read_quality
from core.quality.pace_of_speech import Pace, pace_of
from core.quality.references import Candidate, Take, ranked
from core.steps.spot_check import checks

ACCEPTED = "accepted"


def references(lib: Library, project: Project, speaker: str) -> list[Candidate]:
    """The accepted takes of a speaker by how well each serves as a reference, the best first."""
    found = checks(lib, project)
    own = (clip for clip in found.clips if clip.speaker == speaker)
    return ranked(Take(clip.id, found.material(clip, heard=True), clip.decision == ACCEPTED) for clip in own)


def pace(lib: Library, project: Project, speaker: str) -> Pace:
    """Seconds a letter of a speaker, from the accepted takes; the default pace where there are none."""
    own = (clip for clip in lib.clips.checks(project.id) if clip.speaker == speaker)
    return pace_of((clip.text or "", _said(clip)) for clip in own if clip.decision == ACCEPTED)


def _said(clip: Check) -> float:
    """Seconds from the first to the last sound of a take; its length where nobody has measured it."""
    found = read_quality(clip.quality)
    return found.seconds - found.lead - found.trail if found else clip.seconds
