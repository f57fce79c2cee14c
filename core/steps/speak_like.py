"""Whose voice a text is spoken in: takes of a project by how well they serve, or a sound of one's own."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.audio.header import info
from core.audio.write import keep_original
from core.errors import BadInput, Refused
from core.files import sha256_of
from core.library import Library, Project, View
from core.quality.pace_of_speech import Pace, pace_of
from core.quality.references import Candidate
from core.steps import speakers, voices

LONGEST = 30.0
"""Seconds of a file that is to be spoken like: models attend to all of it."""


@dataclass(frozen=True)
class Like:
    """The voice to speak in: a take of the project (`clip`), or a `sound` with what is `said` in it; with
    neither the model takes a voice of its own. `speaker` is who speaks in the take."""

    clip: str = ""
    sound: Path | None = None
    said: str = ""


def speakers_of(lib: Library, project: Project) -> list[str]:
    """Who has accepted takes to speak like; nobody who took their consent back."""
    gone = speakers.withdrawn(lib, project)
    allowed = [speaker.name for speaker in lib.speakers.of(project.id) if speaker.id not in gone]
    spoken = {clip.speaker for clip in lib.clips.checks(project.id) if clip.decision == voices.ACCEPTED}
    return [name for name in allowed if name in spoken]


def references(lib: Library, project: Project, speaker: str) -> list[Candidate]:
    """The takes of a speaker that may be spoken like, the best first."""
    return voices.references(lib, project, speaker) if speaker in speakers_of(lib, project) else []


def _take(lib: Library, project: Project, clip: str) -> View:
    view = lib.clips.view(clip)
    if view.clip.project_id != project.id or not (view.text or "").strip():
        raise BadInput("This take cannot be spoken like: it is of another project, or has no text. Choose "
                       "another one.")
    if view.speaker not in speakers_of(lib, project):
        raise Refused(f"{view.speaker or 'This speaker'} has no accepted take here any more, or took their "
                      "consent back; choose another voice.")
    return view


def reference(lib: Library, project: Project, like: Like) -> tuple[dict[str, Any] | None, Pace]:
    """What a run is told of the voice, and how fast it speaks."""
    if like.sound is not None:
        given = of_file(like.sound, like.said)
        kept = lib.root.project(project.slug) / "references" / (
            sha256_of(like.sound)[:16] + like.sound.suffix.lower())
        keep_original(like.sound, kept)  # the page forgets what was handed in after a day
        return {**given, "audio": str(kept.resolve())}, pace_of([(like.said, info(kept).seconds)])
    if not like.clip:
        return None, pace_of([])
    view = _take(lib, project, like.clip)
    clip = view.clip
    given = {"id": clip.id, "audio": str((lib.root.path / clip.audio).resolve()), "start": clip.start,
             "end": clip.end, "text": view.text, "name": clip.name, "speaker": view.speaker}
    return given, voices.pace(lib, project, view.speaker or "")


def of_file(sound: Path, said: str) -> dict[str, Any]:
    """A sound of one's own as a reference. Raises BadInput for one without its text, or too long."""
    if not said.strip():
        raise BadInput(f"Write what is said in {sound.name}: the model takes the voice from sound and text "
                       "together.")
    seconds = info(sound).seconds
    if seconds > LONGEST:
        raise BadInput(f"{sound.name} lasts {seconds:.0f} s, and a reference at most {LONGEST:.0f}: "
                       "cut it, or choose another one.")
    return {"id": sound.stem, "audio": str(sound.resolve()), "start": 0.0, "end": None, "text": said.strip(),
            "name": sound.name, "speaker": ""}
