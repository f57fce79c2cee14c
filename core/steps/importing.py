"""Import what exists: originals are kept byte for byte; a bad file is named with its reason and the rest goes
on."""
from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.audio.header import ENDINGS as ENDINGS
from core.audio.read import info, read
from core.datasets.formats import TABLES, Found
from core.datasets.formats.search import format_of, is_sound
from core.datasets.formats.sidecars import SIDECARS, beside
from core.errors import BadInput, StudioError
from core.files import each_jsonl, printable, safe_name, sha256_of, walk_files, write_atomic
from core.library import Clip, Library, Project
from core.run_dir import RunDir
from core.runs import start as runs
from core.runs.jobs.copying import Seen, number_of, row_of
from core.runs.jobs.importing import ITEMS, KNOWN
from core.steps import arrivals
from core.steps.import_items import item_of, write_items
from core.steps.record import MAX_SECONDS, enter_import

TEXT_ENDINGS = tuple(SIDECARS)
"""Of the files that say what was said in the sound of the same name."""
TABLE_ENDINGS = (".csv", ".tsv", ".jsonl")
"""Of the tables that name sounds, beside those that end as texts do."""
FEW = 200


@dataclass(frozen=True)
class Imported:
    """What came in; `refused` holds (file name, sentence)."""

    clips: tuple[Clip, ...]
    refused: tuple[tuple[str, str], ...]
    n_duplicates: int


@dataclass(frozen=True)
class Brought:
    """What an import run brought so far; `refused` holds (file name, sentence), parts of files too."""

    n_clips: int
    n_duplicates: int
    refused: tuple[tuple[str, str], ...]


def is_many(paths: Sequence[Path]) -> bool:
    """Whether this is work for the background: a folder, a table that names sounds, over 200 files."""
    if len(paths) > FEW:
        return True
    return any(path.is_dir() or (path.is_file() and not is_sound(path.name) and format_of(path, TABLES))
               for path in paths)


def start_import(lib: Library, project: Project, paths: Sequence[Path], speaker: str = "me",
                 texts: Mapping[str, str] | None = None, accept: bool = False,
                 uploads: Path | None = None) -> RunDir:
    """Import files, folders and tables in the background; returns at once.

    Texts become transcripts with the source "import", accepted at once with `accept`. `speaker` speaks where
    no table or transcript names somebody. `uploads` is a folder of `import_uploads` made for this: the run
    removes it when it is done. Raises BadInput when there is nothing to import.
    """
    name = safe_name(speaker or "me", "speaker's name")
    folder = lib.root.runs(project.slug)
    listed = folder / f".{uuid.uuid4().hex}.items"  # before the run: a run without its list would be a riddle
    n_items = write_items(listed, paths, name, texts or {})
    if not n_items:
        listed.unlink()
        raise _nothing()
    order = {"project": project.slug, "device": "cpu", "n_items": n_items, "speaker": name, "accept": accept,
             "uploads": uploads.name if uploads else "",
             "paths": [printable(str(path)) for path in paths[:3]]}
    run = RunDir.create(folder, "import", order)
    os.replace(listed, run.path / ITEMS)
    write_atomic(run.path / KNOWN, "\n".join(lib.arrivals.hashes(project.id)))
    runs.spawn(run)
    return run


def brought(run: RunDir) -> Brought:
    """What came of an import run, from its results."""
    n_clips = n_duplicates = 0
    refused: list[tuple[str, str]] = []
    for row, _ in each_jsonl(run.path / "results.jsonl"):
        n_clips += len(row.get("clips", ()))
        n_duplicates += "same" in row
        refused += [(row["name"], sentence) for sentence in row.get("notes", ())]
        refused += [(row["name"], row["error"])] if "error" in row else []
    return Brought(n_clips, n_duplicates, tuple(refused))


def _nothing() -> BadInput:
    return BadInput(f"There is no audio file to import ({', '.join(ENDINGS)}) in what was named.")


def import_files(lib: Library, project: Project, paths: Sequence[Path], speaker: str = "",
                 who: str = "command",
                 texts: Mapping[str, str] | None = None, progress: Callable[[int, int], None] | None = None,
                 again: bool = False) -> Imported:
    """Import a few files, or a small folder, as takes, at once; `start_import` is for more.

    What was said comes from `texts` (file name -> text) or from a file beside the sound, and becomes the
    take's prompt; where it comes with times, each part becomes a clip with its transcript instead.
    A file whose audio the project has already is counted, not imported twice (unless `again`).
    """
    files = [f for path in paths for f in (walk_files(path, ENDINGS) if path.is_dir() else [path])]
    if not files:
        raise _nothing()
    clips: list[Clip] = []
    refused: list[tuple[str, str]] = []
    n_duplicates = 0
    for number, file in enumerate(files):
        if progress:
            progress(number, len(files))
        try:
            new = _one(lib, project, file, speaker, texts or {}, again)
        except StudioError as error:
            refused.append((file.name, str(error)))
            continue
        n_duplicates += not new
        clips += new
    return Imported(tuple(clips), tuple(refused), n_duplicates)


def _one(
    lib: Library, project: Project, file: Path, speaker: str, texts: Mapping[str, str], again: bool
) -> list[Clip]:
    """The new clips of one file; none when the project has its sound already."""
    if not file.exists():
        raise BadInput(f"{file.name} does not exist; check the path.")
    parts = [Found(file, texts[file.name])] if file.name in texts else beside(file)
    if parts[0].problem:
        raise BadInput(parts[0].problem)
    if any(part.words or part.end is not None for part in parts):
        return _with_times(lib, project, file, parts, speaker, again)
    seconds = info(file).seconds
    if seconds > MAX_SECONDS:
        raise BadInput(
            f"{file.name} lasts {seconds / 60:.0f} minutes: a long recording, not a take of at most "
            f"{MAX_SECONDS / 60:.0f} minutes. Cut it first."
        )
    read(file)
    sha256 = sha256_of(file)
    if not again and lib.clips.with_hash(project.id, sha256):
        return []
    return [enter_import(lib, project, file, sha256, _prompt(lib, project, parts[0].text), speaker).clip]


def _with_times(lib: Library, project: Project, file: Path, parts: Sequence[Found], speaker: str,
                again: bool) -> list[Clip]:
    """A file whose transcript tells when what was said: one clip a part, by the same way as many files."""
    item = item_of("0", parts, safe_name(speaker or "me", "speaker's name"))
    known = set() if again else {number_of(sha256) for sha256 in lib.arrivals.hashes(project.id)}
    mark = uuid.uuid4().hex[:8]
    row = row_of(item, lib.root.path, project.slug, mark, Seen(known))
    if "error" in row:
        raise BadInput(row["error"])
    if "same" in row:
        return []
    return [lib.clips.get(clip_id) for clip_id in arrivals.enter(lib, project, f"direct-{mark}", [row])]


def _prompt(lib: Library, project: Project, text: str | None) -> int | None:
    said = " ".join((text or "").split())
    if not said:
        return None
    found = lib.prompts.with_text(project.id, said)
    if found is None:
        lib.prompts.add(project.id, [(said, "imported")], language=project.language)
        found = lib.prompts.with_text(project.id, said)
    return found.id if found else None
