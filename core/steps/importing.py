"""Import what exists: originals are kept byte for byte; a bad file is named with its reason and the rest goes
on."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.audio.read import info, read
from core.errors import BadInput, StudioError
from core.files import sha256_of, walk_files
from core.library import Clip, Library, Project
from core.steps.record import MAX_SECONDS, enter_import
from core.text.scripts import read_script

ENDINGS = (".wav", ".flac", ".ogg", ".mp3", ".m4a", ".webm", ".mp4", ".opus", ".aac")


@dataclass(frozen=True)
class Imported:
    """What came in; `refused` holds (file name, sentence)."""

    clips: tuple[Clip, ...]
    refused: tuple[tuple[str, str], ...]
    n_duplicates: int


def import_files(lib: Library, project: Project, paths: Sequence[Path], speaker: str = "",
                 who: str = "command",
                 texts: Mapping[str, str] | None = None, progress: Callable[[int, int], None] | None = None,
                 again: bool = False) -> Imported:
    """Import files and folders as takes.

    What was said comes from `texts` (file name -> text) or from a sidecar NAME.txt, and becomes the take's
    prompt.
    A file whose audio the project has already is counted, not imported twice (unless `again`).
    """
    files = [f for path in paths for f in (walk_files(path, ENDINGS) if path.is_dir() else [path])]
    if not files:
        raise BadInput(f"There is no audio file to import ({', '.join(ENDINGS)}) in what was named.")
    clips: list[Clip] = []
    refused: list[tuple[str, str]] = []
    n_duplicates = 0
    for number, file in enumerate(files):
        if progress:
            progress(number, len(files))
        try:
            clip = _one(lib, project, file, speaker, texts or {}, again)
        except StudioError as error:
            refused.append((file.name, str(error)))
            continue
        n_duplicates += clip is None
        clips += [clip] if clip else []
    return Imported(tuple(clips), tuple(refused), n_duplicates)


def _one(
    lib: Library, project: Project, file: Path, speaker: str, texts: Mapping[str, str], again: bool
) -> Clip | None:
    if not file.exists():
        raise BadInput(f"{file.name} does not exist; check the path.")
    seconds = info(file).seconds
    if seconds > MAX_SECONDS:
        raise BadInput(
            f"{file.name} lasts {seconds / 60:.0f} minutes: a long recording, not a take of at most "
            f"{MAX_SECONDS / 60:.0f} minutes. Cut it first."
        )
    read(file)
    if not again and lib.clips.with_hash(project.id, sha256_of(file)):
        return None
    prompt_id = _prompt(lib, project, _said(file, texts))
    return enter_import(lib, project, file, prompt_id, speaker).clip


def _said(file: Path, texts: Mapping[str, str]) -> str | None:
    if file.name in texts:
        return texts[file.name]
    sidecar = file.with_suffix(".txt")
    if not sidecar.exists():
        return None
    lines = read_script(sidecar.read_bytes(), sidecar.name).drafts
    return " ".join(d.text for d in lines) or None


def _prompt(lib: Library, project: Project, text: str | None) -> int | None:
    said = " ".join((text or "").split())
    if not said:
        return None
    found = lib.prompts.with_text(project.id, said)
    if found is None:
        lib.prompts.add(project.id, [(said, "imported")], language=project.language)
        found = lib.prompts.with_text(project.id, said)
    return found.id if found else None
