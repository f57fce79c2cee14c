"""Export: clips as a folder in a format of the field, whole or not at all; one that broke off goes on."""
from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core import manifest
from core.audio.write import export_clip, keep_original
from core.datasets.formats import Found
from core.datasets.formats.writers import LABELS, WRITERS, Writer
from core.errors import BadInput, Refused, StudioError, Unavailable
from core.files import write_json
from core.library import Brief, Library, Project
from core.steps import history, speakers
from core.steps.export_folder import writing
from core.types import Row, Word

RATES = (16000, 24000)
WHAT = ("accepted", "all", "dataset")
Tick = Callable[[int, int], None]


@dataclass(frozen=True)
class Exported:
    """What an export wrote, and a sentence for each clip or group of clips that stayed out."""

    folder: Path
    n_clips: int
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Piece:
    """A clip to write: `found.audio` is its source, `part` the folder of its split ("": there is none)."""

    id: str
    name: str
    found: Found
    part: str = ""


def export(lib: Library, project: Project, form: str, what: str = "accepted", name: str | None = None,
           out: Path | None = None, rate: int = 16000, tick: Tick | None = None) -> Exported:
    """Write clips in the format `form`; `what` is accepted, all (but the rejected) or dataset (`name`).

    Sounds are cut to mono 16-bit WAV at `rate` Hz; the formats of labels get the recordings as they are. The
    parts of a dataset are folders. The same call goes on where another was cut off, and `tick` hears of
    (clips done, clips). Raises Refused for a folder that holds anything else than an older export, and for
    clips that the format cannot carry.
    """
    writer = _writer(form, what, rate)
    pieces, title = _pieces(lib, project, what, name)
    pieces, left_out = _fitting(_agreed(lib, project, pieces), writer, form)
    folder = (out or lib.root.project(project.slug) / "exports" / f"{title}-{form}").absolute()
    about = {"project": project.name, "format": form, "what": what, "name": title, "rate": rate}
    with writing(folder, about, repr(pieces)) as half:
        written, bad = _sounds(half, pieces, writer, form, rate, tick or (lambda done, n: None))
        for part in dict.fromkeys(piece.part for piece in written) or [""]:
            writer.write(half / part, [piece.found for piece in written if piece.part == part])
        _beside(lib, project, half, written)
    return Exported(folder, len(written), (*left_out, *bad))


def _writer(form: str, what: str, rate: int) -> Writer:
    if form not in WRITERS:
        raise BadInput(f"“{form}” is no format to export; choose one of {', '.join(WRITERS)}.")
    if what not in WHAT:
        raise BadInput(f"“{what}” cannot be exported; choose one of {', '.join(WHAT)}.")
    if rate not in RATES:
        raise BadInput(f"Exports are written at 16000 or 24000 Hz, not {rate}.")
    return WRITERS[form]


def _pieces(lib: Library, project: Project, what: str, name: str | None) -> tuple[list[Piece], str]:
    """The clips, and what the folder is called after."""
    times = {key: found.words for key, found in lib.word_times.of_project(project.id).items()}
    rows = lib.clips.briefs(project.id)
    if what != "dataset":
        wanted = ("accepted",) if what == "accepted" else ("accepted", "todo")
        return [_piece(lib, project, row, times) for row in rows if row.decision in wanted], what
    dataset = lib.datasets.get(project.id, name)
    folder, now = lib.root.path / dataset.folder, {row.id: row for row in rows}
    return [_frozen(folder, row, now.get(row.id), times) for row in manifest.read(folder)], dataset.name


def _agreed(lib: Library, project: Project, pieces: list[Piece]) -> list[Piece]:
    """Without the clips of speakers who took their consent back."""
    withdrawn = speakers.withdrawn(lib, project)
    gone = {one.name for one in lib.speakers.of(project.id) if one.id in withdrawn}
    return [piece for piece in pieces if piece.found.speaker not in gone]


def _frozen(folder: Path, row: Row, clip: Brief | None, times: dict[int, tuple[Word, ...]]) -> Piece:
    """A row of a dataset; its word times are those of the clip, where that still says the same."""
    same = clip and (clip.text, clip.start, clip.end) == (row.text, row.start, row.end)
    words = row.words or (times.get(clip.transcript_id or 0, ()) if clip and same else ())
    audio = Path(os.path.normpath(folder / row.audio))
    found = Found(audio, row.text, words, row.speaker, row.language, row.start, row.end, id=row.id)
    return Piece(row.id, clip.name if clip else row.id, found, row.split)


def _piece(lib: Library, project: Project, row: Brief, times: dict[int, tuple[Word, ...]]) -> Piece:
    words = times.get(row.transcript_id or 0, ())
    found = Found(lib.root.path / row.audio, row.text or "", words, row.speaker or "", project.language,
                  row.start, row.end, id=row.id)
    return Piece(row.id, row.name, found)


def _fitting(pieces: list[Piece], writer: Writer, form: str) -> tuple[list[Piece], list[str]]:
    """The clips that the format can carry, and sentences about the others."""
    told = []
    kept = [piece for piece in pieces if piece.found.text.strip()]
    if n_mute := len(pieces) - len(kept):
        told.append(f"{n_mute} clips have no text and stayed out.")
    odd = [piece for piece in kept if any(sign in piece.found.text for sign in writer.never)]
    if odd:
        raise Refused(f"The text of {odd[0].name} holds “{writer.never}”, which {form} has no way to write: "
                      "change the text, or choose another format.")
    timed = [piece for piece in kept if piece.found.words or not writer.needs_words]
    if len(timed) < len(kept):
        told.append(f"{len(kept) - len(timed)} clips have no word times, which {form} is made of, and stayed "
                    "out: align them first.")
    if kept and not timed:
        raise Refused(f"No clip has word times, which {form} is made of: align them first, on the Review tab "
                      "or with `app.py words`.")
    return timed, told


def _sounds(half: Path, pieces: Sequence[Piece], writer: Writer, form: str, rate: int,
            tick: Tick) -> tuple[list[Piece], list[str]]:
    """Write the sounds that are not there yet; the clips as they lie now, and a sentence a bad sound."""
    written, bad = [], []
    names = sound_names((piece.part, piece.found.audio, piece.name) for piece in pieces)
    for n, piece in enumerate(pieces):
        tick(n, len(pieces))
        home = half / piece.part / writer.sounds
        one = piece.found
        try:
            if form in LABELS:
                target = home / names[piece.part, one.audio]
                if not target.exists():
                    keep_original(one.audio, target)
                found = replace(one, audio=target)
            else:
                target = home / f"{piece.id}.wav"
                if not target.exists():
                    export_clip(one.audio, target, one.start, one.end, rate)
                found = replace(one, audio=target, start=0.0, end=None)
        except Unavailable:
            raise
        except StudioError as error:
            bad.append(f"{piece.name} stayed out: {error}")
            continue
        written.append(replace(piece, found=found))
    tick(len(pieces), len(pieces))
    return written, bad


def sound_names(sounds: Iterable[tuple[str, Path, str]]) -> dict[tuple[str, Path], str]:
    """A file name for each sound of a part, after the first clip on it; no two have one stem.

    `sounds` are (part, audio, name of a clip on it).
    """
    names: dict[tuple[str, Path], str] = {}
    taken: set[tuple[str, str]] = set()
    for part, audio, name in sounds:
        if (part, audio) in names:
            continue
        plain = re.sub(r"-\d{5}\.\d\d$", "", Path(name).stem)  # where a segment begins
        stem = first = re.sub(r"[^\w. -]", "_", plain).strip(". ") or "sound"
        number = 1
        while (part, stem.casefold()) in taken:
            number += 1
            stem = f"{first}-{number}"
        taken.add((part, stem.casefold()))
        names[part, audio] = f"{stem}{audio.suffix.lower()}"
    return names


def _beside(lib: Library, project: Project, half: Path, pieces: Sequence[Piece]) -> None:
    """Who changed what, and who speaks."""
    history.write(lib, project, half, [piece.id for piece in pieces])
    heard = {piece.found.speaker for piece in pieces}
    write_json(half / "speakers.json", speakers.records(lib, project, heard))
