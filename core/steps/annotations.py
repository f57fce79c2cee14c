"""Annotations: clips as files of labels for Praat, Audacity or a subtitle editor, with their sounds.

What was written is kept with the ids of its clips, beside the labels and in the project, so that a file that
comes back alone is known by its name; core/steps/annotation_edits.py takes the edits in.
"""
from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.audio.write import keep_original
from core.datasets.formats import Found
from core.datasets.formats.writers import LABELS, WRITERS
from core.errors import BadInput, NotFound
from core.files import read_json, write_json
from core.library import Brief, Library, Project
from core.steps.export import sound_names
from core.steps.export_folder import writing

KEPT = "annotations.json"
ENDINGS = {".textgrid": "textgrid", ".txt": "audacity", ".srt": "srt", ".vtt": "vtt"}
Record = dict[str, Any]


@dataclass(frozen=True)
class Sent:
    """Files of labels, for editing elsewhere."""

    folder: Path
    n_files: int
    n_clips: int


def export(lib: Library, project: Project, form: str, out: Path | None = None,
           tick: Callable[[int, int], None] | None = None) -> Sent:
    """One file of labels a sound, with the sound: the clips in use that nobody rejected.

    Goes on where it was cut off. Raises what core/steps/export.py raises for a folder or a format.
    """
    if form not in LABELS:
        raise BadInput(f"“{form}” is no format of labels; choose one of {', '.join(LABELS)}.")
    rows = [row for row in lib.clips.briefs(project.id) if row.decision != "rejected"]
    folder = (out or lib.root.project(project.slug) / "exports" / f"labels-{form}").absolute()
    names = sound_names(("", Path(row.audio), row.name) for row in rows)
    with writing(folder, {"project": project.name, "format": form, "what": "labels"}, repr(rows)) as half:
        homes = {audio: half / name for (_, audio), name in names.items()}
        for n, (audio, home) in enumerate(homes.items()):
            if tick:
                tick(n, len(homes))
            keep_original(lib.root.path / audio, home)
        WRITERS[form].write(half, [_found(row, homes[Path(row.audio)]) for row in rows if row.text])
        clips = [_kept(row, names["", Path(row.audio)]) for row in rows]
        record = {"project": project.slug, "format": form, "clips": clips}
        mark = hashlib.sha256(repr(record).encode()).hexdigest()[:16]
        write_json(half / KEPT, record)
        write_json(_home(lib, project) / f"{mark}.json", record)
    return Sent(folder, len({row.audio for row in rows if row.text}), sum(bool(row.text) for row in rows))


def _home(lib: Library, project: Project) -> Path:
    return lib.root.project(project.slug) / "annotations"


def _found(row: Brief, audio: Path) -> Found:
    return Found(audio, row.text or "", (), row.speaker or "", "", row.start, row.end, id=row.id)


def _kept(row: Brief, sound: str) -> Record:
    return {"id": row.id, "name": row.name, "sound": sound, "audio": row.audio, "start": row.start,
            "end": row.end, "text": row.text or "", "speaker": row.speaker or "",
            "transcript": row.transcript_id}


@dataclass(frozen=True)
class Returned:
    """A file that came back: its format, and the clips that were written to it."""

    file: Path
    form: str
    clips: tuple[Record, ...]


def returned(lib: Library, project: Project, paths: Sequence[Path]) -> list[Returned]:
    """The files of labels in what was named, each with what was written to it.

    An annotations.json among them, or beside a file, tells what that was; else the project knows. Raises
    NotFound for a file that was not exported from this project.
    """
    named = [path for path in paths if path.name == KEPT]
    files = [file for path in paths if path.name != KEPT for file in _files(path)]
    if not files:
        raise NotFound(f"There is no file of labels ({', '.join(ENDINGS)}) in what was named: choose the "
                       "edited files, or the folder in which they lie.")
    return [_returned(lib, project, file, named) for file in files]


def _files(path: Path) -> Iterator[Path]:
    """Files of labels; in a folder only those beside an annotations.json, whose format is known."""
    if not path.is_dir():
        if not path.is_file():
            raise NotFound(f"{path.name} does not exist; check the path.")
        yield path
    elif (path / KEPT).is_file():
        form = read_json(path / KEPT).get("format")
        yield from (file for file in sorted(path.iterdir()) if ENDINGS.get(file.suffix.lower()) == form)


def _returned(lib: Library, project: Project, file: Path, named: Sequence[Path]) -> Returned:
    form = ENDINGS.get(file.suffix.lower(), "")
    own = [path for path in (*named, file.parent / KEPT) if path.is_file()]
    if found := [clips for path in own if (clips := _clips(read_json(path), project, form, file))]:
        return Returned(file, form, found[0])
    kept = (_clips(read_json(path), project, form, file) for path in _home(lib, project).glob("*.json"))
    known = {clips for clips in ((*map(_frozen, clips),) for clips in kept) if clips}
    if len(known) > 1:
        raise BadInput(f"{file.name} was exported more than once with other content: give the "
                       f"{KEPT} from its folder along, or name the folder.")
    if not known:
        raise NotFound(f"{file.name} was not exported from “{project.name}”: keep the names of the files as "
                       "they were, and choose the project that they came from.")
    return Returned(file, form, tuple(dict(clip) for clip in known.pop()))


def _clips(record: Record, project: Project, form: str, file: Path) -> tuple[Record, ...]:
    """The clips of a file, if the record is about it."""
    if record.get("format") != form or record.get("project") != project.slug:
        return ()
    return tuple(clip for clip in record["clips"] if Path(clip["sound"]).stem == file.stem)


def _frozen(clip: Record) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(clip.items()))
