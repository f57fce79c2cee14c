"""Open a model or a run and have it diagnosed on some clips. Loads the model, so it runs in a process of its
own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core import manifest
from core.audio.read import info
from core.errors import Refused, StudioError
from core.families import named
from core.families.base import Example, Prepared, Trains
from core.families.base.tuned import open_tuned
from core.modelling import checkpoint_folder, devices
from core.run_dir import RunDir
from core.training import options as training_options
from core.training.diagnosing import Diagnosis, diagnose
from core.training.loading import load_base
from core.types import Row, Word

MOST_CLIPS = 4
"""Of the clips that a run left out so many go through again."""


@dataclass(frozen=True)
class _Opened:
    """`state` says in a sentence what was opened."""

    model: Any
    prepared: Prepared
    base: Path
    state: str


def diagnosed(order: dict[str, Any]) -> tuple[Diagnosis, tuple[str, ...]]:
    """What is found in `order["model"]`, a folder or a run, of the family `order["family"]`, and in sentences
    which state of it that was and where it was computed.

    `order["clips"]` are rows {id, audio, start, end, text}; without any those that a run left out, or its
    first one, or `order["known"]`, one that everybody has. `checkpoint`, `device` and `precision` as asked.
    """
    family, folder = named(order["family"]), Path(order["model"])
    if not isinstance(family, Trains) or not folder.is_dir():
        raise Refused(f"{folder.name} ({family.title}) cannot be looked into layer by layer: this takes the"
                      " folder of a model that can be trained here, or a run.")
    choice = devices.choose(order["device"], order["precision"], training=True)
    is_run = (folder / "run.json").exists()
    opened = (_run(family, RunDir(folder), order["checkpoint"]) if is_run else
              _Opened(*load_base(family, folder), folder, "The folder was looked at as it is."))
    rows = [_row(clip) for clip in order["clips"]] or (_left_out(RunDir(folder)) if is_run else [])
    examples = [_example(family, row, opened, not order["clips"])
                for row in rows or [_row(order["known"])]]
    model = opened.model.eval().to(choice.device)
    found = diagnose(family, model, examples, opened.prepared, is_run, choice.precision == "bf16")
    return found, (opened.state, choice.sentence)


def _run(family: Trains, run: RunDir, which: str) -> _Opened:
    """Base and adapter of a checkpoint; of a run that has none as it began."""
    if checkpoint_folder.names(run.path):
        tuned = open_tuned(family, run.path, which)
        return _Opened(tuned.model, tuned.prepared, tuned.base,
                       f"The checkpoint of step {tuned.step} was looked at.")
    order = run.order()
    base, rows = Path(order["base"]), manifest.read(Path(order["dataset"]))
    options = training_options.resolve(family, str(order.get("preset") or ""), order.get("options"))
    prepared = family.prepare([row for row in rows if row.split == "train"], base, options)
    return _Opened(family.load(base, prepared, options), prepared, base,
                   "The run was looked at as it began, since it has no checkpoint.")


def _left_out(run: RunDir) -> list[Row]:
    """The clips that the run left out because of numbers that were none, the last ones first; else its first
    training clip; none where the dataset is gone."""
    folder = Path(run.order()["dataset"])
    try:
        rows = {row.id: row for row in manifest.read(folder) if row.split == "train"}
    except StudioError:
        return []
    skipped = [row["ids"] for row in reversed(run.history()) if row["kind"] == "skipped"]
    ids = dict.fromkeys(clip for ids in skipped for clip in ids if clip in rows)
    return [replace(rows[clip], audio=str(folder / rows[clip].audio))
            for clip in (list(ids) or list(rows)[:1])[:MOST_CLIPS]]


def _row(clip: dict[str, Any]) -> Row:
    path = Path(clip["audio"])
    about = info(path)
    end = min(about.seconds, clip.get("end") or about.seconds)
    return Row(str(clip["id"]), str(path.resolve()), clip.get("start") or 0.0, end, about.rate,
               clip.get("text") or "", "train")


def _example(family: Trains, row: Row, opened: _Opened, may_be_mute: bool) -> Example:
    """A clip as it is learned. Where nobody gave its text, a model that cannot write it hears it without."""
    if not row.words:
        row = replace(row, words=spread(row.text, row.seconds))
    encoded = family.encode(row, Path("/"), opened.base)
    try:
        return family.example(row, encoded, opened.prepared)
    except StudioError:
        if not may_be_mute:
            raise
        return family.example(replace(row, text="", words=()), encoded, opened.prepared)


def spread(text: str, seconds: float) -> tuple[Word, ...]:
    """The words of `text` laid evenly over `seconds`: a model that learns when words are said needs times,
    and which ones does not matter here."""
    words = text.split()
    long = seconds / max(1, len(words))
    return tuple(Word(word, at * long, (at + 1) * long, None) for at, word in enumerate(words))
