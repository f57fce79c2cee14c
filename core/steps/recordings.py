"""Recordings: long sounds and their text come in; where the text is said is found in the background."""
from __future__ import annotations

import math
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.audio.header import info
from core.audio.write import keep_original
from core.errors import BadInput, NotFound, Refused, Stale
from core.files import printable, sha256_of
from core.library import Clip, Library, Part, Project, Recording, Section, View, WordTimes
from core.library.transcripts import Draft
from core.run_dir import RunDir
from core.runs.start import start as start_run
from core.steps import aligners, known_words, rules
from core.steps.transcribe import model_named
from core.types import Word

SOURCE = "align:"
"""What the source of a segment's text begins with; the engine that found it follows."""
LONGEST = 24 * 3600.0  # seconds
MOST_TEXT = 20_000_000  # letters
Stretch = tuple[float, float]
"""Start and end, seconds."""


class Options(BaseModel):
    """How a text is looked for in recordings, and what a segment may look like."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    similarity: float = Field(default=0.55, ge=0.3, le=1.0, description="How alike a word of the text and a "
                              "heard one must be (1: the same).")
    confidence: float = Field(default=0.6, ge=0.0, le=1.0,
                              description="Segments below it are shown as uncertain.")
    min_rate: float = Field(default=1.5, ge=0.1, le=10, description="Words a second: slower is uncertain.")
    max_rate: float = Field(default=3.5, ge=0.5, le=15, description="Words a second: faster is uncertain.")
    min_seconds: float = Field(default=2.0, ge=0.3, le=30, description="Shortest segment, seconds.")
    max_seconds: float = Field(default=20.0, ge=2, le=60, description="Longest segment, seconds.")


def options_of(given: Mapping[str, Any]) -> Options:
    """Settings by name, as a form or a command gives them. Raises BadInput for what is none, or too much."""
    try:
        return Options(**given)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"The option “{'.'.join(str(p) for p in first['loc'])}” cannot be "
                       f"“{first.get('input')}”: {first['msg']}.") from error


def add(lib: Library, project: Project, path: Path, who: str, name: str = "") -> Recording:
    """Keep a long recording as it is, byte for byte; the one that has this sound already, if there is one.

    Raises BadInput for what is no sound, or lasts longer than a day.
    """
    header = info(path, LONGEST)
    sha256 = sha256_of(path)
    target = lib.root.project(project.slug) / "long" / f"{sha256[:16]}{path.suffix.lower()}"
    keep_original(path, target)
    return lib.recordings.add(Recording(
        uuid.uuid4().hex[:12], project.id, printable(name or path.name),
        str(target.relative_to(lib.root.path)), sha256, header.rate, header.n_samples, None, who, 0.0))


def add_text(lib: Library, project: Project, sections: Sequence[tuple[str, str, float | None]], who: str,
             recording_id: str | None = None) -> list[Section]:
    """Append sections (name, text, start in seconds or None) of what is said; a start is one in
    `recording_id`.

    Raises BadInput where there is nothing in them.
    """
    kept = [(name, text.strip(), start) for name, text, start in sections if text.strip()]
    if not kept:
        raise BadInput("There is no text in it: choose a file with what is said in the recording.")
    if sum(len(text) for _, text, _ in kept) > MOST_TEXT:
        raise BadInput(f"The text has over {MOST_TEXT // 1_000_000} million letters; divide it by recording.")
    made = [Section(0, project.id, name, text, start if recording_id else None, recording_id)
            for name, text, start in kept]
    return lib.recordings.add_sections(project.id, made, who)


def start(lib: Library, project: Project, model: str = "", device: str = "auto",
          options: Options | None = None, recordings: Sequence[str] = (), listener: str = "",
          listener_language: str = "", within: Stretch | None = None) -> RunDir:
    """Look for the project's text in its recordings (all, or those of these ids); returns at once.

    `within`: only this stretch (start, end) of the one recording that is named gets new segments; one that a
    segment reaches into is widened to all of it.

    `listener` names a second model, such as a size of Whisper, whose words help to find the text, in
    `listener_language` (a language that it knows; the project's). Labels that the recordings came with
    (`known_words`) and words placed by hand are anchors, too. Raises Refused where there is no recording or
    no text yet, or no model that could listen.
    """
    sections = lib.recordings.sections(project.id)
    chosen = [one for one in lib.recordings.of(project.id) if not recordings or one.id in recordings]
    if not chosen:
        raise Refused(f"“{project.name}” has no long recordings yet; choose a sound file first.")
    if not sections:
        raise Refused(f"“{project.name}” has no text yet for its recordings; choose a file with it first.")
    order = {
        "project": project.slug, "device": device, "language": project.language,
        **engine(lib, project, model), **rules.in_order(lib, project),
        "options": (options or Options()).model_dump(),
        "recordings": [source(one.id, one.name, lib.root.path / one.audio, one.sha256, one.seconds)
                       for one in chosen],
        "sections": [{"id": s.id, "name": s.name, "text": s.text, "start": s.start,
                      "recording": s.recording_id} for s in sections],
        "hand": [{"recording": a.recording_id, "section": a.section_id, "word": a.word, "at": a.at}
                 for a in lib.recordings.anchors(project.id)],
        "anchors": {one.id: known_words.anchors(lib, one) for one in chosen}}
    if listener:
        choice = model_named(lib, listener)
        order["listeners"] = [
            {"family": choice.family, "model": choice.path, "language": listener_language}]
    if within:
        order["within"] = _widened(lib, project, chosen, within)
    return start_run(lib.root, project.slug, "segment", order)


def _widened(lib: Library, project: Project, chosen: Sequence[Recording], within: Stretch) -> list[float]:
    """A stretch that cuts through no segment. BadInput where it is none of a single recording."""
    start, end = within
    if len(chosen) != 1 or not 0 <= start < min(end, chosen[0].seconds):
        raise BadInput("Choose a stretch of one recording: from a second to a later one.")
    end = min(end, chosen[0].seconds)
    over = [view.clip for view in lib.clips.views(project.id) if view.clip.kind == "segment"
            and view.clip.sha256 == chosen[0].sha256 and view.clip.start < end and view.clip.end > start]
    return [min([start, *(clip.start for clip in over)]), max([end, *(clip.end for clip in over)])]


def source(id_: str, name: str, path: Path, sha256: str, seconds: float) -> dict[str, Any]:
    """A recording as an order names it."""
    return {"id": id_, "name": name, "path": str(path.resolve()), "sha256": sha256, "seconds": seconds}


def engine(lib: Library, project: Project, model: str = "") -> dict[str, str]:
    """{family, model} of the CTC model that listens: `model` (a name, a folder), else the project's newest
    own, else the starter for English. Raises Refused where there is none."""
    if model:
        choice = model_named(lib, model)
        return {"family": choice.family, "model": choice.path}
    found = [one for one in aligners.engines(lib, project) if one["model"]]
    if not found:
        raise Refused(f"There is no model that knows the language “{project.language}”: name the folder of a "
                      "CTC model (Wav2Vec2, MMS), such as facebook/mms-1b-all.")
    return found[-1]


def take_in(lib: Library, project: Project, run: RunDir, row: dict[str, Any]) -> int:
    """Segments that a run found in one recording become clips, in one undoable batch; returns how many.

    Segments of earlier runs that nobody has touched make room; where somebody has reviewed, marked or edited
    one, it stays, and new ones that overlap it are left out. A row with `within` leaves alone what lies
    outside of that stretch.
    """
    try:
        recording = lib.recordings.get(row["item"])
    except NotFound:
        return 0
    there = [v for v in lib.clips.views(project.id, spare=True)
             if v.clip.kind == "segment" and v.clip.sha256 == recording.sha256]
    begin, stop = row.get("within") or (0.0, math.inf)
    gone = [v.clip for v in there if _is_untouched(v) and v.clip.start < stop and v.clip.end > begin]
    ids = {clip.id for clip in gone}
    stays = [v.clip for v in there if v.clip.id not in ids]
    free = [one for one in row["segments"]
            if not any(one["start"] < clip.end and one["end"] > clip.start for clip in stays)]
    parts = [_part(lib, project, recording, one, run) for one in free]
    try:
        is_new = lib.cuts.replace(project.id, gone, parts, f"run:{run.id}", ingest=(run.id, row["item"]))
    except Stale:  # somebody wrote between our look and our write: look again
        return take_in(lib, project, run, row)
    return len(parts) if is_new else 0


def _is_untouched(view: View) -> bool:
    """Whether no person has decided on a segment, marked, noted, flagged, cut or edited it."""
    clip = view.clip
    is_as_made = (view.source or "").startswith(SOURCE) and view.details.get("span") == [clip.start, clip.end]
    return is_as_made and clip.decision == "todo" and not (clip.mark or clip.note or clip.flags)


def _part(lib: Library, project: Project, recording: Recording, one: dict[str, Any], run: RunDir) -> Part:
    clip_id = uuid.uuid4().hex[:12]
    name = f"{Path(recording.name).stem}-{one['start']:08.2f}{Path(recording.name).suffix}"
    clip = Clip(
        id=clip_id, project_id=project.id, kind="segment", name=name, audio=recording.audio,
        sha256=recording.sha256, sample_rate=recording.sample_rate, n_samples=recording.n_samples,
        start=one["start"], end=one["end"], speaker_id=recording.speaker_id, prompt_id=None, role="target",
        decision="todo", mark="", note="", trashed=0, transcript_id=None, quality=one["quality"],
        created_at=0.0)
    words = tuple(Word(*word) for word in one["words"])
    details = {"span": [one["start"], one["end"]], "run": run.id, **one["figures"]}
    agreement = round(math.exp(-one["figures"]["margin"]), 4)
    times = WordTimes(0, one["engine"], words, agreement)
    source = f"{SOURCE}{one['engine']}"
    heard = Draft(clip_id, one["heard"], f"model:{one['engine']}", None) if "heard" in one else None
    return Part(clip, Draft(clip_id, one["text"], source, None, words, details, times=times), heard)
