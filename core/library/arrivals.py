"""Arrivals: imported sounds with their clips, speakers and texts, many in one transaction, each once."""
from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.db import connect, reading
from core.library import clips, speakers, transcripts
from core.library.changes import Change, write
from core.library.clips import Clip
from core.library.transcripts import Draft


@dataclass(frozen=True)
class Arrival:
    """One sound file whose audio is on the disk: its clips (speakers by name), and the text of some of them.

    `item` is unique in its run. `drafts` belong to clips by their id; those in `accepted` are decided.
    """

    item: str
    clips: tuple[tuple[Clip, str], ...]
    drafts: tuple[Draft, ...] = ()
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entered:
    """What is new: ids of clips; and audio paths that nobody needs, as their sound was here already."""

    clip_ids: tuple[str, ...]
    unneeded: tuple[str, ...]


class Arrivals:
    """Tables `clips`, `speakers`, `transcripts`, `changes` and `ingested`, for what an import brings."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def enter(self, project_id: int, run_id: str, arrivals: Sequence[Arrival], who: str) -> Entered:
        """Enter what has not come home yet, in one transaction and one undoable batch of changes.

        A sound that the project has from elsewhere (by hash, outside the trash) is left out.
        """
        batch, entered, unneeded = uuid.uuid4().hex, list[str](), list[str]()
        with connect(self._path) as db:
            here = _sounds(db, project_id)
            for arrival in arrivals:
                if not transcripts.first_time(db, run_id, arrival.item):
                    continue
                sound = arrival.clips[0][0]
                if here.setdefault(sound.sha256, sound.audio) != sound.audio:
                    unneeded.append(sound.audio)
                    continue
                entered += _enter(db, project_id, arrival)
                write(db, batch, project_id, who, _changes(db, arrival, who))
        return Entered(tuple(entered), tuple(unneeded))

    def hashes(self, project_id: int) -> list[str]:
        """The SHA-256 of each sound of a project that is not in the trash."""
        with reading(self._path) as db:
            return list(_sounds(db, project_id))


def _sounds(db: sqlite3.Connection, project_id: int) -> dict[str, str]:
    """Hash -> audio path of what a project has outside the trash."""
    rows = db.execute("SELECT DISTINCT sha256, audio FROM clips WHERE project_id = ? AND trashed = 0",
                      (project_id,))
    return {row["sha256"]: row["audio"] for row in rows}


def _enter(db: sqlite3.Connection, project_id: int, arrival: Arrival) -> list[str]:
    for clip, name in arrival.clips:
        clips.insert(db, replace(clip, speaker_id=speakers.named(db, project_id, name).id))
    return [clip.id for clip, _ in arrival.clips]


def _changes(db: sqlite3.Connection, arrival: Arrival, who: str) -> list[Change]:
    made = [Change(draft.clip_id, "transcript_id", None, transcripts.insert(db, draft, who))
            for draft in arrival.drafts]
    return [*made, *(Change(clip_id, "decision", "todo", "accepted") for clip_id in arrival.accepted)]
