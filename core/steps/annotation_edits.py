"""Edited labels taken in again: what they would change is shown first, and done as one batch.

One undo takes it back; a sound is never touched.
"""
from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.datasets.edits import CLOSE, Edit, Written, edits, is_same
from core.datasets.formats import Found, audacity, subtitles, textgrid
from core.datasets.formats.writers import WRITERS
from core.errors import BadInput, NotFound, Stale
from core.files import safe_name
from core.library import Brief, Change, Clip, Library, Part, Project
from core.library.transcripts import Draft
from core.steps import trim
from core.steps.annotations import Record, Returned, returned
from core.steps.import_items import speaker_name
from core.steps.review import MAX_TEXT

_PARTS = {"textgrid": textgrid.parts, "audacity": audacity.parts, "srt": subtitles.parts,
          "vtt": subtitles.parts}
_OVER = 0.05
"""Seconds by which a label may outlast its sound."""


@dataclass(frozen=True)
class Line:
    """One change as a person reads it: `field` is text, start, end, speaker, decision, added or split."""

    name: str
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Todo:
    """An edit of the clip `row` (None: a new clip on `audio`) as far as it is not here already."""

    row: Brief | None
    audio: str
    labels: tuple[Found, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Plan:
    """What the files that came back would change; `stale` are clips that were changed here meanwhile, too."""

    todo: tuple[Todo, ...]
    stale: tuple[str, ...]
    n_files: int

    @property
    def lines(self) -> list[Line]:
        """All changes, file by file."""
        return [line for each in self.todo for line in each.lines]

    @property
    def mark(self) -> str:
        """Another one tells that clips or files are not as they were shown."""
        return hashlib.sha256(repr((self.todo, self.stale)).encode()).hexdigest()[:16]


def preview(lib: Library, project: Project, paths: Sequence[Path]) -> Plan:
    """What the edited files (or all of a folder) would change; writes nothing.

    Raises NotFound for a file that was not exported from this project, BadInput for one that cannot be read
    or has a label outside of its sound.
    """
    files = returned(lib, project, paths)
    now: dict[str, list[Brief]] = {}
    for row in lib.clips.briefs(project.id):
        now.setdefault(row.audio, []).append(row)
    todo: list[Todo] = []
    stale: list[str] = []
    for file in files:
        audio = file.clips[0]["audio"]
        done, late = _compared(file, _labels(lib, file), now.get(audio, []))
        todo += done
        stale += late
    return Plan(tuple(todo), tuple(stale), len(files))


def _labels(lib: Library, came: Returned) -> list[Found]:
    """What the file says now. BadInput for a label that lies outside of the sound."""
    file, whole = came.file, trim.whole(lib.clips.get(came.clips[0]["id"]))
    found = []
    for label in _PARTS[came.form](file, file):
        end = whole if label.end is None else label.end
        if end > whole + _OVER or end - label.start < trim.SHORTEST:
            raise BadInput(f"The label “{label.text[:60]}” of {file.name} runs from {label.start:.2f} to "
                           f"{end:.2f} s; the sound has {whole:.2f} s, and a clip takes at least "
                           f"{trim.SHORTEST} s. Mend it in the file.")
        if len(label.text) > MAX_TEXT:
            raise BadInput(f"A label of {file.name} has {len(label.text)} characters; a clip's text has at "
                           f"most {MAX_TEXT}.")
        found.append(replace(label, end=min(end, whole), speaker=speaker_name(label.speaker)))
    return found


def _compared(came: Returned, labels: Sequence[Found], rows: Sequence[Brief]) -> tuple[list[Todo], list[str]]:
    """What is to be done about one sound, and the names of clips that were changed here as well."""
    now = {row.id: row for row in rows if row.decision != "rejected"}
    left, settled = _unsettled(labels, list(now.values()))
    has_speakers = WRITERS[came.form].speaker
    written = [_written(clip, has_speakers) for clip in came.clips if clip["id"] not in settled]
    known = {clip["id"]: clip for clip in came.clips}
    todo, stale, audio = [], [], came.clips[0]["audio"]
    for edit in edits(written, left):
        if edit.written is None:
            place = f"{known[next(iter(known))]['sound']}, {edit.labels[0].start:.2f} s"
            line = Line(place, "added", "", edit.labels[0].text)
            todo.append(Todo(None, audio, edit.labels, (line,)))
        elif _says_something(edit):
            row, clip = now.get(edit.written.id), known[edit.written.id]
            if row is not None and _is_as_sent(row, clip):
                todo.append(Todo(row, audio, edit.labels, tuple(_lines(row, edit))))
            elif row is not None or edit.labels:  # what is gone here and there needs nothing
                stale.append(clip["name"])
    return todo, stale


def _written(clip: Record, has_speakers: bool) -> Written:
    return Written(clip["id"], clip["start"], clip["end"], clip["text"],
                   clip["speaker"] if has_speakers else "")


def _is_as_sent(row: Brief, clip: Record) -> bool:
    return (row.start, row.end, row.transcript_id) == (clip["start"], clip["end"], clip["transcript"])


def _unsettled(labels: Sequence[Found], rows: Sequence[Brief]) -> tuple[list[Found], set[str]]:
    """Labels without those that say what the library says, and the clips that these are."""
    near: dict[int, list[Brief]] = {}
    for row in rows:
        near.setdefault(round(row.start), []).append(row)
    left, settled = [], set[str]()
    for label in labels:
        second = round(label.start)
        close = (row for at in (second - 1, second, second + 1) for row in near.get(at, ()))
        same = next((row for row in close if row.id not in settled
                     and is_same(label, row.start, row.end, row.text or "")
                     and label.speaker in ("", row.speaker or "")), None)
        if same is None:
            left.append(label)
        else:
            settled.add(same.id)
    return left, settled


def _says_something(edit: Edit) -> bool:
    """Whether a label is not as it was written; one without a speaker says nothing about who speaks."""
    one = edit.written
    if one is None or len(edit.labels) != 1:
        return True
    label = edit.labels[0]
    return label.speaker not in ("", one.speaker) or not is_same(label, one.start, one.end, one.text)


def _lines(row: Brief, edit: Edit) -> Iterator[Line]:
    if not edit.labels:
        yield Line(row.name, "decision", row.decision, "rejected")
    elif len(edit.labels) > 1:
        yield Line(row.name, "split", row.text or "", " | ".join(label.text for label in edit.labels))
    else:
        label = edit.labels[0]
        for field, before, after in (("start", row.start, label.start), ("end", row.end, label.end or 0.0)):
            if abs(before - after) > CLOSE:
                yield Line(row.name, field, f"{before:.3f}", f"{after:.3f}")
        if label.text != " ".join((row.text or "").split()):
            yield Line(row.name, "text", row.text or "", label.text)
        if label.speaker not in ("", row.speaker or ""):
            yield Line(row.name, "speaker", row.speaker or "", label.speaker)


@dataclass(frozen=True)
class Applied:
    """How many changes were done, and the clips whose text is another one now."""

    n_changes: int
    clip_ids: tuple[str, ...]


def apply(lib: Library, project: Project, paths: Sequence[Path], mark: str, who: str,
          leave_changed: bool = False) -> Applied:
    """Do what was shown under `mark` as one batch.

    A text becomes a new version, edges become two numbers, a deleted label rejects its clip, a divided one
    puts several clips in its place. Raises Stale, and does nothing, where a clip has changed since the
    preview, or since the export (`leave_changed`: those stay as they are here).
    """
    found = preview(lib, project, paths)
    if found.mark != mark:
        raise Stale("Clips or files have changed since the changes were listed; nothing was done. Look at "
                    "the list again.")
    if found.stale and not leave_changed:
        raise Stale(f"{', '.join(found.stale[:3])} changed here after the export, and in the file as well; "
                    "nothing was done. Export anew, or leave such clips as they are here.")
    gone: list[Clip] = []
    parts: list[Part] = []
    drafts: list[Draft] = []
    changes: list[Change] = []
    for each in found.todo:
        seen = lib.clips.get(each.row.id) if each.row else None
        if seen is None or len(each.labels) > 1:
            gone += [seen] if seen else []
            parts += _new(lib, project, each, seen)
        elif not each.labels:
            changes.append(Change(seen.id, "decision", seen.decision, "rejected"))
        else:
            _changed(lib, project, each, seen, drafts, changes)
    if gone or parts or drafts or changes:
        lib.cuts.replace(project.id, gone, parts, who, drafts, changes)
    said = [draft.clip_id for draft in drafts if draft.times is None]
    return Applied(len(found.lines), (*said, *(part.clip.id for part in parts)))


def _changed(lib: Library, project: Project, each: Todo, seen: Clip, drafts: list[Draft],
             changes: list[Change]) -> None:
    """Text, edges and speaker of one clip."""
    fields, label = {line.field for line in each.lines}, each.labels[0]
    start = label.start if "start" in fields else seen.start
    end = label.end if "end" in fields and label.end is not None else seen.end
    moved = trim.changes_of(lib, seen, start, end)
    changes += moved
    if "text" in fields:
        drafts.append(Draft(seen.id, label.text, "import", seen.transcript_id))
    elif moved:
        drafts += trim.retimed(lib, seen, start, end)[0]
    if "speaker" in fields:
        after = _speaker(lib, project, label.speaker)
        changes.append(Change(seen.id, "speaker_id", seen.speaker_id, after))


def _speaker(lib: Library, project: Project, name: str) -> int | None:
    return lib.speakers.named(project.id, safe_name(name, "speaker's name")).id if name else None


def _new(lib: Library, project: Project, each: Todo, seen: Clip | None) -> Iterator[Part]:
    """A clip a label on the same sound, undecided, without a prompt."""
    like = seen or _like(lib, project, each.audio)
    for number, label in enumerate(each.labels, 1):
        name = f"{Path(like.name).stem}-{label.start:08.2f}{Path(like.name).suffix}"
        if seen:
            name = f"{seen.name} {number}/{len(each.labels)}"
        end = like.end if label.end is None else label.end
        trim.refuse_outside(like, label.start, end)
        speaker = _speaker(lib, project, label.speaker) if label.speaker else like.speaker_id
        clip = replace(like, id=uuid.uuid4().hex[:12], kind="segment", name=name, start=label.start, end=end,
                       speaker_id=speaker, prompt_id=None, decision="todo", mark="", note="", flags=(),
                       spare=0, trashed=0, created_at=like.created_at if seen else 0.0,
                       quality=trim.measured(lib, like, label.start, end))
        yield Part(clip, Draft(clip.id, label.text, "import", None))


def _like(lib: Library, project: Project, audio: str) -> Clip:
    """Any clip on that sound."""
    views = lib.clips.views(project.id, spare=True)
    found = next((view.clip for view in views if view.clip.audio == audio), None)
    if found is None:
        raise NotFound("The recording of a new label is not in this project any more: bring a clip of it "
                       "back from the trash.")
    return found
