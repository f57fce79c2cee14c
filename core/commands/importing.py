"""The commands for recordings that exist: import them, or only see how many they are."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.commands.given import Data, library
from core.commands.told import Tell, Told
from core.config import DEFAULT_DATA
from core.errors import BadInput

if TYPE_CHECKING:
    from core.library import Library, Project
    from core.run_dir import RunDir


def import_(tell: Tell, project: str,
            files: Annotated[list[Path], typer.Argument(help="Sounds, folders, tables.")],
            speaker: Annotated[str, typer.Option(help="Who speaks.")] = "",
            texts: Annotated[Path | None,
                             typer.Option(help="JSON: file -> what was said, or [{file, text}].")] = None,
            accept: Annotated[bool, typer.Option(help="What was said is the transcript: accept it.")] = False,
            background: Annotated[bool, typer.Option(help="Return at once (folders, tables).")] = False,
            data: Data = DEFAULT_DATA) -> Told:
    """Import recordings; a file NAME.txt, .json, .srt or .vtt beside each (or --texts) says what was said.

    Folders, tables (metadata.csv, manifests ...) and over 200 files are a run, which outlives this command.
    """
    from core.steps import importing

    lib = library(data)
    chosen = lib.projects.get(project)
    said = _texts(texts) if texts else {}
    if background or importing.is_many(files):
        run = importing.start_import(lib, chosen, files, speaker or "me", said, accept)
        if background:
            return Told({"run": run.id}, f"{run.id} goes on by itself; `app.py runs` tells how far it is.")
        return _after(run, lib, chosen, tell)
    result = importing.import_files(lib, chosen, files, speaker or "me", texts=said)
    if accept:
        from core.steps.review import use_prompts

        use_prompts(lib, chosen, [lib.clips.view(c.id) for c in result.clips], "command")
    return _imported(len(result.clips), result.n_duplicates, result.refused, tell)


def _after(run: RunDir, lib: Library, project: Project, tell: Tell) -> Told:
    """What a run brought, once it has ended."""
    from core.steps import story
    from core.steps.importing import brought
    from core.steps.ingest import ingest

    story.finished(run, tell)
    ingest(lib, project)
    came = brought(run)
    return _imported(came.n_clips, came.n_duplicates, came.refused, tell, run=run.id)


def _imported(n_clips: int, n_duplicates: int, refused: Sequence[tuple[str, str]], tell: Tell,
              **more: str) -> Told:
    tell_of(refused, tell)
    return Told({"imported": n_clips, "duplicates": n_duplicates, "refused": refused, **more},
                f"{n_clips} takes imported, {n_duplicates} were there already, {len(refused)} refused.",
                code=1 if refused and not n_clips else 0)


def tell_of(refused: Iterable[tuple[str, str]], tell: Tell) -> None:
    """A line for each file that was refused, with its name once."""
    for name, sentence in refused:
        tell(f"{name}: {sentence}" if name not in sentence else sentence)


def _texts(path: Path) -> dict[str, str]:
    from core.files import read_json

    if not path.is_file():
        raise BadInput(f"{path} does not exist; check the path.")
    raw = read_json(path)
    try:
        said = raw if isinstance(raw, dict) else {row["file"]: row["text"] for row in raw}
    except (KeyError, TypeError) as error:
        raise BadInput(f"{path.name} must be a JSON object file -> text, or [{{file, text}}].") from error
    if odd := [name for name, text in said.items() if not isinstance(text, str)]:
        raise BadInput(f"{path.name} gives no text for {odd[0]}: put what was said in quotes.")
    return said
