"""Recording: a take is on the disk, whole, before anybody is told that it is saved."""
from __future__ import annotations

import re
import unicodedata
import uuid
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from core.audio.capture import Captured
from core.audio.read import info, read
from core.audio.write import keep_original, write_pcm
from core.errors import BadInput, NotFound, StudioError
from core.files import safe_name, sha256_of
from core.library import Clip, Library, Project, Prompt
from core.quality.clip import ClipQuality, faults, measure
from core.steps import takes
from core.steps.hearing import doubts
from core.types import Finding

MAX_SECONDS = 600.0
_NAME = re.compile(r"(?P<id>[0-9a-f]{12})\.p(?P<prompt>\d+)\.s(?P<speaker>\d+)\.\w+$")


@dataclass(frozen=True)
class Saved:
    """A take on the disk, with what was noticed; `usable` is False when it should be said again."""

    clip: Clip
    quality: ClipQuality
    findings: tuple[Finding, ...]
    usable: bool


@dataclass(frozen=True)
class Queue:
    """The prompts in order; `next_index` is the first must without a take, else the first prompt without one
    (None: all done), `again` says by prompt id why its take should be said once more."""

    prompts: tuple[Prompt, ...]
    again: dict[int, str]
    next_index: int | None
    n_done: int
    n_total: int
    minutes: float


def queue(lib: Library, project: Project, speaker: str = "") -> Queue:
    """What is left to say for `speaker` (empty: for anybody); a reload lands on what `next_index` says."""
    name = unicodedata.normalize("NFC", speaker).strip()
    prompts = tuple(lib.prompts.of(project.id, speaker=name))
    left = [i for i, p in enumerate(prompts) if p.take_id is None and not p.skipped]
    musts = [i for i in left if prompts[i].must]
    views = lib.clips.views(project.id)
    seconds = sum(v.clip.end - v.clip.start for v in views if name in ("", v.speaker))
    newest = {v.clip.id: v.clip for v in views}
    doubted = doubts(lib, project, views)
    again = {p.id: why for p in prompts if p.take_id in newest
             and (why := to_say_again(newest[p.take_id]) or doubted.get(p.take_id, ""))}
    return Queue(prompts, again, next(iter([*musts, *left]), None),
                 sum(p.take_id is not None for p in prompts), len(prompts), seconds / 60)


def to_say_again(clip: Clip) -> str:
    """Why a take should be said once more, "" for a good one or one that a person has decided on."""
    if clip.decision == "accepted" or not clip.quality:
        return ""
    found = [f for f in faults(ClipQuality(**clip.quality)) if f.code not in takes.BEARABLE]
    return found[0].sentence if found else ""


def save_take(lib: Library, project: Project, prompt_id: int | None, speaker: str, source: Path,
              who: str) -> Saved:
    """Keep an uploaded recording byte for byte and enter it. Raises BadInput when it cannot be read as
    audio."""
    known = info(source)
    if known.seconds > MAX_SECONDS:
        raise BadInput(
            f"{source.name} lasts {known.seconds / 60:.0f} minutes; a take lasts at most "
            f"{MAX_SECONDS / 60:.0f}. "
            "Cut it, or record prompt by prompt."
        )
    read(source)  # refuses what is broken, before anything is kept
    target = _target(lib, project, prompt_id, speaker, source.suffix.lower() or ".wav")
    keep_original(source, target)
    return _enter(lib, project, target, retake_by=who)


def save_captured(lib: Library, project: Project, prompt_id: int | None, speaker: str, sound: Captured,
                  who: str) -> Saved:
    """Keep what the desktop recorder captured, with what went wrong meanwhile. BadInput for no sound."""
    if not len(sound.samples):
        raise BadInput("Nothing was recorded: the take holds no samples. Choose another microphone, or check "
                       "that it is plugged in.")
    target = _target(lib, project, prompt_id, speaker, ".wav")
    write_pcm(target, sound.samples, sound.rate)
    return _enter(lib, project, target, retake_by=who, captured=sound)


def _target(lib: Library, project: Project, prompt_id: int | None, speaker: str, suffix: str,
            clip_id: str = "") -> Path:
    if prompt_id is not None:
        prompt = lib.prompts.get(prompt_id)
        if prompt is None or prompt.project_id != project.id:
            raise NotFound(f"Prompt {prompt_id} does not belong to the project “{project.name}”; reload the "
                           "page.")
    person = lib.speakers.named(project.id, safe_name(speaker or "me", "speaker's name"))
    ending = suffix if re.fullmatch(r"\.\w+", suffix) else ".audio"
    name = f"{clip_id or uuid.uuid4().hex[:12]}.p{prompt_id or 0}.s{person.id}{ending}"
    return lib.root.project(project.slug) / "takes" / name


def _enter(lib: Library, project: Project, path: Path, name: str = "", at: float = 0.0,
           retake_by: str = "", captured: Captured | None = None) -> Saved:
    """Measure the take at `path`, whose name says whose it is, and add its row."""
    match = _NAME.search(path.name)
    if match is None:
        raise BadInput(f"{path.name} has no name of a take.")
    header, audio = info(path), read(path)
    prompt = lib.prompts.get(int(match["prompt"]))
    if prompt and prompt.project_id != project.id:
        prompt = None
    quality = measure(audio.samples, audio.rate, len(prompt.text.split()) if prompt else None)
    if captured:
        quality = replace(quality, n_overflows=captured.n_overflows, interrupted=captured.interrupted)
    speakers = {speaker.id for speaker in lib.speakers.of(project.id)}
    clip = Clip(
        id=match["id"], project_id=project.id, kind="take", name=name or path.name,
        audio=str(path.relative_to(lib.root.path)), sha256=sha256_of(path),
        sample_rate=header.rate, n_samples=header.n_samples, start=0.0, end=header.seconds,
        speaker_id=int(match["speaker"]) if int(match["speaker"]) in speakers else None,
        prompt_id=prompt.id if prompt else None, role=prompt.role if prompt else "target",
        decision="todo", mark="", note="", trashed=0, transcript_id=None, quality=asdict(quality),
        created_at=at)
    findings = tuple(faults(quality))
    usable = all(finding.level != "refuse" for finding in findings)
    added = takes.enter(lib, project, clip, retake_by) if retake_by else lib.clips.add(clip)
    return Saved(added, quality, findings, usable)


def _own_id(lib: Library, sha256: str) -> str:
    """An id that comes from the sound, so that the same files give the same dataset and the same training
    everywhere; another one ("") where it is taken."""
    wanted = sha256[:12]
    try:
        lib.clips.get(wanted)
    except NotFound:
        return wanted
    return ""


def enter_import(lib: Library, project: Project, source: Path, sha256: str, prompt_id: int | None,
                 speaker: str) -> Saved:
    """Keep an imported file, whose bytes have this hash, as it is under its own name in the table; no other
    take makes room for it."""
    target = _target(lib, project, prompt_id, speaker, source.suffix.lower(), _own_id(lib, sha256))
    keep_original(source, target)
    return _enter(lib, project, target, name=source.name)


def recover(lib: Library) -> int:
    """Enter takes whose audio is on the disk but whose row is missing (the app was killed in between).

    Returns how many. They keep the time at which they were written and push no other take into the trash.
    Half-written temporary files (their names begin with a dot) are left alone.
    """
    found = 0
    for project in lib.projects.all():
        known = lib.clips.known_audio(project.id)
        for path in sorted((lib.root.project(project.slug) / "takes").glob("*")):
            is_take = _NAME.search(path.name) and not path.name.startswith(".")
            if is_take and str(path.relative_to(lib.root.path)) not in known:
                try:
                    _enter(lib, project, path, at=path.stat().st_mtime)
                    found += 1
                except StudioError:
                    continue  # unreadable: it stays where it is, for a person to look at
    return found
