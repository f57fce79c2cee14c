"""A long recording and its text, without a project: aligned into a folder, which is gone on with when asked
again."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.audio.header import info
from core.config import DEFAULT_DATA, STARTER, DataRoot
from core.datasets.formats.base import Found
from core.datasets.formats.writers import WRITERS
from core.errors import NotFound, Refused
from core.families import family_of
from core.files import append_jsonl, sha256_of, write_json
from core.library import Library
from core.run_dir import FINAL, RunDir
from core.runs import listing
from core.runs.start import resume
from core.runs.start import start as start_run
from core.steps.known_words import given
from core.steps.recordings import LONGEST, Options, source
from core.steps.transcribe import model_named
from core.text import documents
from core.types import Word

LABELS = ("textgrid", "audacity", "srt")


@dataclass(frozen=True)
class Aligned:
    """What came of it: the report (figures and sentences), and the files that were written."""

    report: dict[str, Any]
    files: tuple[Path, ...]


def start(audio: Path, text: Path, out: Path, model: str = "", device: str = "auto", language: str = "en",
          anchors: Sequence[Path] = (), options: Options | None = None, listeners: Sequence[str] = ()
          ) -> RunDir:
    """Begin in the background, below `out`, or go on with what was begun there; returns at once.

    `text` is a txt or docx file, or a folder with one file a section; `anchors` are SRT, WebVTT, TextGrid or
    Audacity files of this recording; `listeners` other models that hear it, too (NAME or NAME:LANGUAGE).
    Raises BadInput for what cannot be read.
    """
    about = source("recording", audio.name, audio, sha256_of(_sound(audio)), info(audio, LONGEST).seconds)
    files = sorted(each for each in text.iterdir() if each.is_file()) if text.is_dir() else [text]
    sections = documents.read_all(files)
    order = {"project": "align", "device": device, "language": language, **_engine(model, language),
             "options": (options or Options()).model_dump(), "recordings": [about],
             "sections": [{"id": at, "name": each.name, "text": each.text, "start": each.start,
                           "recording": "recording"} for at, each in enumerate(sections)],
             "anchors": {"recording": [row for path in anchors for row in given(path, audio)]},
             "listeners": [_listener(named) for named in listeners]}
    root = DataRoot(out.resolve())
    for card in listing.runs(root, "align", "segment"):
        if {name: card.order.get(name) for name in order} == order:
            return _again(card.run)
    return start_run(root, "align", "segment", order)


def _again(run: RunDir) -> RunDir:
    """The run itself, which goes on where it was cut off."""
    state = run.state()
    if state == "lost" or (state in FINAL and state != "done"):
        resume(run)
    return run


def _sound(path: Path) -> Path:
    if not path.is_file():
        raise NotFound(f"There is no file {path}: check the path.")
    return path


def _engine(model: str, language: str) -> dict[str, str]:
    if model:
        folder = Path(model)
        return {"family": family_of(folder).name, "model": str(folder.resolve())}
    if not language.lower().startswith("en"):
        raise Refused(f"No model for the language “{language}” ships with the app: name the folder of a CTC "
                      "model (Wav2Vec2, MMS) with --model.")
    return {"family": "ctc", "model": str(STARTER)}


def _listener(named: str) -> dict[str, str]:
    """A listener as an order names it: a folder, a model of the usual data folder or a size of Whisper, and
    perhaps a language behind it. NotFound for none of these."""
    bare, _, language = named.rpartition(":")
    name, language = (named, "") if not bare or Path(named).is_dir() else (bare, language)
    usual = DataRoot(DEFAULT_DATA)
    choice = model_named(Library(usual), name)
    is_size = choice.where == "whisper"  # its weights lie where the page keeps them, not below `out`
    path = str(usual.models / choice.family / choice.path) if is_size else choice.path
    return {"family": choice.family, "model": path, "language": language}


def write(run: RunDir, audio: Path, out: Path) -> Aligned:
    """Write report.json, segments.jsonl and labels for Praat, Audacity and subtitle editors into `out`."""
    rows = run.results()[0]
    segments = [one for row in rows for one in row["segments"]]
    report = {"message": run.status().message, **run.status().figures, "run": run.id,
              "stretches": rows[0]["stretches"], "sentences": rows[0]["sentences"]}
    write_json(out / "report.json", report)
    listed = out / "segments.jsonl"
    listed.unlink(missing_ok=True)
    append_jsonl(listed, ({name: one[name] for name in ("start", "end", "text", "kind", "words", "figures")}
                          for one in segments))
    sound = _beside(audio, out)
    found = [Found(sound, one["text"], tuple(Word(*word) for word in one["words"]), start=one["start"],
                   end=one["end"]) for one in segments]
    for name in LABELS:
        WRITERS[name].write(out, found)
    labels = [path for path in sorted(out.glob(f"{sound.stem}.*")) if path != sound]
    return Aligned(report, (out / "report.json", listed, *labels))


def _beside(audio: Path, out: Path) -> Path:
    """The sound's name in `out`, where its labels are: programs that show them look for it there."""
    sound = out / audio.name
    if sound.resolve() != audio.resolve():
        sound.unlink(missing_ok=True)
        sound.symlink_to(audio.resolve())
    return sound
