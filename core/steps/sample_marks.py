"""Marks of a reviewer elsewhere come home: read with suspicion, shown before they are applied, one undo."""
from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from core.errors import BadInput, Stale
from core.library import Change, Check, Library, Project
from core.steps.flags import MAX_NOTE
from core.steps.sample_page import seen_of
from core.steps.spot_check import marking

FORMAT = "voicewright-marks"
MOST_BYTES = 4_000_000
MOST_NAME = 60
MARKS = ("right", "wrong", "skip")


@dataclass(frozen=True)
class Given:
    """What a reviewer says of one clip, which she saw as `seen`."""

    clip_id: str
    seen: str
    mark: str
    note: str = ""


@dataclass(frozen=True)
class Brought:
    """A file of marks, read: who says what, of which project."""

    reviewer: str
    project: str
    sample: str
    given: tuple[Given, ...]

    @property
    def who(self) -> str:
        """By whom the changes are."""
        return f"reviewer:{self.reviewer}"


@dataclass(frozen=True)
class Line:
    """One mark before and after, as a person reads it."""

    clip_id: str
    name: str
    before: str
    after: str
    note: str


@dataclass(frozen=True)
class Plan:
    """What a file of marks would do. `changed`: names of clips that are not any more what she heard and read;
    `gone`: ids of clips that are not there, rejected or in the trash; `n_same`: marks that stand there
    already."""

    brought: Brought
    lines: tuple[Line, ...]
    changes: tuple[Change, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    n_same: int

    @property
    def mark(self) -> str:
        """Another one tells that the clips are not as they were shown."""
        return hashlib.sha256(repr((self.lines, self.changes)).encode()).hexdigest()[:16]


def read(content: bytes, name: str = "marks.json") -> Brought:
    """A file of marks as the page of a sample writes it; BadInput, with its name, for anything else."""
    if len(content) > MOST_BYTES:
        raise BadInput(f"{name} has {len(content) / 1e6:.0f} MB; a file of marks has at most "
                       f"{MOST_BYTES / 1e6:.0f}. Choose the file that “Save marks” has written.")
    try:
        raw = json.loads(content)
        if raw["format"] != FORMAT or raw["version"] != 1:
            raise ValueError
        given = tuple(_given(one) for one in raw["marks"])
        made = Brought(_person(raw["reviewer"]), str(raw["project"]), str(raw["sample"])[:60], given)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadInput(f"{name} is no file of marks: choose the file that “Save marks” has written on the "
                       "page of the sample.") from error
    if len({one.clip_id for one in given}) < len(given):
        raise BadInput(f"{name} marks a clip twice; ask the reviewer to press “Save marks” again.")
    return made


def _given(raw: Any) -> Given:
    note = " ".join(str(raw.get("note", "")).split())
    made = Given(str(raw["clip"]), str(raw["seen"]), str(raw["mark"]), note)
    if made.mark not in MARKS or len(made.clip_id) > 100:
        raise ValueError(made.mark)
    return made


def _person(name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError(name)
    clean = " ".join(name.split())
    if not clean or len(clean) > MOST_NAME or not clean.isprintable():
        raise BadInput(f"The marks do not say who gave them in 1 to {MOST_NAME} letters; ask the reviewer to "
                       "write a name and to press “Save marks” again.")
    return clean


def plan(lib: Library, project: Project, brought: Brought) -> Plan:
    """What the marks would do; writes nothing. BadInput for marks of another project."""
    if brought.project != project.slug:
        raise BadInput(f"These marks are for the project “{brought.project[:60]}”, not for “{project.slug}”; "
                       "open that project, or choose another file.")
    clips = {clip.id: clip for clip in lib.clips.checks(project.id)}
    lines, changes, changed, gone, n_same = [], [], [], [], 0
    for one in brought.given:
        clip = clips.get(one.clip_id)
        if clip is None:
            gone.append(one.clip_id)
        elif seen_of(clip) != one.seen:
            changed.append(clip.name)
        else:
            note = _note(lib, clip, one.note)
            n_same += clip.mark == one.mark and not note
            if clip.mark != one.mark or note:
                lines.append(Line(clip.id, clip.name, clip.mark, one.mark, one.note if note else ""))
            # a mark that stands there already is said again: she, too, has heard the clip
            changes += [marking(clip.id, clip.mark, one.mark), *note]
    return Plan(brought, tuple(lines), tuple(changes), tuple(changed), tuple(gone), n_same)


def _note(lib: Library, clip: Check, said: str) -> list[Change]:
    """Her note after the one that is there; nothing where it says that already."""
    if not said:
        return []
    before = lib.clips.get(clip.id).note
    after = (f"{before} · {said}" if before else said)[:MAX_NOTE]
    return [] if said in before else [Change(clip.id, "note", before, after)]


def apply(lib: Library, project: Project, brought: Brought, mark: str) -> Plan:
    """Do what was shown under `mark`, as one batch in the reviewer's name; `lib.changes.undo` with her name
    takes it back. Stale, and nothing is written, where the clips are not as they were shown."""
    found = plan(lib, project, brought)
    if found.mark != mark:
        raise Stale("Some of these clips have changed since they were listed; nothing was done. Look at the "
                    "list again.")
    if found.changes:
        lib.changes.apply(project.id, found.changes, brought.who)
    return found
