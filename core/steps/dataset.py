"""Dataset: a frozen snapshot of accepted takes, split so that nothing leaks, with a fingerprint that runs
record."""
from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core import manifest
from core.audio.write import export_clip
from core.datasets import rehearsal
from core.datasets.split import SPLITS, Shares, split
from core.errors import BadInput, NotFound, Refused
from core.files import safe_name, write_json
from core.library import Dataset, Library, Project, View
from core.steps import fresh_guard, history, speakers
from core.text.convert import leftovers
from core.types import Row, Word


class Options(BaseModel):
    """What a snapshot is made of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="", description="Name of the dataset; empty: a number.", max_length=60)
    val_share: float = Field(
        default=0.1, ge=0.02, le=0.4, description="Share to watch while training (samples, best checkpoint).")
    test_share: float = Field(
        default=0.35, ge=0.05, le=0.6, description="Share that only the verdict reads, once.")
    split_by: Literal["auto", "prompt", "speaker", "recording"] = Field(
        default="auto", description="auto: by speaker from three speakers on, else by prompt; recording: the "
                                    "clips of one recording stay together.")
    hold_out: tuple[str, ...] = Field(
        default=(), description="Names of takes for the test part, * stands for anything.")
    rehearsal_share: float = Field(
        default=0.6, ge=0, le=0.9,
        description="Share of the ordinary sentences that training rehearses, so that it does not forget "
                    "them; the others judge.")
    seed: int = Field(default=1, ge=0, le=10**6, description="Another number divides in another way.")


@dataclass(frozen=True)
class Draft:
    """What a snapshot would hold: the rows to learn from and judge by, ordinary ones that judge alone, names
    of takes by clip id, and how they were divided."""

    rows: list[Row]
    regression: list[Row]
    names: dict[str, str]
    how: str


@dataclass(frozen=True)
class Made:
    """A snapshot, its counts and sentences about it."""

    dataset: Dataset
    counts: dict[str, Any]
    notes: tuple[str, ...]


def make(lib: Library, project: Project, options: Options | None = None) -> Made:
    """Freeze the accepted takes. Raises Refused with a sentence for what cannot be split or must not be
    learned."""
    options = options or Options()
    name = safe_name(options.name or _next_name(lib, project), "dataset name")
    folder = lib.root.project(project.slug) / "datasets" / name
    if folder.exists():
        raise BadInput(f"There is already a dataset called “{name}” in this project; choose another name.")
    drafted = draft(lib, project, folder, options)
    learned, regression = drafted.rows, drafted.regression
    if project.template == "numbers":
        _no_digits(learned, drafted.names, project.language)
    fingerprint = manifest.fingerprint(learned)
    counts = {**counted(learned), "rehearsed": len(learned) - len(drafted.names),
              "regression": {"clips": len(regression), "words": sum(len(r.text.split()) for r in regression)}}
    manifest.write(folder, learned)
    if regression:
        manifest.write(folder / "regression", [_moved(r, folder, folder / "regression") for r in regression])
    heard = speakers.records(lib, project, {row.speaker for row in [*learned, *regression]})
    history.write(lib, project, folder, [row.id for row in [*learned, *regression]])
    write_json(folder / "dataset.json", {"name": name, "fingerprint": fingerprint, "counts": counts,
                                         "how": drafted.how, "options": options.model_dump(),
                                         "speakers": heard, **asked_for(lib, project, learned)})
    stored = lib.datasets.add(project.id, name, str(folder.relative_to(lib.root.path)), fingerprint, counts)
    return Made(stored, counts, (drafted.how, *_notes(counts), *_fresh_notes(lib, project),
                                *_consent_notes(lib, project, heard)))


def draft(lib: Library, project: Project, folder: Path, options: Options | None = None) -> Draft:
    """What a snapshot in `folder` would hold now; writes nothing. Refused for what cannot be split."""
    options = options or Options()
    rows, names = _accepted(lib, project, folder)
    ordinary = _ordinary(lib, project, folder)
    shares = Shares(options.val_share, options.test_share, options.seed, options.split_by, options.hold_out)
    divided, how = split(rows, shares, names)
    rehearsed, regression = rehearsal.divide(ordinary, divided, options.rehearsal_share, shares)
    return Draft([*divided, *rehearsed], regression, names, how)


def asked_for(lib: Library, project: Project, rows: Sequence[Row]) -> dict[str, Any]:
    """What a verdict on `rows` needs of their project: the kinds of the prompts, the words for the digits."""
    asked = {row.prompt_id for row in rows}
    kinds = {str(p.id): p.grp for p in lib.prompts.of(project.id) if str(p.id) in asked and p.grp}
    return {"kinds": kinds, "digits": list(project.digit_words or ())}


def current(lib: Library, project: Project) -> Dataset | None:
    """The newest snapshot, if it still says what the accepted takes say; else None."""
    try:
        newest = lib.datasets.get(project.id)
        folder = lib.root.path / newest.folder
        accepted, _ = _accepted(lib, project, folder)
        now = [*accepted, *_ordinary(lib, project, folder)]
        then = manifest.read(folder)
        if (folder / "regression" / manifest.NAME).exists():
            then += manifest.read(folder / "regression")
    except NotFound:
        return None
    return newest if _said(now) == _said(then) else None


def _said(rows: Sequence[Row]) -> set[tuple[Any, ...]]:
    """What makes two snapshots the same: clips, texts, and the times of their words, from which some models
    learn."""
    return {(r.id, r.text, r.start, r.end, r.words) for r in rows}


def _next_name(lib: Library, project: Project) -> str:
    taken = {d.name for d in lib.datasets.of(project.id)}
    folder = lib.root.project(project.slug) / "datasets"  # one that broke off may lie there without a row
    names = (f"dataset-{n}" for n in itertools.count(1))
    return next(name for name in names if name not in taken and not (folder / name).exists())


def _accepted(lib: Library, project: Project, folder: Path) -> tuple[list[Row], dict[str, str]]:
    accepted = _free(lib, project, lib.clips.views(project.id, role="target", decision="accepted"))
    views = [view for view in accepted if (view.text or "").strip()]  # an undo may have taken the text back
    times = _times(lib, project)
    rows = [row_of(lib, view, view.text or "", folder, project, times) for view in views]
    return rows, {v.clip.id: v.clip.name for v in views}


def _times(lib: Library, project: Project) -> dict[int, tuple[Word, ...]]:
    """The words with their times by transcript."""
    return {key: found.words for key, found in lib.word_times.of_project(project.id).items()}


def row_of(lib: Library, view: View, text: str, folder: Path, project: Project,
           times: Mapping[int, tuple[Word, ...]] | None = None) -> Row:
    """A clip as a row of the manifest in `folder`, not divided yet; with the `times` of its transcript where
    that is what is said."""
    clip = view.clip
    words = (times or {}).get(clip.transcript_id or 0, ()) if view.text == text else ()
    audio = os.path.relpath(lib.root.path / clip.audio, folder)
    return Row(id=clip.id, audio=audio, start=clip.start, end=clip.end, sample_rate=clip.sample_rate,
               text=text, split="train", words=words,
               speaker=view.speaker or "", prompt_id=str(clip.prompt_id or ""), language=project.language,
               sha256=clip.sha256)


def _ordinary(lib: Library, project: Project, folder: Path) -> list[Row]:
    """Ordinary sentences: the prompt is the reference, whatever a model heard, so that none is left out for
    being hard."""
    views = _free(lib, project, lib.clips.views(project.id, role="regression"))
    times = _times(lib, project)
    return [row_of(lib, v, v.prompt, folder, project, times) for v in views
            if v.clip.decision != "rejected" and v.prompt]


def _free(lib: Library, project: Project, views: Sequence[View]) -> list[View]:
    """Without the clips of speakers who took their consent back, and without those of a fresh test."""
    withdrawn, is_kept_apart = speakers.withdrawn(lib, project), fresh_guard.keeps_apart(lib, project)
    return [view for view in views if view.clip.speaker_id not in withdrawn and not is_kept_apart(view)]


def _fresh_notes(lib: Library, project: Project) -> list[str]:
    """How many accepted takes are left out because a fresh test needs what they say."""
    is_kept_apart = fresh_guard.keeps_apart(lib, project)
    n = sum(is_kept_apart(view) for view in lib.clips.views(project.id, role="target", decision="accepted"))
    return [f"Takes left out, because a fresh test asks for their numbers: {n}."] if n else []


def _consent_notes(lib: Library, project: Project, heard: Sequence[dict[str, Any]]) -> list[str]:
    names = {speaker.id: speaker.name for speaker in lib.speakers.of(project.id)}
    gone = sorted(names[found] for found in speakers.withdrawn(lib, project))
    notes = [f"Left out, because the consent was taken back: {', '.join(gone)}."] if gone else []
    missing = sorted(one["name"] for one in heard if one["consent"] is None)
    if missing and lib.consents.text_of(project.id):
        notes.append(f"No consent is recorded for: {', '.join(missing)}.")
    return notes


def _moved(row: Row, old: Path, new: Path) -> Row:
    """`row` with its audio path seen from another folder."""
    return replace(row, audio=os.path.relpath(old / row.audio, new))


def _no_digits(rows: Sequence[Row], names: dict[str, str], language: str) -> None:
    bad = [(names.get(r.id, "an ordinary sentence"), r.text) for r in rows if leftovers(r.text, language)]
    if bad:
        raise Refused(
            f"{len(bad)} of {len(rows)} accepted texts still hold digits or signs, for example "
            f"{bad[0][0]}: “{bad[0][1]}”. A Numbers dataset teaches words: convert them on the Review tab "
            "(or with `app.py convert`), then try again."
        )


def counted(rows: Sequence[Row]) -> dict[str, Any]:
    """Clips and seconds of each part."""
    return {part: {"clips": sum(r.split == part for r in rows),
                   "seconds": round(sum(r.seconds for r in rows if r.split == part), 1)} for part in SPLITS}


def _notes(counts: dict[str, Any]) -> list[str]:
    notes = []
    if counts["test"]["clips"] < 20:
        notes.append(f"The test part holds {counts['test']['clips']} takes: a verdict on fewer than 20 "
                     "proves little.")
    if counts["rehearsed"]:
        notes.append(f"{counts['rehearsed']} ordinary sentences are rehearsed in training, so that they are "
                     f"not forgotten; {counts['regression']['clips']} others judge.")
    if not counts["regression"]["clips"]:
        notes.append("There are no ordinary sentences to check against, so harm to other speech will read "
                     "“not measured”.")
    return notes


def export(lib: Library, project: Project, name: str | None = None, rate: int = 16000) -> Path:
    """Write a snapshot as mono PCM16 WAV files at `rate` Hz with its manifest; originals are untouched.
    Returns the folder."""
    if rate not in (16000, 24000):
        raise BadInput(f"Exports are written at 16000 or 24000 Hz, not {rate}.")
    dataset = lib.datasets.get(project.id, name)
    source = lib.root.path / dataset.folder
    out = lib.root.project(project.slug) / "exports" / f"{dataset.name}-{rate // 1000}k"
    rows = []
    for row in manifest.read(source):
        target = out / row.split / f"{row.id}.wav"
        export_clip(source / row.audio, target, row.start, row.end, rate)
        rows.append(Row(**{**row.__dict__, "audio": str(target.relative_to(out)), "start": 0.0,
                           "end": row.seconds, "sample_rate": rate}))
    manifest.write(out, rows)
    history.write(lib, project, out, [row.id for row in rows])
    write_json(out / "speakers.json", speakers.records(lib, project, {row.speaker for row in rows}))
    return out


def options(**values: Any) -> Options:
    """Options from a form or a command; BadInput names what does not fit."""
    try:
        return Options(**values)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadInput(f"The option “{'.'.join(str(p) for p in first['loc'])}” cannot be "
                       f"“{first.get('input')}”: {first['msg']}.") from error
