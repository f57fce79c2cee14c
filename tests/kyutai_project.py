"""A project whose takes a tiny Kyutai STT can learn: one tone a letter, each word with its time."""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.library import Library, Project, WordTimes
from core.steps import importing, projects, review
from tests.core.conftest import make_sound
from tests.tiny_kyutai import LETTER_SECONDS, make_kyutai, words_at

TEXTS = ("six", "one two", "three", "four five", "six one", "two three", "nine", "order one", "is the",
         "my order", "seven", "eight two")
MODEL = "tiny/kyutai"
WHO = "test"


def kyutai_project(lib: Library, folder: Path, name: str = "Tones", texts: Sequence[str] = TEXTS,
                   with_times: bool = True) -> Project:
    """The project, all of its takes accepted; with the words timed unless told otherwise."""
    project = projects.create(lib, name, "blank").project
    files = []
    for i, text in enumerate(texts):
        files.append(folder / f"{name}-{i:02}.wav")
        make_sound(files[-1], text, LETTER_SECONDS)
    said = {path.name: text for path, text in zip(files, texts, strict=True)}
    importing.import_files(lib, project, files, "Ada", WHO, said)
    review.use_prompts(lib, project, lib.clips.views(project.id), WHO)
    if with_times:
        for view in lib.clips.views(project.id):
            words = words_at(view.text or "")
            lib.word_times.put(WordTimes(view.clip.transcript_id or 0, "ctc:starter", words))
    return project


def kyutai_model(lib: Library, layout: str = "candle", name: str = MODEL) -> str:
    """A tiny model among those of the data root; its name."""
    folder = lib.root.models / name
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        make_kyutai(folder, layout)
    return name
