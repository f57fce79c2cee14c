"""Cuts: clips that take the place of others on the same audio, in one batch that an undo takes back."""
from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.db import connect
from core.errors import Stale
from core.library import clips, transcripts
from core.library.changes import Change, write
from core.library.clips import Clip
from core.library.transcripts import Draft


@dataclass(frozen=True)
class Part:
    """A clip to add, and its transcript where it has one; `heard` is a version before it, what a machine
    wrote."""

    clip: Clip
    draft: Draft | None = None
    heard: Draft | None = None


class Cuts:
    """Writes the tables `clips`, `transcripts` and `changes` at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def replace(self, project_id: int, gone: Sequence[Clip], parts: Sequence[Part], who: str,
                drafts: Sequence[Draft] = (), changes: Sequence[Change] = (),
                ingest: tuple[str, str] | None = None) -> bool:
        """Move `gone` to the trash and add `parts`; an undo does the opposite of both.

        `drafts` of other clips become current and other `changes` are made, in the same batch. Raises Stale,
        and writes nothing, when a clip is not any more as it was seen. `ingest` = (run id, item): a result
        comes home once; False, and nothing is written, when it had already.
        """
        with connect(self._path) as db:
            if ingest and not transcripts.first_time(db, *ingest):
                return False
            for seen in gone:
                row = db.execute('SELECT transcript_id, start, "end", decision, trashed FROM clips '
                                 "WHERE id = ? AND project_id = ?", (seen.id, project_id)).fetchone()
                was = (seen.transcript_id, seen.start, seen.end, seen.decision, 0)
                if row is None or tuple(row) != was:
                    raise Stale("Somebody else changed this clip in the meantime; nothing was cut. Look at "
                                "it again and repeat what you wanted.")
            for part in parts:
                _insert(db, part, who)
            made = [Change(part.clip.id, "trashed", 1, 0) for part in parts]
            made += [Change(seen.id, "trashed", 0, 1) for seen in gone]
            made += [Change(draft.clip_id, "transcript_id", draft.expected,
                            transcripts.insert(db, draft, who)) for draft in drafts]
            write(db, uuid.uuid4().hex, project_id, who, [*made, *changes])
        return True


def _insert(db: sqlite3.Connection, part: Part, who: str) -> None:
    """In the trash at first: an undo makes it that again."""
    clips.insert(db, replace(part.clip, trashed=1, transcript_id=None))
    if part.heard:
        transcripts.insert(db, replace(part.heard, clip_id=part.clip.id), who)
    if part.draft:
        made = transcripts.insert(db, replace(part.draft, clip_id=part.clip.id), who)
        db.execute("UPDATE clips SET transcript_id = ? WHERE id = ?", (made, part.clip.id))
